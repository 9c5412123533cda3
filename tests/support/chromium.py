"""Headless Chromium, told what to do by its DevTools protocol over a pair of pipes: no port, no driver program."""

import base64
import json
import os
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from fcntl import F_DUPFD_CLOEXEC, fcntl
from pathlib import Path
from typing import Any, Final, Self

from tests.support.machine import ENVIRON

_FLAGS: Final = (
    *("--headless", "--disable-gpu", "--hide-scrollbars", "--no-first-run", "--mute-audio"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic"),
    *("--disable-dev-shm-usage", "--force-color-profile=srgb", "--font-render-hinting=none"),
    *("--no-proxy-server", "--remote-debugging-pipe"),
)
# A page must not reach anything, whatever a stranger wrote in it
_NOTHING: Final = "--host-resolver-rules=MAP * ~NOTFOUND"
_END: Final = b"\0"


class ChromiumError(AssertionError):
    """Chromium did not do what it was told."""


def find() -> str:
    """The program, or nothing."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if (found := shutil.which(name, path=ENVIRON["PATH"]))), "")


class Chromium:
    """A process of Chromium with a profile of its own in `folder`.

    Its pages reach nothing, or with `loopback` the servers of the tests.

    :raises ChromiumError: if it cannot be started, or does not answer within `patience` seconds.
    """

    def __init__(self, folder: Path, *, patience: float = 300, loopback: bool = False) -> None:
        self._patience = patience
        self._reach = f"{_NOTHING}, EXCLUDE 127.0.0.1" if loopback else _NOTHING
        self._folder = folder
        self._number = 0
        self._unread = b""
        self.tabs: dict[str, Tab] = {}

    def __enter__(self) -> Self:
        flags = [
            *_FLAGS,
            self._reach,
            f"--user-data-dir={self._folder}",
            *(["--no-sandbox"] if os.geteuid() == 0 else []),
        ]
        commands, self._to = os.pipe()
        self._from, answers = os.pipe()
        # Chromium reads commands from descriptor 3 and writes answers to 4: out of the way of those first
        theirs = [fcntl(descriptor, F_DUPFD_CLOEXEC, 10) for descriptor in (commands, answers)]
        shell = f'exec "$@" 3<&{theirs[0]} 4>&{theirs[1]}'
        self._log = (self._folder.parent / f"{self._folder.name}.log").open("wb")
        self._process = subprocess.Popen(
            ["bash", "-c", shell, "bash", find(), *flags],
            pass_fds=theirs,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            env={"PATH": ENVIRON["PATH"], "HOME": str(self._folder), "LANG": "C.UTF-8"},
            start_new_session=True,
        )
        for descriptor in (commands, answers, *theirs):
            os.close(descriptor)
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(ChromiumError, OSError):
            self.command("Browser.close")
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(10)
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        os.close(self._to)
        os.close(self._from)
        self._log.close()

    def command(self, method: str, *, session: str = "", **params: object) -> dict[str, Any]:
        """What Chromium answers to a command of the protocol."""
        number = self._send(method, session, params)
        deadline = time.monotonic() + self._patience
        while True:
            message = self._message(deadline, method)
            if message.get("id") == number:
                if "error" in message:
                    raise ChromiumError(f"{method}: {message['error']['message']}")
                result: dict[str, Any] = message["result"]
                return result
            self._take(message)

    def wait_for(self, method: str, tab: "Tab") -> None:
        """Returns when the event has come to the tab."""
        deadline = time.monotonic() + self._patience
        while not tab.has(method):
            self._take(self._message(deadline, method))

    def _send(self, method: str, session: str, params: Mapping[str, object]) -> int:
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        data = memoryview(json.dumps(message).encode() + _END)
        while data:
            data = data[os.write(self._to, data) :]
        return self._number

    def _message(self, deadline: float, what: str) -> dict[str, Any]:
        while _END not in self._unread:
            ready, _, _ = select.select([self._from], [], [], max(0, deadline - time.monotonic()))
            if not ready:
                raise ChromiumError(f"Chromium gave no answer to {what} within {self._patience} s: {self._said()}")
            data = os.read(self._from, 1 << 20)
            if not data:
                raise ChromiumError(f"Chromium ended at {what}: {self._said()}")
            self._unread += data
        text, self._unread = self._unread.split(_END, 1)
        message: dict[str, Any] = json.loads(text)
        return message

    def _take(self, message: dict[str, Any]) -> None:
        tab = self.tabs.get(message.get("sessionId", ""))
        if tab is None or "method" not in message:
            return
        tab.events.append((message["method"], message["params"]))
        if message["method"] == "Page.javascriptDialogOpening":  # which would stop everything else
            self._send("Page.handleJavaScriptDialog", tab.session, {"accept": False})

    def _said(self) -> str:
        return "\n".join(Path(self._log.name).read_text(errors="replace").splitlines()[-10:])

    @contextmanager
    def tab(self, address: str, *, width: int, timezone: str) -> Iterator["Tab"]:
        """A page that was loaded, `width` CSS pixels wide, where the clock is that of `timezone`; closed at the end."""
        target = self.command("Target.createTarget", url="about:blank")["targetId"]
        session = self.command("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        tab = self.tabs[session] = Tab(self, session)
        try:
            for domain in ("Page", "Runtime", "Network"):
                tab.command(f"{domain}.enable")
            tab.command("Emulation.setTimezoneOverride", timezoneId=timezone)
            screen = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False}
            tab.command("Emulation.setDeviceMetricsOverride", **screen)
            tab.command("Page.navigate", url=address)
            self.wait_for("Page.loadEventFired", tab)
            yield tab
        finally:
            self.command("Target.closeTarget", targetId=target)
            del self.tabs[session]


class Tab:
    """A tab of Chromium, and what happened in it."""

    def __init__(self, chromium: Chromium, session: str) -> None:
        self._chromium = chromium
        self.session = session
        self.events: list[tuple[str, dict[str, Any]]] = []

    def command(self, method: str, **params: object) -> dict[str, Any]:
        return self._chromium.command(method, session=self.session, **params)

    def has(self, method: str) -> bool:
        return any(name == method for name, _ in self.events)

    def evaluate(self, script: str) -> Any:  # noqa: ANN401 - any JSON
        """The value of a JavaScript expression, waited for if it is a promise.

        :raises ChromiumError: if the script throws.
        """
        answer = self.command("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            details = answer["exceptionDetails"]
            raise ChromiumError(details.get("exception", {}).get("description") or details["text"])
        return answer["result"].get("value")

    def screenshot(self) -> bytes:
        """A PNG of the whole page, as high as it is."""
        width, height = self.evaluate("[innerWidth, document.body.getBoundingClientRect().height]")
        clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
        answer = self.command("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
        return base64.b64decode(answer["data"])
