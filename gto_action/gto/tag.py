"""The tag: what a tag name means in GTO's grammar, and back. docs/rules.md has the rules, by number."""

import enum
import re
from functools import lru_cache
from typing import Final, NamedTuple, Self

from gto_action.gto.names import DIRECTORY, NAME, VERSION, ArtifactName, StageName, Version

_TAG_PREFIX: Final = "refs/tags/"

# R1 to R4:
# tag := artifact ( ("#" stage | "@" version) ["!"] | "@deprecated" ) [ "#" digits ]
# "@created" is in GTO's grammar too, but means nothing and breaks every gto command (R5); here it is no GTO tag (X3).
_tag = re.compile(
    rf"""
    (?:(?P<directory>{DIRECTORY})=)?  # the dvc.yaml's, in a monorepo
    (?P<name>{NAME})                  # the artifact's
    (?:
        @(?P<version>{VERSION})(?P<deregistered>!)?
      | @(?P<deprecated>deprecated)
      | \#(?P<stage>{NAME})(?P<unassigned>!)?
    )
    (?:\#(?P<counter>[0-9]+))?        # only makes the tag name unique (R7)
    """,
    re.ASCII | re.VERBOSE,
)
# What people write when they mean a GTO tag; only used for hints.
_look_alike = re.compile(r".+@[vV]*[0-9].*|.+@(?i:created|deprecated).*|.+\#.*", re.DOTALL)
# The parts of a look-alike that are most often wrong: no "v", a "V", two of them, other capitals.
_version_part = re.compile(r"@[vV]*(?=[0-9])")
_word_part = re.compile(r"@deprecated", re.IGNORECASE)
_created = re.compile(rf"(?:{DIRECTORY}=)?{NAME}@created(?:\#[0-9]+)?", re.ASCII)

# Many tags share an artifact, a version or a stage, so a text is validated and turned into a value only once.
_artifact_name = lru_cache(maxsize=1024)(ArtifactName)
_version = lru_cache(maxsize=4096)(Version)
_stage_name = lru_cache(maxsize=1024)(StageName)


class EventKind(enum.Enum):
    """What a GTO tag says happened; the value is the output `event`."""

    REGISTRATION = "registration"
    DEREGISTRATION = "deregistration"
    ASSIGNMENT = "assignment"
    UNASSIGNMENT = "unassignment"
    DEPRECATION = "deprecation"

    @property
    def priority(self) -> int:
        """GTO's number for it, which orders events in the same second: opposites come after (R16, R17, R24)."""
        return _PRIORITY[self]


# tuples, because hashing a member of an enum costs more than comparing it
_PRIORITY: Final = {
    EventKind.DEPRECATION: 2,
    EventKind.REGISTRATION: 3,
    EventKind.DEREGISTRATION: 4,
    EventKind.ASSIGNMENT: 5,
    EventKind.UNASSIGNMENT: 6,
}
_WITH_VERSION: Final = (EventKind.REGISTRATION, EventKind.DEREGISTRATION)
_WITH_STAGE: Final = (EventKind.ASSIGNMENT, EventKind.UNASSIGNMENT)


class _Parts(NamedTuple):
    artifact: ArtifactName
    kind: EventKind
    version: Version | None
    """Only for a registration or a deregistration."""
    stage: StageName | None
    """Only for an assignment or an unassignment."""
    counter: str
    """The digits as written: `#007` and `#7` are different tag names. Empty if there is no counter."""


class Tag(_Parts):
    """A GTO tag. `str(tag)` is exactly the tag name.

    >>> tag = parse_tag("models=churn#prod#4")
    >>> str(tag.artifact), tag.kind.value, str(tag.stage), tag.counter, str(tag)
    ('models:churn', 'assignment', 'prod', '4', 'models=churn#prod#4')

    :raises ValueError: if the parts do not belong together.
    """

    __slots__ = ()

    def __new__(
        cls,
        artifact: ArtifactName,
        kind: EventKind,
        version: Version | None = None,
        stage: StageName | None = None,
        counter: str = "",
    ) -> Self:
        """Makes a tag of parts that belong together."""
        if (version is not None) != (kind in _WITH_VERSION):
            raise ValueError(f"The tag of a {kind.value} cannot have the version {version!r}.")
        if (stage is not None) != (kind in _WITH_STAGE):
            raise ValueError(f"The tag of a {kind.value} cannot have the stage {stage!r}.")
        if counter and not (counter.isascii() and counter.isdigit()):
            raise ValueError(f"The counter {counter!r} is not a number.")
        return super().__new__(cls, artifact, kind, version, stage, counter)

    def __str__(self) -> str:
        counter = f"#{self.counter}" if self.counter else ""
        match self.kind:
            case EventKind.REGISTRATION:
                what = f"@{self.version}"
            case EventKind.DEREGISTRATION:
                what = f"@{self.version}!"
            case EventKind.ASSIGNMENT:
                what = f"#{self.stage}"
            case EventKind.UNASSIGNMENT:
                what = f"#{self.stage}!"
            case EventKind.DEPRECATION:
                what = "@deprecated"
        return f"{self.artifact.in_tag}{what}{counter}"


def tag_name_of(ref: str) -> str | None:
    """The tag name of a full ref; None if the ref is not a tag (a branch, a pull request, a commit).

    >>> tag_name_of("refs/tags/churn#prod#4")
    'churn#prod#4'
    """
    return ref.removeprefix(_TAG_PREFIX) if ref.startswith(_TAG_PREFIX) else None


def parse_tag(name: str) -> Tag | None:
    """The tag with a tag name; None if the name is not GTO's (R4), which is not an error.

    >>> parse_tag("churn@1.0.0") is None
    True
    """
    match = _tag.fullmatch(name)
    if match is None:
        return None
    directory, artifact_name, version, deregistered, _, stage, unassigned, counter = match.groups("")
    artifact = _artifact_name(artifact_name, directory)
    # By the grammar these parts belong together; checking them again would take longer than making the tag.
    if version:
        kind = EventKind.DEREGISTRATION if deregistered else EventKind.REGISTRATION
        return Tag._make((artifact, kind, _version(version), None, counter))
    if stage:
        kind = EventKind.UNASSIGNMENT if unassigned else EventKind.ASSIGNMENT
        return Tag._make((artifact, kind, None, _stage_name(stage), counter))
    return Tag._make((artifact, EventKind.DEPRECATION, None, None, counter))


def looks_like_tag(name: str) -> bool:
    """Whether a name may be meant as a GTO tag, such as `churn@1.0.0`."""
    return _look_alike.fullmatch(name) is not None


def look_alike_of(name: str) -> str:
    """The artifact that a look-alike seems to be about, spelled as in tags.

    >>> look_alike_of("models:churn@1.0.0"), look_alike_of("@babel/core@7.0.0")
    ('models=churn', '')
    """
    return re.split("[@#]", name, maxsplit=1)[0].replace(":", "=")


def correction_of(name: str) -> str | None:
    """The GTO tag that was probably meant by a look-alike; None if unclear.

    >>> correction_of("churn@1.0"), correction_of("churn#prod!!")
    ('churn@v1.0.0', None)
    """
    meant = _word_part.sub("@deprecated", _version_part.sub("@v", name))
    candidates = (meant, f"{meant}.0", f"{meant}.0.0", meant.replace(":", "="))
    return next((name for name in candidates if parse_tag(name)), None)


def breaks_gto(name: str) -> bool:
    """Whether any tag with this name makes every gto command fail: `churn@created` (R5)."""
    return _created.fullmatch(name) is not None
