"""A look at a repository: what has changed since the last one, as events in the database.

The difference to what was seen is the one source of events. A hook or a clock only says when to look.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

from gto_action.errors import GtoActionError, Problem, TooLargeError
from gto_action.git.ref_list import list_tags
from gto_action.git.remote import Remote
from gto_action.git.repository import Repository
from gto_action.gto.names import ArtifactName
from gto_action.gto.tag import parse_tag
from gto_action.service.config.settings import RepositorySettings, SinkSettings
from gto_action.service.registry import RegistryNow
from gto_action.service.rules.ref_changes import Now, Seen, in_order, is_same, steps, why_halt
from gto_action.service.state.repositories import RepositoryState
from gto_action.service.state.seen import UNSURE, NewEvent, SeenState
from gto_action.service.writing import Writing
from gto_action.system.attempts import NORMAL, Pace

_IN_PARTS: Final = 200
"""How many artifacts are read together where not all can be: a command line has an end."""


class HaltedError(GtoActionError):
    """So much is gone that a person has to say that it is right."""


class UnreadError(GtoActionError):
    """The tags of some artifacts cannot be read; those of all others have been."""


class _TooLargeError(Exception):
    """The tags cannot be read together, and nothing has been written."""


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
    unread: UnreadError | None = None
    """What could not be read: the look has failed, though what it found elsewhere is written."""


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
    artifacts = frozenset(tag.artifact for name in changed if (tag := parse_tag(name)))
    if not artifacts and not is_first:
        return Looked(digest=listed.digest, version=known.version, tags=len(names))
    reading = _Reading(of, eyes, asked, remote, seen, names, is_first)
    started = Looked(digest=listed.digest, version=known.version, is_first=is_first, tags=len(names))
    if len(artifacts) != 1 or is_first:
        with suppress(_TooLargeError):  # one tag, perhaps none of GTO's, must not hold up all others
            return reading.read(started)
    return reading.read_in_parts(started, artifacts)


def halted(name: str, why: str) -> HaltedError:
    """The error of a repository that is not believed."""
    hint = f"If that is right, run: gto-action sync {name} --accept"
    return HaltedError(f"What the repository {name!r} answers is not believed: {why}", hint)


def _oid(seen: Mapping[str, Seen], name: str) -> str:
    return seen[name].oid if name in seen else ""


@dataclass(frozen=True, slots=True)
class _Reading:
    """Reads the tags that a list has shown to be others than before, and writes what has changed."""

    of: RepositorySettings
    eyes: Eyes
    asked: Asked
    remote: Remote
    seen: Mapping[str, Seen]
    """Every tag as it was last seen."""
    names: Mapping[str, str]
    """What each tag's ref points to by the list."""
    is_first: bool

    def read(self, before: Looked, only: frozenset[ArtifactName] = frozenset()) -> Looked:
        """Reads and writes the tags of some artifacts, or all tags; gives what has been found until then.

        :raises _TooLargeError: if one of them is too large.
        """
        with Repository(self.remote, log=self.eyes.log, timeout=self.of.timeout, pace=self.eyes.pace) as repository:
            try:
                registry = RegistryNow(repository.start(only=only).finish(), self.of.lightweight)
            except TooLargeError as error:
                raise _TooLargeError from error
            now = registry.now()
            others = {
                name: Now(oid, counts=True) for name, oid in self.names.items() if only and not _is_of(name, only)
            }
            if not self.asked.accept and (why := why_halt(self.seen, others | now)):
                raise halted(self.of.name, why)
            # of the others nothing has changed, or it is read by itself
            seen = {name: each for name, each in self.seen.items() if _is_of(name, only)} if only else self.seen
            found = in_order(list(steps(seen, now)), registry.moment)
            writing = Writing(
                of=self.of,
                seen=self.eyes.seen,
                sinks=self.eyes.sinks,
                source=self.remote.shown,
                by=self.asked.by,
                dry=self.asked.dry,
            )
            written = writing.write(before.version, found, registry, is_first=self.is_first)
        return replace(
            before,
            digest=before.digest if is_same(self.names, others | now) else UNSURE,
            version=written.version,
            events=before.events + written.events,
            problems=tuple(dict.fromkeys(before.problems + written.problems)),
        )

    def read_in_parts(self, looked: Looked, artifacts: frozenset[ArtifactName]) -> Looked:
        """The same, some artifacts at a time, so that a tag that is too large holds up none but its own."""
        unread: dict[ArtifactName, BaseException | None] = {}
        parts = list(_parts(sorted(artifacts, key=str), _IN_PARTS))
        while parts:
            part = parts.pop()
            try:
                looked = self.read(looked, frozenset(part))
            except _TooLargeError as error:
                if len(part) > 1:
                    parts += _parts(part, (len(part) + 1) // 2)
                else:
                    unread[part[0]] = error.__cause__
        return replace(looked, unread=_unread(unread)) if unread else looked


def _unread(errors: Mapping[ArtifactName, BaseException | None]) -> UnreadError:
    names = ", ".join(repr(str(name)) for name in errors)
    return UnreadError(f"The tags of {names} are too large to be read.", said=str(next(iter(errors.values()))))


def _parts(artifacts: Sequence[ArtifactName], size: int) -> Iterator[Sequence[ArtifactName]]:
    yield from (artifacts[start : start + size] for start in range(0, len(artifacts), size))


def _is_of(name: str, artifacts: frozenset[ArtifactName]) -> bool:
    tag = parse_tag(name)
    return tag is not None and tag.artifact in artifacts
