"""The names in a GTO tag: their grammar, their order, their spelling in tags and for people."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

import semver

# R1. A name has letters, digits, "-", "_" and "/", and begins and ends with a letter or a digit.
NAME: Final = r"[A-Za-z0-9](?:[A-Za-z0-9/_-]*[A-Za-z0-9])?"
# A directory may also have ".", and may begin and end with any of these characters.
DIRECTORY: Final = r"[A-Za-z0-9_./-]+"
# https://semver.org/spec/v2.0.0.html, after the "v" that GTO requires: no leading zeros, build metadata allowed.
# A number has at most as many digits as Python reads and writes; gto crashes on more.
_NUMBER: Final = r"(?:0|[1-9][0-9]{0,4299})"
_PRERELEASE: Final = rf"(?:{_NUMBER}|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"
_BUILD: Final = r"[0-9A-Za-z-]+"
VERSION: Final = (
    rf"v{_NUMBER}\.{_NUMBER}\.{_NUMBER}(?:-{_PRERELEASE}(?:\.{_PRERELEASE})*)?(?:\+{_BUILD}(?:\.{_BUILD})*)?"
)

CONFIG_FILE: Final = ".gto"
"""Where a repository says what gto is to do."""

_name = re.compile(NAME, re.ASCII)
_directory = re.compile(DIRECTORY, re.ASCII)
_version = re.compile(VERSION, re.ASCII)


@cache  # versions are compared many times, and parsing is the expensive part
def _parts(version: str) -> semver.Version:
    return semver.Version.parse(version[1:])


@cache
def _numbers(version: str) -> tuple[int, int, int]:
    parts = _parts(version)
    return parts.major, parts.minor, parts.patch


class InvalidNameError(ValueError):
    """The text is not a name, a stage or a version in GTO's grammar."""


@dataclass(frozen=True, slots=True)
class ArtifactName:
    """The named thing that is versioned: `churn`, or `models:churn` in a monorepo.

    >>> artifact = ArtifactName("churn", "models")
    >>> str(artifact), artifact.in_tag
    ('models:churn', 'models=churn')

    :raises InvalidNameError: if the name or the directory does not follow the grammar.
    """

    name: str
    directory: str = ""
    """Where its `dvc.yaml` is, as written in the tag: `models` and `models/` are two artifacts (R6)."""

    def __post_init__(self) -> None:
        if not _name.fullmatch(self.name):
            raise InvalidNameError(f"{self.name!r} is not an artifact name.")
        if self.directory and not _directory.fullmatch(self.directory):
            raise InvalidNameError(f"{self.directory!r} is not a valid artifact directory.")

    def __str__(self) -> str:
        return f"{self.directory}:{self.name}" if self.directory else self.name

    @property
    def in_tag(self) -> str:
        """The spelling in a tag name, with `=` where people write `:`."""
        return f"{self.directory}={self.name}" if self.directory else self.name


@dataclass(frozen=True, slots=True)
class StageName:
    """A label such as `prod`, with the grammar of a name.

    :raises InvalidNameError: if the text does not follow the grammar.
    """

    name: str

    def __post_init__(self) -> None:
        if not _name.fullmatch(self.name):
            raise InvalidNameError(f"{self.name!r} is not a stage.")

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Version:
    """A registered version: `v` and a SemVer 2.0.0 version.

    :raises InvalidNameError: if the text does not follow the grammar.
    """

    text: str

    def __post_init__(self) -> None:
        if not _version.fullmatch(self.text):
            raise InvalidNameError(f"{self.text!r} is not a version.")

    def __str__(self) -> str:
        return self.text

    @property
    def parts(self) -> semver.Version:
        """The parts: major, minor, patch, prerelease, build."""
        return _parts(self.text)

    def __lt__(self, other: "Version") -> bool:
        """The precedence of SemVer, which ignores build metadata."""
        mine, others = _numbers(self.text), _numbers(other.text)
        return mine < others if mine != others else self.parts < other.parts  # the fast way first
