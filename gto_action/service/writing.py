"""Writes what a look has found: each event of a change, in the order of its artifact, with what it means for others."""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from gto_action.errors import GtoActionError, Problem
from gto_action.gto.tag import Tag, parse_tag
from gto_action.job.values import Lightweight
from gto_action.service.config.settings import RepositorySettings, SinkSettings, Start
from gto_action.service.registry import RegistryNow
from gto_action.service.rules.body import Told, body_of
from gto_action.service.rules.event_ids import event_id
from gto_action.service.rules.ref_changes import Action, Change, Step
from gto_action.service.state.seen import Found, NewEvent, SeenState

_AT_ONCE: Final = 500
"""How many events are written in one transaction."""
_BYTES_AT_ONCE: Final = 2**23
"""Of how many bytes: whoever pushes may make each 800 KB large."""
_Batch = tuple[list[Step], list[NewEvent], dict[Problem, None]]
"""What has changed, the events of it, and what is wrong beside them."""


class BusyError(GtoActionError):
    """Somebody else has looked at the same time, and was faster."""


class Written(NamedTuple):
    """What has been written."""

    version: int
    """How often the refs have been written now."""
    events: tuple[NewEvent, ...]
    problems: tuple[Problem, ...]


@dataclass(slots=True, kw_only=True)
class Writing:
    """What has changed, on its way into the database."""

    of: RepositorySettings
    seen: SeenState
    sinks: Sequence[SinkSettings]
    source: str
    """The repository's address, for people."""
    by: str
    """Who said to look."""
    dry: bool
    """Whether nothing is to be written."""
    has_written: bool = False

    def write(self, version: int, found: list[Step], registry: RegistryNow, *, is_first: bool) -> Written:
        """Writes what is not as it was, a part at a time.

        Args:
            version: how often the refs had been written when this look began.
            found: what is not as it was, in the order in which it is told.
            registry: as it is now.
            is_first: whether tags were there before the service.

        :raises BusyError: if somebody else has written meanwhile.
        """
        accepts = self.of.lightweight is Lightweight.ACCEPT
        events: list[NewEvent] = []
        problems: dict[Problem, None] = {}
        # once for all that has changed: what is written here is as it is now
        holding = self._holding(registry, [step.change.tag for step in found if step.change])
        for some, batch, wrong in self._batches(found, registry, is_first=is_first):
            refs = {step.name: step.seen for step in some}
            if not self.dry:
                written = Found(refs=refs, events=batch, holding=holding, by=self.by, accepts=accepts)
                if not self.seen.add(self.of.name, version, written, time.time()):
                    raise BusyError(f"Somebody else looks at {self.of.name!r} too.", "The next look sees the rest.")
                self.has_written = True
            events += [replace(each, body="") for each in batch]  # written, and large
            problems |= wrong
            version, holding = version + 1, {}
        return Written(version, tuple(events), tuple(problems))

    def _batches(self, found: list[Step], registry: RegistryNow, *, is_first: bool) -> Iterator[_Batch]:
        """What is written together, which is neither many nor large; at a first look it may be nothing."""
        numbers = self.seen.sequences(self.of.name)
        for start in range(0, len(found), _AT_ONCE):
            steps_of, size = found[start : start + _AT_ONCE], 0
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
        if change.generation > 1:  # since an earlier first look, which broke off
            return True
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
            source=self.source,
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
            sinks=tuple(sink.name for sink in self.sinks if sink.wanted.takes(self.of.name, change)),
        )
        return event, problems

    def _holding(self, registry: RegistryNow, tags: Iterable[Tag]) -> dict[str, bool]:
        """What has become of the events of these artifacts that somebody waits for, where that has changed."""
        changed = {str(tag): str(tag.artifact) for tag in tags}
        found: dict[str, bool] = {}
        for each in self.seen.undelivered(self.of.name, {*changed.values()}):
            tag = parse_tag(each.tag) if each.is_last and each.tag not in changed else None  # what came last counts
            holds = bool(tag and registry.holds(tag, as_deleted=each.word == Action.DELETED.value))
            if holds is not each.holds:
                found[each.id] = holds
        return found
