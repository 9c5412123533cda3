"""The demo: it says where the site is, shows it, and ends when it is told to."""

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.pages import ROOT

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a demo, which does not outlive the test."""
    with ExitStack() as stack:

        def start(*arguments: str) -> "subprocess.Popen[str]":
            demo = subprocess.Popen(
                # What runs in the background of a shell, as this may, is not to end by SIGINT.
                ["env", "--default-signal=INT", sys.executable, str(ROOT / "tools/demo_page.py"), *arguments],
                cwd=tmp_path,
                env={"PATH": os.environ["PATH"], "TMPDIR": str(tmp_path)},
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            stack.callback(demo.kill)
            return demo

        yield start


def address(demo: "subprocess.Popen[str]") -> str:
    """Waits for what it says; it says it as soon as the site can be looked at."""
    assert demo.stdout
    said = []
    for line in demo.stdout:
        said.append(line)
        if found := re.match(r"Look at (http://127\.0\.0\.1:\d+/) ", line):
            return found[1]
    raise AssertionError((said, demo.communicate()))


def test_two_are_looked_at_and_ended(start: Start, tmp_path: Path) -> None:
    demos = [start(), start()]
    urls = [address(demo) for demo in demos]
    assert urls[0] != urls[1]
    for demo, url in zip(demos, urls, strict=True):
        for path, text in (("", "churn"), ("artifacts/models~nlp=sentiment.html", "four languages")):
            with urllib.request.urlopen(url + path, timeout=60) as answer:  # noqa: S310 - it is on the loopback
                assert text in answer.read().decode()
        demo.send_signal(signal.SIGINT)
        assert demo.communicate(timeout=60)[1] == ""
        assert demo.returncode == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("curl")
def test_the_page_about_it_can_be_tried(start: Start, tmp_path: Path) -> None:
    """The commands of docs/page.md, by a real curl: the demo is a host with ETags."""
    demo = start()
    url = address(demo).rstrip("/")
    first, again = re.findall(r"^```bash\n(.*?)^```", (ROOT / "docs/page.md").read_text(), re.MULTILINE | re.DOTALL)
    machine = tmp_path / "machine"
    machine.mkdir()
    (machine / "deploy.sh").write_text('#!/bin/sh\necho "$1" >> deployed\n')
    (machine / "deploy.sh").chmod(0o755)
    first = re.sub("^site=.*", f"site={url}", first)

    def run(script: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(["bash", "-c", script], cwd=machine, capture_output=True, text=True, check=False)

    try:
        assert run(first).stdout == "v3.2.0\n"
        assert run(f"site={url}\n{again}").returncode == 0
        run(f"site={url}\n{again}")
        assert (machine / "deployed").read_text() == "v3.2.0\n"
        assert run(first.replace("prod", "nowhere")).returncode != 0
    finally:
        demo.send_signal(signal.SIGINT)
        said = demo.communicate(timeout=60)[1]
    assert said == ""


def test_a_port_that_is_taken(start: Start, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        demo = start("--port", str(port))
        said = demo.communicate(timeout=60)
    assert (demo.returncode, said[1]) == (
        1,
        f"Port {port} cannot be had: Address already in use. Name another with --port, or none.\n",
    )
    assert list(tmp_path.iterdir()) == []


def test_it_ends_by_itself(start: Start, tmp_path: Path) -> None:
    demo = start("--minutes", "0.001")
    address(demo)
    assert (demo.wait(60), demo.communicate()[1]) == (0, "")
