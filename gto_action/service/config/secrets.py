"""Secrets: the configuration says where they are, and never what they are."""

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, quote, quote_plus, unquote, urlsplit

from gto_action.errors import InputError

_MOST: Final = 2**16
_LEAST: Final = 6
"""What is shorter is not hidden: `prod` and `1` are everywhere, and no secrets."""


_HIDDEN: Final = "***"


@dataclass(frozen=True, slots=True)
class Secret:
    """Where a secret is: `env:NAME` or `file:/PATH`."""

    place: str

    def __str__(self) -> str:
        return self.place


def parse_secret(text: str) -> Secret:
    """Where a secret is.

    >>> parse_secret("env:HOOK_SECRET")
    Secret(place='env:HOOK_SECRET')

    :raises InputError: if it may be the secret itself, which is not quoted then.
    """
    kind, colon, rest = text.partition(":")
    if colon and rest and (kind == "env" or (kind == "file" and rest.startswith("/"))):
        return Secret(text)
    raise InputError("a secret is written 'env:NAME' or 'file:/PATH', so that this file may be read by others")


class Vault:
    """What the secrets are; read again when somebody says so."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        """Reads nothing yet; the variables are those of the environment."""
        self._variables = variables
        self._known: dict[str, str] = {}
        self._before: set[str] = set()
        self._hidden: tuple[str, ...] = ()

    def fresh(self, secrets: Iterable[Secret]) -> "Vault":
        """What secrets are now, all of them.

        :raises InputError: if some are not there, or empty.
        """
        found = Vault(self._variables)
        wrong: list[InputError] = []
        for each in secrets:
            try:
                found._known[each.place] = self._read(each)
            except InputError as error:
                wrong.append(error)
        if wrong:
            raise InputError(" ".join(dict.fromkeys(error.message for error in wrong)), wrong[0].hint)
        return found

    def take(self, fresh: "Vault") -> None:
        """Takes what another has read; what was known before is still hidden."""
        self._before |= set(self._known.values()) - set(fresh._known.values())  # noqa: SLF001 - of this class
        self._known = fresh._known  # noqa: SLF001
        self._spell()

    def __getitem__(self, secret: Secret) -> str:
        if secret.place not in self._known:
            self._known[secret.place] = self._read(secret)
            self._spell()
        return self._known[secret.place]

    def hide(self, text: str, *, is_cut: bool = False) -> str:
        """A text without secrets in it, whoever wrote it.

        Args:
            text: any text.
            is_cut: whether it may end in the middle of a secret.
        """
        for word in self._hidden:
            text = text.replace(word, _HIDDEN)
        for word in self._hidden if is_cut else ():
            length = next((n for n in range(len(word) - 1, _LEAST - 1, -1) if text.endswith(word[:n])), 0)
            text = f"{text[:-length]}{_HIDDEN}" if length else text
        return text

    def _spell(self) -> None:
        words = {word for value in (*self._known.values(), *self._before) for word in _spellings(value)}
        self._hidden = tuple(sorted((word for word in words if len(word) >= _LEAST), key=len, reverse=True))

    def _read(self, secret: Secret) -> str:
        kind, _, rest = secret.place.partition(":")
        if kind == "env":
            value = self._variables.get(rest, "")
        else:
            try:
                with Path(rest).open(encoding="utf-8") as file:
                    value = file.read(_MOST).rstrip("\r\n")
            except (OSError, UnicodeDecodeError) as error:
                why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
                raise InputError(f"The secret {secret.place!r} cannot be read: {why}.") from error
        if not value:
            raise InputError(f"The secret {secret.place!r} is empty or not set.", "Set it, or name another.")
        if not _is_utf8(value):
            raise InputError(f"The secret {secret.place!r} cannot be read: it is not UTF-8.")
        return value


def _is_utf8(text: str) -> bool:
    """Whether it can be written: what is not UTF-8 in a variable becomes surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _spellings(value: str) -> Iterator[str]:
    """As what a secret may come back: a line of it, the password in an address, in a form, in JSON, in Base64."""
    for word in (value, *(value.splitlines() if "\n" in value else ()), *_passwords(value)):
        yield from (word, quote(word, safe=""), quote_plus(word), json.dumps(word)[1:-1], *_in_base64(word))


def _passwords(value: str) -> Iterator[str]:
    """Those in an address: of the user, and such as `?password=…`."""
    try:
        parts = urlsplit(value if "://" in value else "")
    except ValueError:
        return
    yield from filter(None, (parts.password, unquote(parts.password or "")))
    yield from (text for name, text in parse_qsl(parts.query) if "password" in name.lower())


def _in_base64(word: str) -> Iterator[str]:
    """What every text with it has in Base64, such as USER:PASSWORD in a header: it begins at one of three places."""
    for before in range(3):
        text, end = bytes(before) + word.encode(), (before + len(word.encode())) * 8 // 6
        yield base64.b64encode(text).decode()[(before * 8 + 5) // 6 : end]
