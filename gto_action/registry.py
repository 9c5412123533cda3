"""The registry: the state that follows from all tags, by GTO's rules R8-R17 and DESIGN.md's answers to their holes."""

from collections.abc import Iterable, Iterator

from gto_action.artifact import Artifact, fold
from gto_action.errors import Level, Problem, RegistryError
from gto_action.event import Assignment, Event, Unassignment
from gto_action.names import ArtifactName
from gto_action.record import TagRecord
from gto_action.tag import Tag, parse_tag


class Registry:
    """All tags of a repository, folded on demand one artifact at a time: one artifact's trouble is its own."""

    def __init__(self, records: Iterable[TagRecord], *, accept_lightweight: bool = False) -> None:
        """Takes the records of every tag.

        Args:
            records: in any order.
            accept_lightweight: whether lightweight tags count; GTO drops them (R8).
        """
        self._records = {record.name: record for record in records}
        # No artifact's name holds "@" or "#"; a name without either is in a group of its own, and nobody asks for it.
        self._groups: dict[str, list[TagRecord]] = {}
        for name, record in self._records.items():
            self._groups.setdefault(name.partition("@")[0].partition("#")[0], []).append(record)
        self._accept_lightweight = accept_lightweight
        self._artifacts: dict[ArtifactName, Artifact] = {}

    @property
    def size(self) -> int:
        """The number of tags, those that are not GTO's too."""
        return len(self._records)

    def record(self, tag: Tag) -> TagRecord | None:
        """What git says of a tag; None if there is no such tag."""
        return self._records.get(str(tag))

    def event(self, tag: Tag) -> Event:
        """What a tag of this registry says happened.

        :raises RegistryError: if there is no such tag, or it does not point to a commit.
        """
        record = self.record(tag)
        if record is None:
            raise RegistryError(f"There is no tag {str(tag)!r}.")
        if record.target_type != "commit":
            raise RegistryError(
                f"The tag {record.name!r} points to a {record.target_type}, not to a commit.",
                f"Make it again on a commit: git tag -a -f {record.name!r} COMMIT.",
            )
        if not record.annotated and not self._accept_lightweight:
            raise RegistryError(
                f"The tag {record.name!r} is a lightweight one, which does not count.", "Make it again with git tag -a."
            )
        return self.artifact(tag.artifact).events[record.name]

    def artifact(self, name: ArtifactName) -> Artifact:
        """The state of an artifact; one without tags has none."""
        if name not in self._artifacts:
            self._artifacts[name] = fold(name, self._that_count(self._tags_of(name)))
        return self._artifacts[name]

    def artifacts(self) -> list[Artifact]:
        """The state of every artifact that has a tag that counts, in the order of their names."""
        firsts = (next(self._that_count(self._parsed(group)), None) for group in self._groups.values())
        names = sorted((first[0].artifact for first in firsts if first), key=str)
        return [self.artifact(name) for name in names]

    def artifact_before(self, event: Event) -> Artifact:
        """The state of the event's artifact as it was just before the event."""
        events = self.artifact(event.artifact).events.values()
        return self._of_those(event.artifact, {each.record.name for each in events if each.moment < event.moment})

    def artifact_after(self, event: Event) -> Artifact:
        """The state of the event's artifact as it was right after the event; that of now if nothing came later."""
        now = self.artifact(event.artifact)
        until = {each.record.name for each in now.events.values() if each.moment <= event.moment}
        return now if len(until) == len(now.events) else self._of_those(event.artifact, until)

    def _of_those(self, name: ArtifactName, tag_names: set[str]) -> Artifact:
        tags = self._that_count(self._tags_of(name))
        return fold(name, (pair for pair in tags if pair[1].name in tag_names))

    def problems(self, artifact: ArtifactName) -> tuple[Problem, ...]:
        """What is wrong with the tags of one artifact, each kind of trouble told once."""
        lightweight, not_a_commit, misnamed, undated = [], [], [], []
        for _, record in self._tags_of(artifact):
            if record.target_type != "commit":
                not_a_commit.append(f"{record.name} ({record.target_type})")
            elif not record.annotated and not self._accept_lightweight:
                lightweight.append(record.name)
            elif record.annotated and record.inner_name != record.name:
                misnamed.append(f"{record.name} (inside: {record.inner_name})")
            elif record.signature.time is None:
                undated.append(record.name)
        found = (
            (lightweight, "Lightweight tags do not count for GTO", "Make them again with git tag -a."),
            (not_a_commit, "Tags that do not point to a commit do not count", "Delete them, or make them again."),
            (misnamed, "Tags whose name inside differs count by the name of their ref", "Make them again."),
            (undated, "Tags without a date count as older than all others", "Make them again with git tag -a."),
        )
        return tuple(
            Problem(Level.WARNING, f"{what}: {_few(names)}.", remedy) for names, what, remedy in found if names
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
            if record.target_type == "commit" and (record.annotated or self._accept_lightweight):
                yield tag, record


def ambiguity(event: Event) -> tuple[Problem, ...]:
    """What is wrong where several versions are registered at the commit of an (un)assignment (R15c)."""
    if not isinstance(event, Assignment | Unassignment) or not event.ambiguous:
        return ()
    most = 10
    more = f" and {len(event.candidates) - most} more" if len(event.candidates) > most else ""
    candidates = ", ".join(str(each) for each in event.candidates[:most]) + more
    message = (
        f"Several versions of {str(event.artifact)!r} are registered at commit {event.commit[:7]} ({candidates}); "
        f"{event.version} was taken."
    )
    return (Problem(Level.WARNING, message, "Register each version on a commit of its own.", fails_strict=True),)


def _few(names: list[str], most: int = 5) -> str:
    names = sorted(names)
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(repr(name) for name in names[:most]) + more
