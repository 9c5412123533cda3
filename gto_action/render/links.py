"""Addresses of a repository's pages on its GitHub server."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

# Browsers and servers take more, but a name of a thousand characters is somebody's joke: it is shown without a link.
_LONGEST: Final = 1_000


@dataclass(frozen=True, slots=True)
class Links:
    """The pages of one repository; where there is no server every address is empty."""

    root: str = ""
    """The repository's own page, without a slash at its end; empty if there is none."""

    def tag(self, name: str) -> str:
        """The page of a tag.

        >>> Links("https://github.com/o/r").tag("churn#prod#4")
        'https://github.com/o/r/releases/tag/churn%23prod%234'
        """
        return self._page("releases/tag", name)

    def commit(self, sha: str) -> str:
        """The page of a commit."""
        return self._page("commit", sha)

    def compare(self, one: str, other: str) -> str:
        """The page of what lies between two commits."""
        return self._page("compare", f"{one}...{other}")

    def file(self, sha: str, path: str, line: int | None = None) -> str:
        """The page of a file at a commit; the text of the file, as a line is meant."""
        page = self._page(f"blob/{sha}", path)
        return f"{page}?plain=1#L{line}" if page and line else page

    def _page(self, kind: str, name: str) -> str:
        page = f"{self.root}/{kind}/{quote(name, errors='replace')}"
        return page if self.root and len(page) <= _LONGEST else ""
