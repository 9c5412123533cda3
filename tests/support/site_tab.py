"""A page of a site in a real browser: what a person sees, and what the browser complains of."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.chromium import Chromium, Tab
from tests.support.npm import NpmFile

AXE = NpmFile(
    package="axe-core",
    version="4.14.1",
    integrity="sha512-FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==",
    path="axe.min.js",
    cached_as="axe-4.14.1.js",
)
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


class SiteTab:
    """A page that is open."""

    def __init__(self, chromium: Chromium, tab: Tab, url: str) -> None:
        self._chromium = chromium
        self._tab = tab
        self._url = url

    def go(self, path: str) -> None:
        """Opens a page of the site."""
        self._tab.events.clear()
        # an address that differs in its end only would be no new page
        self._tab.command("Page.navigate", url="about:blank")
        self._chromium.wait_for("Page.loadEventFired", self._tab)
        self._tab.events.clear()
        self._tab.command("Page.navigate", url=self._url + path)
        self._chromium.wait_for("Page.loadEventFired", self._tab)

    def evaluate(self, script: str) -> Any:  # noqa: ANN401 - any JSON
        return self._tab.evaluate(script)

    def rows(self) -> list[str]:
        """The artifacts that the overview shows."""
        script = "[...document.querySelectorAll('#registry tbody tr')].filter(row => row.checkVisibility())"
        found = self.evaluate(f"{script}.map(row => row.querySelector('th').firstElementChild.textContent.trim())")
        assert isinstance(found, list)
        return found

    def choose(self, name: str, value: str) -> None:
        """Fills in a field of the overview, as a person would."""
        field = f"document.querySelector('#filters').elements[{json.dumps(name)}]"
        self.evaluate(
            f"{field}.value = {json.dumps(value)}; {field}.dispatchEvent(new Event('input', {{bubbles: true}}))"
        )

    def press(self, key: str, text: str = "") -> None:
        """A key goes down and up."""
        for kind in ("keyDown", "keyUp"):
            more = {"text": text} if text and kind == "keyDown" else {}
            self._tab.command("Input.dispatchKeyEvent", type=kind, key=key, code=key, **more)

    def emulate(self, *, dark: bool = False, media: str = "", width: int = 1200, script: bool = True) -> None:
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._tab.command("Emulation.setEmulatedMedia", media=media, features=[scheme])
        screen = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
        self._tab.command("Emulation.setDeviceMetricsOverride", **screen)
        self._tab.command("Emulation.setScriptExecutionDisabled", value=not script)

    @property
    def faults(self) -> list[str]:
        """What went wrong: scripts, what the policy refused, files that are not there, dialogs."""
        found = []
        for name, params in self._tab.events:
            if name == "Log.entryAdded" and params["entry"]["level"] in {"error", "warning"}:
                found.append(str(params["entry"]["text"]))
            elif name in {"Runtime.exceptionThrown", "Page.javascriptDialogOpening"}:
                found.append(name)
        return found

    @property
    def requests(self) -> list[str]:
        return [each["request"]["url"] for name, each in self._tab.events if name == "Network.requestWillBeSent"]

    def violations(self) -> list[str]:
        """What axe-core finds against."""
        self._tab.evaluate(AXE.fetch().read_text())
        options = json.dumps({"runOnly": {"type": "tag", "values": _RULES}})
        found = self._tab.evaluate(f"axe.run(document, {options}).then(found => found.violations)")
        return [f"{each['id']}: {node['html'][:200]}" for each in found for node in each["nodes"]]

    def screenshot(self, path: Path, *, height: int = 0) -> None:
        """Writes a PNG of the page, or of its upper part."""
        width, whole = self._tab.evaluate("[innerWidth, document.documentElement.scrollHeight]")
        clip = {"x": 0, "y": 0, "width": width, "height": height or whole, "scale": 1}
        answer = self._tab.command("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
        path.write_bytes(base64.b64decode(answer["data"]))


@contextmanager
def site_tab(chromium: Chromium, url: str) -> Iterator[SiteTab]:
    """A tab for the pages of a site."""
    with chromium.tab("about:blank", width=1200, timezone="UTC") as tab:
        tab.command("Log.enable")
        found = SiteTab(chromium, tab, url)
        found.emulate()
        yield found
