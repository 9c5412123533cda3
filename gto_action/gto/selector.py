"""Asking for a version: `churn@latest`, `churn@v1.2.3`, `churn#prod`, and `dir:churn…` in a monorepo."""

import re
from dataclasses import dataclass

from gto_action.errors import InputError
from gto_action.gto.artifact import Artifact, VersionState
from gto_action.gto.names import DIRECTORY, NAME, VERSION, ArtifactName, InvalidNameError, StageName, Version

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
    """Which version is asked for: the one given, the one in a stage, or else the latest."""

    artifact: ArtifactName
    version: Version | None = None
    stage: StageName | None = None

    def __str__(self) -> str:
        what = f"#{self.stage}" if self.stage else f"@{self.version or 'latest'}"
        return f"{self.artifact}{what}"

    def select(self, artifact: Artifact) -> VersionState | None:
        """The version in an artifact's state; None if there is none, as in `gto show` of a deprecated one (R20, R23).

        Of a version that is registered at several commits the one registered last.
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
    """What a text asks for.

    >>> selector = parse_selector("models:churn#prod")
    >>> str(selector.artifact), str(selector.stage)
    ('models:churn', 'prod')

    :raises InputError: if it is not such a text.
    """
    match = _selector.fullmatch(text)
    if match is None:
        raise InputError(
            f"The artifact cannot be {text!r}.",
            "It takes NAME@latest, NAME@vX.Y.Z or NAME#STAGE, with DIR:NAME in a monorepo.",
        )
    parts = match.groupdict()
    return Selector(
        ArtifactName(parts["name"], parts["directory"] or ""),
        Version(parts["version"]) if parts["version"] else None,
        StageName(parts["stage"]) if parts["stage"] else None,
    )


def parse_wanted(text: str) -> tuple[ArtifactName, Selector | None]:
    """The artifact that a text names, and which version of it; None for all of them.

    >>> name, selector = parse_wanted("models:churn")
    >>> str(name), selector
    ('models:churn', None)

    :raises InputError: if it names none.
    """
    if "@" in text or "#" in text:
        selector = parse_selector(text)
        return selector.artifact, selector
    directory, _, name = text.replace("=", ":", 1).rpartition(":")
    try:
        return ArtifactName(name, directory), None
    except InvalidNameError as error:
        raise InputError(
            f"There can be no artifact {text!r}.", "It takes NAME, with DIR:NAME in a monorepo."
        ) from error
