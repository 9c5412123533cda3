"""The addresses of a repository's pages on its server."""

import re
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote, urlsplit

# Browsers and servers accept more, but a name with a thousand characters is a joke: it gets no link.
_LONGEST: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Forge:
    """The paths of one kind of server's pages, below the repository's own page; `{…}` are placeholders."""

    tag: str
    commit: str
    compare: str
    """From the commit `{one}` to `{other}`."""
    file: str
    line: str
    """Added to `file` for a line; the page then shows the file as text."""


GITHUB: Final = Forge(
    tag="/releases/tag/{name}",
    commit="/commit/{sha}",
    compare="/compare/{one}...{other}",
    file="/blob/{sha}/{path}",
    line="?plain=1#L{line}",
)
GITLAB: Final = Forge(
    tag="/-/tags/{name}",
    commit="/-/commit/{sha}",
    compare="/-/compare/{one}...{other}",
    file="/-/blob/{sha}/{path}",
    line="?plain=1#L{line}",
)
BITBUCKET: Final = Forge(
    tag="/commits/tag/{name}",
    commit="/commits/{sha}",
    compare="/branches/compare/{other}%0D{one}",
    file="/src/{sha}/{path}",
    line="#lines-{line}",
)
GITEA: Final = Forge(
    tag="/src/tag/{name}",
    commit="/commit/{sha}",
    compare="/compare/{one}...{other}",
    file="/src/commit/{sha}/{path}",
    line="#L{line}",
)
AZURE: Final = Forge(
    tag="?version=GT{name}",
    commit="/commit/{sha}",
    compare="/branchCompare?baseVersion=GC{one}&targetVersion=GC{other}",
    file="?path=/{path}&version=GC{sha}",
    line="&line={line}&lineEnd={line}&lineStartColumn=1&lineEndColumn=1",
)
_HOSTS: Final = {
    "github.com": GITHUB,
    "gitlab.com": GITLAB,
    "bitbucket.org": BITBUCKET,
    "codeberg.org": GITEA,
    "dev.azure.com": AZURE,
}

_ssh: Final = re.compile(
    r"(?:ssh://)?(?:[A-Za-z0-9_.-]+@)?(?P<host>[A-Za-z0-9.-]+)(?::(?:22/)?|/)(?P<path>[A-Za-z0-9_./-]+)"
)


_ascii: Final = str.maketrans({chr(code): quote(chr(code)) for code in range(128)})


def _quoted(text: str) -> str:
    """As `quote` does it, but many times faster."""
    return text.translate(_ascii) if text.isascii() else quote(text, errors="replace")


def forge_of(page: str) -> Forge | None:
    """The kind of server that a page is on, judging by its host; None if unknown.

    >>> forge_of("https://gitlab.com/o/r") is GITLAB, forge_of("https://git.example.com/o/r")
    (True, None)
    """
    return _HOSTS.get(urlsplit(page).hostname or "")


def page_of(url: str) -> str:
    """The page of a repository, from the address by which git is asked for it; empty if there is none.

    An address of ssh has the path of the page where the host is one of those above.

    >>> page_of("git@github.com:o/r.git"), page_of("https://git.example.com/o/r"), page_of("ssh://git@example.com/o/r")
    ('https://github.com/o/r', 'https://git.example.com/o/r', '')
    """
    url = url.rstrip("/").removesuffix(".git")
    if url.startswith(("http://", "https://")):
        return url if "@" not in urlsplit(url).netloc else ""
    match = _ssh.fullmatch(url)
    return f"https://{match['host']}/{match['path']}" if match and match["host"] in _HOSTS else ""


@dataclass(frozen=True, slots=True)
class Links:
    """The pages of one repository; without a server every address is empty."""

    root: str = ""
    """The repository's own page, without a trailing slash; empty if there is none."""
    forge: Forge = field(default=GITHUB, repr=False)

    def tag(self, name: str) -> str:
        """The page of a tag.

        >>> Links("https://github.com/o/r").tag("churn#prod#4")
        'https://github.com/o/r/releases/tag/churn%23prod%234'
        """
        return self._page(self.forge.tag, name=name)

    def commit(self, sha: str) -> str:
        """The page of a commit."""
        return self._page(self.forge.commit, sha=sha)

    def compare(self, one: str, other: str) -> str:
        """The page that compares two commits."""
        return self._page(self.forge.compare, one=one, other=other)

    def file(self, sha: str, path: str, line: int | None = None) -> str:
        """The page of a file at a commit; with a line, the page shows the file as text."""
        page = self._page(self.forge.file, sha=sha, path=path)
        return f"{page}{self.forge.line.format(line=line)}" if page and line else page

    def _page(self, below: str, **names: str) -> str:
        page = self.root + below.format(**{key: _quoted(name) for key, name in names.items()})
        return page if self.root and len(page) <= _LONGEST else ""
