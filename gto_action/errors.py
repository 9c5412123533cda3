"""What can go wrong: one base error, the few kinds that a caller can act on, and problems, which are values."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass


class Kind(enum.Enum):
    """Failures with different advice for different faces: the action, the command line."""

    REFUSED = "the credentials do not suffice, or there are none"
    MISSING = "there is no such repository, or it is not readable"
    MOVED = "the repository is elsewhere"
    LATER = "it may work the next time"
    SLOW = "the remote took too long"
    HURRIED = "there was too little time for the work"
    FULL = "the machine has too little memory or space"
    MEMORY = "git has too little memory"
    UNKNOWN = "the repository is not known"
    CHECKOUT = "the workspace has no clone of the repository"
    LIGHTWEIGHT = "a lightweight tag, which does not count"


class GtoActionError(Exception):
    """An expected failure: one sentence that quotes the value, and a hint that says what to do.

    If the advice depends on the face that the user sees, the error has a kind instead of a hint, and the face adds its
    advice.
    """

    def __init__(  # noqa: PLR0913 - all but one are keywords
        self,
        message: str,
        hint: str = "",
        *,
        file: str = "",
        line: int | None = None,
        kind: Kind | None = None,
        said: str = "",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.file = file
        self.line = line
        self.kind = kind
        self.said = said
        """Text after the advice, such as git's own message."""

    def __str__(self) -> str:
        return " ".join(filter(None, (self.message, self.hint, self.said)))

    def with_advice(self, advice: Mapping[Kind, str]) -> str:
        """What to do: the hint, or a face's advice for this kind of failure."""
        hint = advice.get(self.kind, "") if self.kind else self.hint
        return f"{hint} {self.said}".strip()


class InputError(GtoActionError):
    """An input or an environment variable of the step has a value that cannot be used."""


class RegistryError(GtoActionError):
    """The registry, as it is, has no answer for the tag that triggered the run."""


class StrictError(GtoActionError):
    """A notice or a warning that the input `strict` turns into an error."""


class GitError(GtoActionError):
    """Git could not do what was asked."""


class RemoteError(GitError):
    """The remote refused, or failed in a way that is known to last, so a retry would not help."""

    of_damage: bool = False
    """Whether it lists an object that it cannot deliver; this may be one of a tag that is not needed."""


class TransientRemoteError(RemoteError):
    """The remote failed, but a retry may help."""

    retry_after: float = 0.0
    """How many seconds the remote asks to wait first."""


class RefusedError(RemoteError):
    """The remote understood this one request and refused it."""


class MissingError(RemoteError):
    """The remote does not have what was asked for, or does not show it."""


class TooLargeError(RemoteError):
    """The remote sends something that exceeds a memory limit."""


class FilterError(RemoteError):
    """The remote does not support a partial clone."""


class PullError(GtoActionError):
    """The artifact's data cannot be pulled."""


class SiteError(GtoActionError):
    """The folder of a page cannot be written."""


class HostError(GtoActionError):
    """The host's file for outputs or a summary cannot be written."""


class OutputError(GtoActionError):
    """Standard output cannot be written."""


class Level(enum.Enum):
    """How serious a problem is."""

    NOTICE = "notice"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that a person should know about the registry or an annotation, but that does not prevent an answer."""

    level: Level
    message: str
    """One sentence that quotes the value."""
    hint: str = ""
    """What to do about it."""
    file: str = ""
    """The file that it is about, as a path from the repository's root."""
    line: int | None = None
    """The line in `file`, counted from 1."""
    fails_strict: bool = False
    """Whether the input `strict` turns this into an error."""
    command: str = ""
    """The shell command that fixes it, if there is one; the hint ends with it."""

    def __str__(self) -> str:
        return f"{self.message} {self.hint}" if self.hint else self.message
