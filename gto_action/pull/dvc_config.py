"""DVC's configuration, as far as it says which packages a remote needs."""

import configparser
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit, urlunsplit

# The extra of the package `dvc` that a scheme needs; what is not here comes with dvc itself.
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
"""The extras of dvc that can be installed."""
_section = re.compile(r"""^['"]?remote ["'](.*?)["']['"]?$""")


@dataclass(frozen=True, slots=True)
class DvcRemote:
    """Where the data is."""

    name: str
    url: str

    @property
    def shown(self) -> str:
        """The name and the address for people, without a user, a password or a query."""
        try:
            parts = urlsplit(self.url)
        except ValueError:
            return repr(self.name)
        url = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment=""))
        return f"{self.name!r} ({url})"

    @property
    def extra(self) -> str:
        """The extra of dvc that it needs; empty if it needs none."""
        return extra_of(self.url.partition("://")[0])


def extra_of(scheme: str) -> str:
    """The extra of dvc that a scheme needs; empty if it needs none, or nobody knows of it.

    >>> extra_of("gcs"), extra_of("https")
    ('gs', '')
    """
    return _EXTRAS.get(scheme, "")


def find_remote(configs: list[str], name: str) -> DvcRemote | None:
    """The remote of that name, or the default one for no name; None if there is no such remote.

    Args:
        configs: the texts of `.dvc/config` and `.dvc/config.local`; what is said later counts.
        name: as the configuration has it; empty for the default.
    """
    urls: dict[str, str] = {}
    default = ""
    for text in configs:
        parser = configparser.RawConfigParser(strict=False, allow_no_value=True)
        try:
            parser.read_string(text)
        except (configparser.Error, AttributeError):  # the latter after a line that is indented and should not be
            continue  # DVC itself says better what is wrong
        default = _unquoted(parser.get("core", "remote", fallback=default) or "")
        for section in parser.sections():
            if found := _section.match(section):
                urls[found[1]] = _unquoted(parser.get(section, "url", fallback=urls.get(found[1], "")) or "")
    chosen = name or default
    return DvcRemote(chosen, _followed(chosen, urls)) if chosen in urls else None


def _followed(name: str, urls: dict[str, str]) -> str:
    """The address of a remote, that of another one (`remote://NAME/path`) put in its place."""
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
