"""A job summary, as a person sees it in a browser."""

import json
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Self, TypedDict

from tests.support.chromium import Chromium, Tab, find
from tests.support.github_page import page
from tests.support.mermaid import NoMermaidError, mermaid

WIDTH: Final = 1000
"""Pixels that a run's page gives to a summary on a large screen."""

_ELEMENTS: Final = """
[...document.querySelectorAll(%s)].map(element => ({
    tag: element.localName,
    text: element.textContent,
    attributes: Object.fromEntries([...element.attributes].map(({name, value}) => [name, value])),
}))
"""


class _Found(TypedDict):
    tag: str
    text: str
    attributes: dict[str, str]


@dataclass(frozen=True, slots=True)
class Element:
    """An element of a page: its tag in small letters, all the text in it, its attributes."""

    tag: str
    text: str
    attributes: dict[str, str]


class Page:
    """What became of a summary. It can be asked until its browser is closed."""

    def __init__(self, tab: Tab) -> None:
        self._tab = tab

    def select(self, css: str) -> list[Element]:
        """The elements that a CSS selector finds, in the page's order."""
        found: list[_Found] = self._tab.evaluate(_ELEMENTS % json.dumps(css))
        return [Element(**one) for one in found]

    def texts(self, css: str) -> list[str]:
        """The text of each of these elements, without white space around it."""
        return [element.text.strip() for element in self.select(css)]

    @property
    def shown(self) -> str:
        """The text that a person sees: not what is in a closed `<details>`."""
        return str(self._tab.evaluate("document.querySelector('article').innerText"))

    @property
    def mermaid_errors(self) -> list[str]:
        """Why charts could not be drawn."""
        return self.texts(".mermaid-error")

    @property
    def requests(self) -> list[str]:
        """The addresses that the page asked for, beside its own files."""
        urls = [params["request"]["url"] for name, params in self._tab.events if name == "Network.requestWillBeSent"]
        return [url for url in urls if not url.startswith(("file:", "data:"))]

    @property
    def faults(self) -> list[str]:
        """What went wrong in the page's scripts, and the windows they opened."""
        texts = []
        for name, params in self._tab.events:
            if name == "Runtime.exceptionThrown":
                texts.append(params["exceptionDetails"].get("exception", {}).get("description", "a script failed"))
            elif name == "Page.javascriptDialogOpening":
                texts.append(f"a dialog: {params['message']}")
        return texts

    def evaluate(self, script: str) -> object:
        """The value of a JavaScript expression in the page."""
        value: object = self._tab.evaluate(script)
        return value

    def screenshot(self, path: Path) -> None:
        """Writes a PNG of the whole page."""
        path.write_bytes(self._tab.screenshot())


class Browser:
    """Renders summaries; `folder` is for the pages' files. The pages can be asked until it is closed."""

    def __init__(self, chromium: Chromium, folder: Path) -> None:
        self._chromium = chromium
        self._folder = folder
        self._tabs = ExitStack()
        self._number = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._tabs.close()

    def render(self, markdown: str, *, dark: bool = False, width: int = WIDTH, timezone: str = "UTC") -> Page:
        """The page that GitHub would make of a summary, after its scripts, `width` pixels wide.

        `timezone` is the reader's, such as `America/New_York`.

        :raises ChromiumError: if Chromium fails; a chart that cannot be drawn is one of the page's `mermaid_errors`.
        """
        self._number += 1
        file = self._folder / f"summary-{self._number}.html"
        file.write_text(page(markdown, dark=dark, mermaid=mermaid()), encoding="utf-8")
        tab = self._tabs.enter_context(self._chromium.tab(file.as_uri(), width=width, timezone=timezone))
        tab.evaluate("finish()")
        return Page(tab)


@cache
def missing() -> str:
    """What of a browser is not there, or nothing."""
    if not find():
        return "there is no Chromium (Debian's package `chromium`)"
    if not find_spec("cmarkgfm"):
        return "there is no cmarkgfm for this Python (requirements/dev.in)"
    try:
        mermaid()
    except NoMermaidError as error:
        return str(error)
    return ""
