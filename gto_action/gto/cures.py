"""Commands that fix a tag without changing any stage: they keep its date, or delete a tag that does not count.

A tag that is carelessly made again has today's date, and so supersedes what came after it.
"""

import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from gto_action.gto.fold import fold
from gto_action.gto.growth import Pair
from gto_action.gto.ignored import Ignored, why_ignored
from gto_action.gto.names import ArtifactName
from gto_action.gto.record import TagRecord
from gto_action.gto.tag import EventKind

SKEW: Final = 86_400
"""How many seconds clocks may be wrong; a tag dated further ahead is dated in the future."""
_DIGITS: Final = 12
_MOST: Final = 20_000
"""How many tags may be folded to try cures one by one."""
_zone = re.compile(r"[+-](?:0[0-9]|1[0-4])[0-5][0-9]")

Pairs = Sequence[Pair]


def delete(name: str) -> str:
    """The command that deletes a tag, here and on the remote."""
    here = f"git tag -d {shlex.quote(name)}" if name[:1] != "-" else f"git update-ref -d {_ref(name)}"
    return f"{here} && git push origin --delete {_ref(name)}"


def make_again(record: TagRecord, time: int | None) -> str:
    """The command that makes a tag again at its commit, dated with a time in seconds since 1970 if there is one.

    Empty for a name that `git tag` does not accept.
    """
    if record.name[:1] == "-":
        return ""
    zone = record.signature.zone if _zone.fullmatch(record.signature.zone) else "+0000"
    date = "" if time is None else f"GIT_COMMITTER_DATE='@{time} {zone}' "
    made = f"{date}git tag -a -f -m MESSAGE {shlex.quote(record.name)} {record.target[:_DIGITS]}"
    return f"{made} && git push --force origin {_ref(record.name)}"


def _ref(name: str) -> str:
    return shlex.quote(f"refs/tags/{name}")


class Cures:
    """Commands for the bad tags of an artifact; run one after the other, they change no stage."""

    def __init__(self, name: ArtifactName, tags: Iterable[Pair], now: float, *, accept_lightweight: bool) -> None:
        """Folds the artifact once for each kind of trouble that it has.

        Args:
            name: the artifact.
            tags: all of its tags, including those that do not count.
            now: the time, in seconds since 1970.
            accept_lightweight: whether lightweight tags count.
        """
        self._name = name
        self._now = now
        self._accept = accept_lightweight
        self._commands: dict[str, str] = {}
        ordered = sorted(tags, key=lambda pair: pair[1].name)
        counted = self._cure_lightweight([pair for pair in ordered if self._why_ignored(pair[1]) is None], ordered)
        self.undated = [record for _, record in counted if record.signature.time is None]
        self.ahead = [record for _, record in counted if self._is_ahead(record)]
        counted = self._redate(counted, self.undated, {None: 0})
        self._redate(counted, self.ahead, self._times(counted))

    def hint(self, record: TagRecord) -> str:
        """What to do about a bad tag; ends with the command, if there is one."""
        command = self.command(record)
        if self._why_ignored(record):
            if record.name in self._commands:
                return f"Make it again, with its commit's date: {command}"
            return f"Delete it, and if it is meant make it with gto: {command}"
        if not command:
            return "Make it again with the correct date, set in GIT_COMMITTER_DATE; this may change a stage."
        how = "with a date that changes no stage" if record.name in self._commands else "with its date"
        return f"Make it again, {how}: {command}"

    def command(self, record: TagRecord) -> str:
        """The shell command; empty if none is sure to change no stage."""
        if record.name in self._commands:
            return self._commands[record.name]
        if self._why_ignored(record):
            return delete(record.name)
        if record.signature.time is None or self._is_ahead(record):
            return ""
        return make_again(record, record.signature.time)

    def _why_ignored(self, record: TagRecord) -> Ignored | None:
        return why_ignored(record, accept_lightweight=self._accept)

    def _is_ahead(self, record: TagRecord) -> bool:
        return (record.signature.time or 0) > self._now + SKEW

    def _cure_lightweight(self, counted: list[Pair], ordered: Pairs) -> list[Pair]:
        """Makes lightweight registrations annotated, with their commits' dates, if that changes no stage."""
        made = list(filter(None, map(self._dated_by_commit, ordered)))
        # one after the other; all or none if that would take long
        groups = [made] if len(made) * len(counted) > _MOST else [[pair] for pair in made]
        before = self._state(counted) if made else ()
        for group in groups:
            if group and before == self._state([*counted, *group]):
                counted += group
                self._commands |= {record.name: make_again(record, record.committed) for _, record in group}
        return counted

    def _dated_by_commit(self, pair: Pair) -> Pair | None:
        """A lightweight registration as an annotated one; None for any other tag."""
        tag, record = pair
        if tag.kind is not EventKind.REGISTRATION or self._why_ignored(record) is not Ignored.LIGHTWEIGHT:
            return None
        date = record.signature._replace(time=record.committed)
        made = record._replace(annotated=True, inner_name=record.name, signature=date)
        can = make_again(made, record.committed) and record.committed >= 0 and not self._is_ahead(made)
        return (tag, made) if can else None

    def _times(self, counted: Pairs) -> dict[int | None, int]:
        """For each time in the future a time that is not, in the same order and after all others."""
        times = sorted({record.signature.time or 0 for record in self.ahead})
        past = [record.order[0] for _, record in counted if not self._is_ahead(record)]
        start = max([*past, int(self._now) - len(times)]) if times else 0
        return {time: start + number for number, time in enumerate(times, 1)}

    def _redate(self, counted: list[Pair], records: Sequence[TagRecord], times: Mapping[int | None, int]) -> list[Pair]:
        """Dates some tags anew, all at once, as one by one they would change places; not if a stage would change."""
        if not records:
            return counted
        dated = {record.name: times[record.signature.time] for record in records}
        after = [(tag, _dated(record, dated.get(record.name))) for tag, record in counted]
        commands = [make_again(record, dated[record.name]) for record in records]
        if not all(commands) or self._state(counted, exact=True) != self._state(after, exact=True):
            return counted
        self._commands |= dict.fromkeys(dated, " && ".join(commands))
        return after

    def _state(self, counted: Pairs, *, exact: bool = False) -> tuple[object, ...]:
        """What must stay the same: which commit each stage holds, and that gto can tell its version."""
        artifact = fold(self._name, counted)
        stages = {str(stage): (state.commit, str(state) if exact else "") for stage, state in artifact.stages.items()}
        crowded = {(record.target, candidates) for _, record, _, candidates in artifact.tags if candidates}
        return (artifact.active, stages, crowded, str(artifact.latest or "") if exact else "")


def _dated(record: TagRecord, time: int | None) -> TagRecord:
    return record if time is None else record._replace(signature=record.signature._replace(time=time))
