"""Selects a version: `churn@latest`, `churn@v1.2.3`, `churn#prod`, and `dir:churn…` in a monorepo."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gto_action.errors import InputError
from gto_action.gto.names import DIRECTORY, NAME, VERSION, ArtifactName, InvalidNameError, StageName, Version

if TYPE_CHECKING:
    from gto_action.gto.artifact import Artifact, VersionState

_selector = re.compile(
    rf"""
    (?:(?P<directory>{DIRECTORY})[:=])?  # as people write it, or as a tag does
    (?P<name>{NAME})
    (?:
        @(?P<version>{VERSION})
      | @(?:latest|greatest)             # GTO's two words for one thing (R19)
      | \#(?P<stage>{NAME})
    )
    """,
    re.ASCII | re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Selector:
    """Which version to select: the given one, the one in a stage, or else the latest."""

    artifact: ArtifactName
    version: Version | None = None
    stage: StageName | None = None

    def __str__(self) -> str:
        what = f"#{self.stage}" if self.stage else f"@{self.version or 'latest'}"
        return f"{self.artifact}{what}"

    def select(self, artifact: "Artifact") -> "VersionState | None":
        """The selected version of an artifact; None if there is none, as in `gto show` (R20, R23).

        If a version is registered at several commits, the one registered last.
        """
        if not artifact.active:
            return None
        if self.stage:
            return artifact.stages.get(self.stage)
        if self.version is None:
            unregistered = [state for state in artifact.versions if state.version is None]
            return artifact.latest or max(unregistered, key=lambda state: state.commit, default=None)
        found = [state for state in artifact.versions if state.version == self.version and state.active]
        return max(found, key=lambda state: state.registered, default=None)


def parse_selector(text: str) -> Selector:
    """The selector that a text means.

    >>> selector = parse_selector("models:churn#prod")
    >>> str(selector.artifact), str(selector.stage)
    ('models:churn', 'prod')

    :raises InputError: if the text is not a selector.
    """
    match = _selector.fullmatch(text)
    if match is None:
        raise InputError(
            f"The artifact cannot be {text!r}.",
            "Use NAME@latest, NAME@vX.Y.Z or NAME#STAGE, with DIR:NAME in a monorepo.",
        )
    parts = match.groupdict()
    return Selector(
        ArtifactName(parts["name"], parts["directory"] or ""),
        Version(parts["version"]) if parts["version"] else None,
        StageName(parts["stage"]) if parts["stage"] else None,
    )


def parse_wanted(text: str) -> tuple[ArtifactName, Selector | None]:
    """The artifact that a text names, and a selector of its version; None for all versions.

    >>> name, selector = parse_wanted("models:churn")
    >>> str(name), selector
    ('models:churn', None)

    :raises InputError: if the text names no artifact.
    """
    if "@" in text or "#" in text:
        selector = parse_selector(text)
        return selector.artifact, selector
    directory, _, name = text.replace("=", ":", 1).rpartition(":")
    try:
        return ArtifactName(name, directory), None
    except InvalidNameError as error:
        raise InputError(f"{text!r} is not an artifact's name.", "Use NAME, or DIR:NAME in a monorepo.") from error
