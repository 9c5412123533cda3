"""The registry: the state that follows from all tags by GTO's rules R8 to R20, except for X1 to X9 (docs/rules.md)."""

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from gto_action.errors import Level, Problem, RegistryError
from gto_action.gto.artifact import Artifact
from gto_action.gto.cures import SKEW, Cures
from gto_action.gto.event import Event
from gto_action.gto.fold import fold
from gto_action.gto.ignored import Ignored, why_ignored
from gto_action.gto.names import ArtifactName
from gto_action.gto.record import TagRecord
from gto_action.gto.tag import Tag, parse_tag
from gto_action.gto.words import short

_FEW: Final = 5
"""How many tags to name in a message."""


class Registry:
    """All tags of a repository, folded on demand, artifact by artifact: a bad tag affects only its artifact (X13)."""

    def __init__(
        self,
        records: Iterable[TagRecord],
        *,
        accept_lightweight: bool = False,
        now: float = math.inf,
        more_than: int = 0,
    ) -> None:
        """Takes the records of every tag, or of all tags of the artifacts that will be asked about.

        Args:
            records: in any order.
            accept_lightweight: whether lightweight tags count; GTO drops them (R8, X4).
            now: the time, in seconds since 1970; without it no tag counts as dated in the future.
            more_than: if there are more tags than this, other artifacts' have been left out; 0 if none have been.
        """
        self.more_than = more_than
        """If the repository has more tags than this, those of other artifacts are not here; 0 if all are."""
        self._now = now
        self._records = {record.name: record for record in records}
        # No artifact's name contains "@" or "#"; a tag name without them is in a group that nobody asks for.
        self._groups: dict[str, list[TagRecord]] = {}
        for name, record in self._records.items():
            self._groups.setdefault(name.partition("@")[0].partition("#")[0], []).append(record)
        self._accept_lightweight = accept_lightweight
        self._artifacts: dict[ArtifactName, Artifact] = {}

    @property
    def size(self) -> int:
        """The number of all tags, including those that are not GTO tags."""
        return len(self._records)

    def record(self, tag: Tag) -> TagRecord | None:
        """What git says about a tag; None if there is no such tag."""
        return self._records.get(str(tag))

    def event(self, tag: Tag) -> Event:
        """What a tag of this registry says happened.

        :raises RegistryError: if there is no such tag, or it does not point to a commit.
        """
        record = self.record(tag)
        if record is None:
            raise RegistryError(f"There is no tag {str(tag)!r}.")
        match self.why_ignored(record):
            case None:
                return self.artifact(tag.artifact).event(record.name)
            case Ignored.NOT_ON_COMMIT:
                why = f"points to a {record.target_type}, not to a commit"
            case Ignored.LIGHTWEIGHT:
                why = "is lightweight, and so does not count"
        raise RegistryError(f"The tag {record.name!r} {why}.", self.cures(tag.artifact).hint(record))

    def why_ignored(self, record: TagRecord) -> Ignored | None:
        """Why a tag with a GTO name does not count here; None if it does."""
        return why_ignored(record, accept_lightweight=self._accept_lightweight)

    def artifact(self, name: ArtifactName) -> Artifact:
        """The state of an artifact; empty if it has no tags."""
        if name not in self._artifacts:
            self._artifacts[name] = fold(name, self._that_count(self._tags_of(name)))
        return self._artifacts[name]

    def artifacts(self) -> list[Artifact]:
        """The states of all artifacts with a tag that counts, by name."""
        return [self.artifact(name) for name in self.names()]

    def names(self) -> list[ArtifactName]:
        """All artifacts with a tag that counts, in the order of their names; without folding any."""
        firsts = (next(self._that_count(self._parsed(group)), None) for group in self._groups.values())
        return sorted((first[0].artifact for first in firsts if first), key=str)

    def around(self, artifact: ArtifactName) -> Sequence[TagRecord]:
        """The tags of an artifact, and those that only look as if they were its own."""
        return self._groups.get(artifact.in_tag, [])

    def strangers(self) -> list[TagRecord]:
        """The tags that are not around an artifact that there is."""
        known = {name.in_tag for name in self.names()}
        return [record for name, group in self._groups.items() if name not in known for record in group]

    def cures(self, artifact: ArtifactName) -> Cures:
        """What to run for the bad tags of an artifact."""
        return Cures(artifact, self._tags_of(artifact), self._now, accept_lightweight=self._accept_lightweight)

    def problems(self, artifact: ArtifactName) -> tuple[Problem, ...]:
        """What is wrong with the tags of one artifact, one problem for each kind of trouble."""
        found: dict[str, list[tuple[TagRecord, str]]] = {}
        for record in self.around(artifact):
            why = self.why_ignored(record)
            if why is Ignored.NOT_ON_COMMIT:
                kind, note = "Tags that do not point to a commit do not count", f" ({record.target_type})"
            elif why is Ignored.LIGHTWEIGHT:
                kind, note = "Lightweight tags do not count for GTO", ""
            elif record.annotated and record.inner_name != record.name:
                kind = "Tags whose inner name differs from the ref's count under the ref's name"
                note = f" (inside: {record.inner_name})"
            elif record.signature.time is None:
                kind, note = "Tags without a date count as older than all others", ""
            elif record.signature.time > self._now + SKEW:
                kind, note = "Tags dated in the future supersede all tags until that date", ""
            else:
                continue
            if parse_tag(record.name):  # asked last: it takes longest, and nearly no tag comes this far
                found.setdefault(kind, []).append((record, note))
        if not found:
            return ()
        cures = self.cures(artifact)
        return tuple(
            Problem(
                Level.WARNING, f"{kind}: {_few([record.name + note for record, note in tags])}.", _hint(tags, cures)
            )
            for kind, tags in sorted(found.items())
        )

    def _tags_of(self, artifact: ArtifactName) -> Iterator[tuple[Tag, TagRecord]]:
        return self._parsed(self._groups.get(artifact.in_tag, ()))

    @staticmethod
    def _parsed(records: Iterable[TagRecord]) -> Iterator[tuple[Tag, TagRecord]]:
        for record in records:
            tag = parse_tag(record.name)
            if tag is not None:
                yield tag, record

    def _that_count(self, tags: Iterable[tuple[Tag, TagRecord]]) -> Iterator[tuple[Tag, TagRecord]]:
        for tag, record in tags:
            if why_ignored(record, accept_lightweight=self._accept_lightweight) is None:
                yield tag, record


def ambiguity(event: Event) -> tuple[Problem, ...]:
    """The warning if several versions are registered at the commit of an (un)assignment (R15c)."""
    if not event.candidates:
        return ()
    most = 10
    more = f" and {len(event.candidates) - most} more" if len(event.candidates) > most else ""
    candidates = ", ".join(str(version) for version in event.candidates[:most]) + more
    message = (
        f"Several versions of {str(event.artifact)!r} are registered at commit {short(event.commit)} ({candidates}); "
        f"{event.version} was chosen."
    )
    return (Problem(Level.WARNING, message, "Register each version on a commit of its own.", fails_strict=True),)


def _hint(tags: list[tuple[TagRecord, str]], cures: Cures) -> str:
    """What to do about the first tags in a list."""
    first = sorted(record for record, _ in tags)[:_FEW]
    if len(tags) == 1:
        return cures.hint(first[0])
    commands = dict.fromkeys(filter(None, map(cures.command, first)))
    rest = "; for the rest see: gto-action doctor" if len(tags) > len(first) else ""
    return f"To change no stage: {'; '.join(commands)}{rest}" if commands else cures.hint(first[0])


def _few(names: list[str]) -> str:
    names = sorted(names)
    more = f" and {len(names) - _FEW} more" if len(names) > _FEW else ""
    return ", ".join(repr(name) for name in names[:_FEW]) + more
