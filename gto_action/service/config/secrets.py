"""Secrets: the configuration says where they are, and never what they are."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gto_action.errors import InputError

_MOST: Final = 2**16


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

    def fresh(self, secrets: Iterable[Secret]) -> "Vault":
        """What secrets are now, all of them.

        :raises InputError: if one is not there, or empty.
        """
        found = Vault(self._variables)
        found._known = {each.place: self._read(each) for each in secrets}
        return found

    def take(self, fresh: "Vault") -> None:
        """Takes what another has read; what was known before is still hidden."""
        self._before |= set(self._known.values()) - set(fresh._known.values())  # noqa: SLF001 - of this class
        self._known = fresh._known  # noqa: SLF001

    def __getitem__(self, secret: Secret) -> str:
        if secret.place not in self._known:
            self._known[secret.place] = self._read(secret)
        return self._known[secret.place]

    def hide(self, text: str) -> str:
        """A text without secrets in it, whoever wrote it."""
        for value in sorted({*self._known.values(), *self._before}, key=len, reverse=True):
            text = text.replace(value, "***")
        return text

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
        return value
