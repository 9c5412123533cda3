"""Addresses of repositories, as git reads them; credentials are kept apart from the place."""

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from gto_action.errors import GitError

_helper: Final = re.compile(r"https?::(?=https?://)")  # names the program that git should use, which it knows anyway
_url: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/?#]*)(.*)", re.DOTALL)
_beginning: Final = re.compile(r"(?:[A-Za-z0-9]+::)*(?:[A-Za-z][A-Za-z0-9+.-]*://)?")
_place: Final = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[^][:@\\\s]+)(?::([0-9]{0,5}))?")
_ssh: Final = re.compile(r"[^/:]*:|\[")  # host:path
_who: Final = re.compile(r"(://)[^\s/'\"]*@")
_WEB: Final = {"http", "https"}
_LAST_PORT: Final = 65_535


@dataclass(frozen=True, slots=True)
class Address:
    """The place of a repository, and the credentials in its address."""

    url: str
    """For git's command line: over HTTP without user and password, because others can read command lines."""
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    blank: bool = field(default=False, repr=False, compare=False)
    """Whether the address has an empty password; then the user is a token."""


def address_of(path: Path) -> str:
    """The address of an absolute path, as `Path.as_uri` has it, which imports an HTTP client since Python 3.14."""
    from urllib.parse import quote_from_bytes  # noqa: PLC0415 - rarely needed

    return f"file://{quote_from_bytes(os.fsencode(path))}"


def is_address(text: str) -> bool:
    """Whether a text is an address, not a path: to git `a:b` is an ssh address, and `./a:b` a path.

    >>> is_address("git@example.com:o/r"), is_address("https://example.com/o/r"), is_address("./a:b")
    (True, True, False)
    """
    return bool(_url.match(text) or _ssh.match(text))


def parse_address(text: str) -> Address:
    """Splits an address or a path into its parts.

    >>> parse_address("https://example.com/o/r")
    Address(url='https://example.com/o/r')

    :raises GitError: if git would not find the repository, or would show the password.
    """
    text = _helper.sub("", text, count=1)
    parts = _url.fullmatch(text)
    if parts is None:
        host, colon, path = text.partition(":")
        if colon and "/" not in host and "@" in path:
            raise _unusable(text, "ssh takes no password; write ssh://USER@HOST/PATH, and an '@' in the path as %40")
        return Address(text)
    scheme, authority, rest = parts[1].lower(), parts[2], parts[3]
    who, at, where = authority.rpartition("@")
    user, colon, password = who.partition(":")
    place = _place.fullmatch(where)
    if scheme == "file" and not at:
        return Address(f"{scheme}://{authority}{rest}")
    if "@" in rest or not place or int(place[1] or 0) > _LAST_PORT:
        why = "its host or its port cannot be read"
        hint = "In a user, a password or a path, write '@', '/', '?', '#' and ':' as %40, %2F, %3F, %23 and %3A."
        raise _unusable(text, why, hint if "@" in text else "")
    if scheme in _WEB and ("?" in rest or "#" in rest):
        hint = "Git sends what follows as part of the path; give a token as the password, or by the environment."
        raise _unusable(re.split("[?#]", text)[0] + "?…", "it has a query or a fragment", hint)
    if scheme in _WEB:
        is_blank = bool(user and colon and not password)
        return Address(f"{scheme}://{where}{rest}", _decoded(user), _decoded(password), blank=is_blank)
    if colon or (at and scheme != "ssh"):
        raise _unusable(text, f"{scheme}:// takes no password")
    return Address(f"{scheme}://{authority}{rest}")


def shown(text: str) -> str:
    """An address for people, without anything that may be a user or a password.

    >>> shown("https://ada:secret@example.com/o/r"), shown("git@example.com:o/r")
    ('https://example.com/o/r', 'example.com:o/r')
    """
    beginning = _beginning.match(text)
    head = beginning[0] if beginning else ""
    before, at, after = text[len(head) :].rpartition("@")
    plain = not re.search(r"[/?#]", before)
    if not at or not is_address(text) or (head == "file://" and not plain):
        return text
    return f"{head}{'' if plain else '…@'}{after}"


def without_users(text: str) -> str:
    """A text, without the users and passwords in its addresses."""
    return _who.sub(r"\1", text)


def _decoded(text: str) -> str:
    if "%" not in text:
        return text
    from urllib.parse import unquote  # noqa: PLC0415 - rarely needed

    return unquote(text)


def _unusable(text: str, why: str, hint: str = "") -> GitError:
    return GitError(f"The address {shown(text)!r} cannot be used: {why}.", hint)
