"""What can go wrong: one base error, the few kinds a caller can act on, and problems that are values."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass


class Kind(enum.Enum):
    """What the user can do something about that differs from face to face: each has advice of its own."""

    REFUSED = "the credentials are not enough, or there are none"
    MISSING = "there is no such repository, or none that may be read"
    MOVED = "it is elsewhere"
    LATER = "it may work the next time"
    SLOW = "the remote took too long"
    HURRIED = "there was too little time for the work"
    FULL = "the machine has too little memory or space"
    MEMORY = "git has too little memory"
    UNKNOWN = "nobody says which repository"
    CHECKOUT = "the workspace has no clone of the repository"
    LIGHTWEIGHT = "a lightweight tag, which does not count"


class GtoActionError(Exception):
    """An expected failure: one sentence that quotes the value, and a hint that says what to do.

    Where what to do depends on the face that the user sees, the error has a kind instead of a hint, and the face adds
    its advice.
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
        """What follows the advice: what git said of it, for example."""

    def __str__(self) -> str:
        return " ".join(filter(None, (self.message, self.hint, self.said)))

    def with_advice(self, advice: Mapping[Kind, str]) -> str:
        """What to do: the hint, or the advice of a face for this kind."""
        hint = advice.get(self.kind, "") if self.kind else self.hint
        return f"{hint} {self.said}".strip()


class InputError(GtoActionError):
    """An input or an environment variable of the step has a value that cannot be used."""


class RegistryError(GtoActionError):
    """The tag that triggered the run cannot be answered from the registry as it stands."""


class StrictError(GtoActionError):
    """Something that is only a notice or a warning unless the input `strict` is true."""


class GitError(GtoActionError):
    """Git could not do what was asked."""


class RemoteError(GitError):
    """The remote refused, or failed in a way that is known to last: asking again would not help."""


class TransientRemoteError(RemoteError):
    """The remote failed, and nothing says that asking again would not help."""

    retry_after: float = 0.0
    """The seconds that the remote asks to wait before."""


class RefusedError(RemoteError):
    """The remote understood, and said no to this one request."""


class MissingError(RemoteError):
    """The remote has nothing where something was asked for, or nothing that may be seen."""


class TooLargeError(RemoteError):
    """The remote sends something that no machine's memory is wasted on."""


class FilterError(RemoteError):
    """The remote does not let a clone leave anything out."""


class PullError(GtoActionError):
    """The artifact itself cannot be brought."""


class HostError(GtoActionError):
    """What the host provides for outputs or a summary cannot be written."""


class OutputError(GtoActionError):
    """Standard output takes no more."""


class Level(enum.Enum):
    """How loudly a problem is told."""

    NOTICE = "notice"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something a person should know about the registry or an annotation, which does not stop the answer."""

    level: Level
    message: str
    """One sentence that quotes the value."""
    hint: str = ""
    """What to do about it."""
    file: str = ""
    """The file it is about, as a path from the repository's root."""
    line: int | None = None
    """The line in `file`, counted from 1."""
    fails_strict: bool = False
    """Whether the input `strict` turns this into an error."""
    command: str = ""
    """What cures it in a shell, where one thing does: the hint ends with it."""

    def __str__(self) -> str:
        return f"{self.message} {self.hint}" if self.hint else self.message
