"""Reads from DVC's configuration which packages a remote needs."""

import configparser
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit, urlunsplit

# Which extra of the package `dvc` a scheme needs; other schemes need none.
_EXTRAS: Final = {
    "s3": "s3",
    "gs": "gs",
    "gcs": "gs",
    "azure": "azure",
    "abfs": "azure",
    "abfss": "azure",
    "ssh": "ssh",
    "webdav": "webdav",
    "webdavs": "webdav",
}
EXTRAS: Final = frozenset(_EXTRAS.values())
"""The extras of dvc that the action can install."""
_section = re.compile(r"""^['"]?remote ["'](.*?)["']['"]?$""")


@dataclass(frozen=True, slots=True)
class DvcRemote:
    """A DVC remote: where the data is."""

    name: str
    url: str

    @property
    def shown(self) -> str:
        """The name and the address for people, without user, password and query."""
        try:
            parts = urlsplit(self.url)
        except ValueError:
            return repr(self.name)
        url = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment=""))
        return f"{self.name!r} ({url})"

    @property
    def extra(self) -> str:
        """The extra of dvc that this remote needs; empty if it needs none."""
        return extra_of(self.url.partition("://")[0])


def extra_of(scheme: str) -> str:
    """The extra of dvc that a scheme needs; empty if it needs none or is unknown.

    >>> extra_of("gcs"), extra_of("https")
    ('gs', '')
    """
    return _EXTRAS.get(scheme, "")


def find_remote(configs: list[str], name: str) -> DvcRemote | None:
    """The remote with that name, or the default one; None if there is no such remote.

    Args:
        configs: the texts of `.dvc/config` and `.dvc/config.local`; later ones take precedence.
        name: as in the configuration; empty for the default.
    """
    urls: dict[str, str] = {}
    default = ""
    for text in configs:
        parser = configparser.RawConfigParser(strict=False, allow_no_value=True)
        try:
            parser.read_string(text)
        except (configparser.Error, AttributeError):  # the latter after a line with wrong indentation
            continue  # DVC itself explains better what is wrong
        default = _unquoted(parser.get("core", "remote", fallback=default) or "")
        for section in parser.sections():
            if found := _section.match(section):
                urls[found[1]] = _unquoted(parser.get(section, "url", fallback=urls.get(found[1], "")) or "")
    chosen = name or default
    return DvcRemote(chosen, _followed(chosen, urls)) if chosen in urls else None


def _followed(name: str, urls: dict[str, str]) -> str:
    """The address of a remote, with references to other remotes (`remote://NAME/path`) resolved."""
    url = urls[name]
    for _ in urls:
        scheme, _, rest = url.partition("://")
        other, _, path = rest.partition("/")
        if scheme != "remote" or other not in urls:
            break
        url = f"{urls[other].rstrip('/')}/{path}"
    return url


def _unquoted(value: str) -> str:
    return value.strip().strip("\"'")
