"""The registry: the state that follows from all tags, by GTO's rules R8-R17 and DESIGN.md's answers to their holes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from gto_action.errors import Level, Problem, RegistryError
from gto_action.event import Assignment, Deprecation, Deregistration, Event, Registration, Unassignment
from gto_action.names import ArtifactName, Version
from gto_action.record import TagRecord
from gto_action.tag import Kind, Tag, parse_tag


@dataclass(slots=True)
class _VersionRecord:
    """One version at one commit: the identity of R14."""

    version: Version
    registrations: list[TagRecord] = field(default_factory=list)
    last: TagRecord | None = None
    active: bool = False

    def add(self, kind: Kind, record: TagRecord) -> None:
        """Takes the next (de)registration in the order of R13; R16: on a tie in time the deregistration wins."""
        tied = self.last is not None and self.last.order[0] == record.order[0]
        self.active = kind is Kind.REGISTRATION and not (tied and not self.active)
        self.last = record
        if kind is Kind.REGISTRATION:
            self.registrations.append(record)


class Registry:
    """All tags of a repository, folded on demand one artifact at a time: one artifact's trouble is its own."""

    def __init__(self, records: Iterable[TagRecord], *, accept_lightweight: bool = False) -> None:
        """Takes the records of every tag.

        Args:
            records: in any order.
            accept_lightweight: whether lightweight tags count; GTO drops them (R8).
        """
        self._records = {record.name: record for record in records}
        self._accept_lightweight = accept_lightweight

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
        artifact = tag.artifact
        match tag.kind, tag.version, tag.stage:
            case Kind.REGISTRATION, Version() as version, _:
                return Registration(artifact=artifact, record=record, version=version)
            case Kind.DEREGISTRATION, Version() as version, _:
                return Deregistration(artifact=artifact, record=record, version=version)
            case Kind.DEPRECATION, _, _:
                return Deprecation(artifact=artifact, record=record)
        assert tag.stage is not None  # noqa: S101 - a Tag of these kinds cannot be built without one
        found = self._versions_at(artifact, record.target)
        event = Assignment if tag.kind is Kind.ASSIGNMENT else Unassignment
        return event(
            artifact=artifact,
            record=record,
            stage=tag.stage,
            version=_choose(found, record),
            candidates=tuple(each.version for each in found) if len(found) > 1 else (),
        )

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
        prefixes = (f"{artifact.in_tag}@", f"{artifact.in_tag}#")
        for name, record in self._records.items():
            if name.startswith(prefixes):
                tag = parse_tag(name)
                if tag is not None:  # of this artifact, since no artifact's name holds "@" or "#"
                    yield tag, record

    def _counts(self, record: TagRecord) -> bool:
        return record.target_type == "commit" and (record.annotated or self._accept_lightweight)

    def _versions_at(self, artifact: ArtifactName, commit: str) -> list[_VersionRecord]:
        """The versions with a (de)registration at a commit (R15), in the order of their first one."""
        events = [
            (record, tag)
            for tag, record in self._tags_of(artifact)
            if tag.version is not None and record.target == commit and self._counts(record)
        ]
        versions: dict[Version, _VersionRecord] = {}
        # R13: all (de)registrations, those after the (un)assignment too
        for record, tag in sorted(events, key=lambda event: event[0].order):
            assert tag.version is not None  # noqa: S101 - filtered above
            versions.setdefault(tag.version, _VersionRecord(tag.version)).add(tag.kind, record)
        return list(versions.values())


def _choose(found: list[_VersionRecord], assignment: TagRecord) -> Version | None:
    """R15: none, the only one even if it was deregistered, or by DESIGN.md the likeliest of several."""
    if not found:
        return None
    if len(found) == 1:
        return found[0].version
    active = [each for each in found if each.active]
    candidates = active or found

    def latest_registration(each: _VersionRecord, until: int | None = None) -> tuple[int, str]:
        orders = [record.order for record in each.registrations]
        return max((order for order in orders if until is None or order[0] <= until), default=(-2, ""))

    now = assignment.order[0]
    before = [each for each in active if latest_registration(each, now) > (-2, "")]
    if before:
        return max(before, key=lambda each: latest_registration(each, now)).version
    return max(candidates, key=latest_registration).version


def _few(names: list[str], most: int = 5) -> str:
    names = sorted(names)
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(repr(name) for name in names[:most]) + more
