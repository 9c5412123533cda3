"""A look at a repository: what has changed since the last one, as events in the database.

The difference to what was seen is the one source of events. A hook or a clock only says when to look.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from gto_action.errors import GtoActionError, Problem
from gto_action.git.ref_list import list_tags
from gto_action.git.remote import Remote
from gto_action.git.repository import Repository
from gto_action.gto.names import ArtifactName
from gto_action.gto.tag import Tag, parse_tag
from gto_action.service.config.settings import RepositorySettings, SinkSettings, Start
from gto_action.service.registry import RegistryNow
from gto_action.service.rules.body import Told, body_of
from gto_action.service.rules.event_ids import event_id
from gto_action.service.rules.ref_changes import Action, Change, Now, Seen, Step, in_order, is_same, steps, why_halt
from gto_action.service.state.repositories import RepositoryState
from gto_action.service.state.seen import UNSURE, Found, NewEvent, SeenState
from gto_action.system.attempts import NORMAL, Pace

AT_ONCE: Final = 500
"""How many events are written in one transaction."""
_BYTES_AT_ONCE: Final = 2**23
"""Of how many bytes: whoever pushes may make each 800 KB large."""


class HaltedError(GtoActionError):
    """So much is gone that a person has to say that it is right."""


class BusyError(GtoActionError):
    """Somebody else has looked at the same time, and was faster."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Eyes:
    """What a look needs of its surroundings."""

    seen: SeenState
    sinks: Sequence[SinkSettings]
    log: Callable[[str], None]
    """Takes a line for people."""
    pace: Pace = NORMAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What a look has found."""

    digest: str
    version: int
    """How often the refs had been written when they were as this digest says."""
    events: tuple[NewEvent, ...] = ()
    problems: tuple[Problem, ...] = ()
    is_first: bool = False
    tags: int = 0
    """How many tags there were, if anything had changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """How to look."""

    by: str
    """Who said so: a hook's provider, `poll`, or `sync`."""
    token: str = ""
    accept: bool = False
    """Whether it is right that so many tags are gone."""
    dry: bool = False
    """Whether nothing is to be written."""


def look(of: RepositorySettings, known: RepositoryState, eyes: Eyes, asked: Asked) -> Looked:
    """Looks at a repository, and writes what it finds.

    Args:
        of: the repository.
        known: what was known of it when this began.
        eyes: the surroundings.
        asked: how to look.

    :raises RemoteError: if it cannot be read.
    :raises HaltedError: if too much is gone to be believed.
    :raises BusyError: if somebody else has written meanwhile.
    """
    remote = Remote(of.url, token=asked.token, token_user=of.token_user)
    listed = list_tags(remote, log=eyes.log, timeout=of.timeout, pace=eyes.pace)
    if listed.digest == known.digest:
        return Looked(digest=known.digest, version=known.version)
    seen = eyes.seen.refs(of.name)
    names = listed.oids()
    if not asked.accept and (why := why_halt(seen, {name: Now(oid, counts=True) for name, oid in names.items()})):
        raise halted(of.name, why)
    is_first = not known.digest  # of a first one that broke off, what it has written is not new
    changed = {name for name in seen.keys() | names.keys() if _oid(seen, name) != names.get(name, "")}
    artifacts = {tag.artifact for name in changed if (tag := parse_tag(name))}
    if not artifacts and not is_first:
        return Looked(digest=listed.digest, version=known.version, tags=len(names))
    looked, is_same = _Writing(of, eyes, asked, remote).write(known, seen, names, artifacts)
    return replace(looked, digest=listed.digest if is_same else UNSURE)


def halted(name: str, why: str) -> HaltedError:
    """The error of a repository that is not believed."""
    hint = f"If that is right, run: gto-action sync {name} --accept"
    return HaltedError(f"What the repository {name!r} answers is not believed: {why}", hint)


def _oid(seen: Mapping[str, Seen], name: str) -> str:
    return seen[name].oid if name in seen else ""


_Batch = tuple[list[Step], list[NewEvent], dict[Problem, None]]
"""What has changed, the events of it, and what is wrong beside them."""


@dataclass(frozen=True, slots=True)
class _Writing:
    """What has changed, on its way into the database."""

    of: RepositorySettings
    eyes: Eyes
    asked: Asked
    remote: Remote

    def write(
        self, known: RepositoryState, seen: Mapping[str, Seen], names: Mapping[str, str], artifacts: set[ArtifactName]
    ) -> tuple[Looked, bool]:
        """Reads the tags and writes what has changed; also whether they are still those of the list."""
        is_first = not known.digest
        only = next(iter(artifacts)) if len(artifacts) == 1 and not is_first else None
        with Repository(self.remote, log=self.eyes.log, timeout=self.of.timeout, pace=self.eyes.pace) as repository:
            tags = repository.start(only=only).finish()
            registry = RegistryNow(tags, self.of.lightweight)
            now = registry.now()
            others = {name: Now(oid, counts=True) for name, oid in names.items() if only and not _is_of(name, only)}
            if not self.asked.accept and (why := why_halt(seen, others | now)):
                raise halted(self.of.name, why)
            if only:  # of the others nothing has changed, or the next look sees it
                seen = {name: each for name, each in seen.items() if _is_of(name, only)}
            found = in_order(list(steps(seen, now)), registry.moment)
            version, events, problems = self._write(known.version, found, registry, is_first=is_first)
        looked = Looked(
            digest="", version=version, events=events, problems=problems, is_first=is_first, tags=len(names)
        )
        return looked, is_same(names, others | now)

    def _write(
        self, version: int, found: list[Step], registry: RegistryNow, *, is_first: bool
    ) -> tuple[int, tuple[NewEvent, ...], tuple[Problem, ...]]:
        events: list[NewEvent] = []
        problems: dict[Problem, None] = {}
        # once for all that has changed: what is written here is as it is now
        holding = self._holding(registry, [step.change.tag for step in found if step.change])
        for some, batch, wrong in self._batches(found, registry, is_first=is_first):
            refs = {step.name: step.seen for step in some}
            if not self.asked.dry:
                written = Found(refs=refs, events=batch, holding=holding, by=self.asked.by)
                if not self.eyes.seen.add(self.of.name, version, written, time.time()):
                    raise BusyError(f"Somebody else looks at {self.of.name!r} too.", "The next look sees the rest.")
            events += [replace(each, body="") for each in batch]  # written, and large
            problems |= wrong
            version, holding = version + 1, {}
        return version, tuple(events), tuple(problems)

    def _batches(self, found: list[Step], registry: RegistryNow, *, is_first: bool) -> Iterator[_Batch]:
        """What is written together, which is neither many nor large; at a first look it may be nothing."""
        numbers = self.eyes.seen.sequences(self.of.name)
        for start in range(0, len(found), AT_ONCE):
            steps_of, size = found[start : start + AT_ONCE], 0
            told = {
                step.change
                for step in steps_of
                if step.change and (not is_first or self._counts_at_first(step.change, registry))
            }
            registry.expect(told)
            batch: _Batch = [], [], {}
            for step in steps_of:
                if size > _BYTES_AT_ONCE:
                    yield batch
                    batch, size = ([], [], {}), 0
                batch[0].append(step)
                if step.change and step.change in told:
                    event, wrong = self._event(step.change, registry, numbers)
                    batch[1].append(event)
                    batch[2].update(dict.fromkeys(wrong))
                    size += len(event.body)
            yield batch
        if is_first and not found:
            yield [], [], {}

    def _counts_at_first(self, change: Change, registry: RegistryNow) -> bool:
        """Whether a tag that was there before the service is an event."""
        if isinstance(self.of.start, Start):
            return self.of.start is Start.EVERYTHING
        record = registry.record(change.tag)
        when = record.signature.time if record else None
        return when is not None and when >= self.of.start.start(int(time.time()))

    def _event(
        self, change: Change, registry: RegistryNow, numbers: dict[str, int]
    ) -> tuple[NewEvent, tuple[Problem, ...]]:
        artifact = str(change.tag.artifact)
        numbers[artifact] = sequence = numbers.get(artifact, 0) + 1
        document, problems = registry.document(change)
        told = Told(
            id=event_id(self.of.name, change),
            change=change,
            sequence=sequence,
            source=self.remote.shown,
            time=str(document["created_at"]),
            document=document,
        )
        event = NewEvent(
            id=told.id,
            artifact=artifact,
            sequence=sequence,
            word=change.word,
            tag=str(change.tag),
            holds=registry.holds(change.tag, as_deleted=change.action is Action.DELETED),
            body=body_of(told),
            sinks=tuple(sink.name for sink in self.eyes.sinks if sink.wanted.takes(self.of.name, change)),
        )
        return event, problems

    def _holding(self, registry: RegistryNow, tags: Iterable[Tag]) -> dict[str, bool]:
        """What has become of the events of these artifacts that somebody waits for, where that has changed."""
        changed = {str(tag): str(tag.artifact) for tag in tags}
        found: dict[str, bool] = {}
        for each in self.eyes.seen.undelivered(self.of.name, {*changed.values()}):
            tag = parse_tag(each.tag) if each.is_last and each.tag not in changed else None  # what came last counts
            holds = bool(tag and registry.holds(tag, as_deleted=each.word == Action.DELETED.value))
            if holds is not each.holds:
                found[each.id] = holds
        return found


def _is_of(name: str, artifact: ArtifactName) -> bool:
    tag = parse_tag(name)
    return tag is not None and tag.artifact == artifact
