"""A look at a repository: what has changed since the last one, as events in the database.

The difference to what was seen is the one source of events. A hook or a clock only says when to look.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import TypeVar

from gto_action.errors import GtoActionError, Problem, TooLargeError
from gto_action.git.ref_list import list_tags
from gto_action.git.remote import Remote
from gto_action.git.repository import Repository
from gto_action.gto.tag import parse_tag
from gto_action.job.values import Lightweight
from gto_action.service.config.settings import RepositorySettings, SinkSettings
from gto_action.service.parts import Artifacts, TooMuchError, UnreadError, parts_of, read_apart
from gto_action.service.registry import RegistryNow
from gto_action.service.rules.ref_changes import Now, Seen, in_order, is_same, steps, why_halt
from gto_action.service.state.repositories import RepositoryState
from gto_action.service.state.seen import ACCEPTED, MIXED, NewEvent, SeenState, unsure
from gto_action.service.writing import Writing
from gto_action.system.attempts import NORMAL, Pace

_Each = TypeVar("_Each")


class HaltedError(GtoActionError):
    """So much is gone that a person has to say that it is right."""


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
    error: GtoActionError | None = None
    """Why the look has failed, though what it has found until then, or elsewhere, is written."""


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
    accepts = of.lightweight is Lightweight.ACCEPT
    if known.digest == (digest := listed.digest + (ACCEPTED if accepts else "")):
        return Looked(digest=known.digest, version=known.version)
    seen = eyes.seen.refs(of.name)
    names = listed.oids()
    is_first = not known.digest  # of a first one that broke off, what it has written is not new
    listed_tags = {name: Now(oid, counts=True) for name, oid in names.items()}
    reading = _Reading(of, eyes, asked, remote, seen, names, is_first)
    reading.believe(listed_tags)
    changed = {name for name in seen.keys() | names.keys() if _oid(seen, name) != names.get(name, "")}
    # other tags count now than did
    is_other = is_first or known.digest == MIXED or accepts is not known.digest.endswith(ACCEPTED)
    concerned = changed | names.keys() if is_other else changed
    artifacts = frozenset(tag.artifact for name in concerned if (tag := parse_tag(name)))
    started = Looked(digest=digest, version=known.version, is_first=is_first, tags=len(names))
    if not artifacts and not is_first:
        return started
    only = artifacts if len(artifacts) == 1 and not is_other else frozenset()
    with suppress(TooMuchError):  # one tag, perhaps none of GTO's, must not hold up all others
        return reading.read(started, only, listed_tags)
    return reading.read_in_parts(started, artifacts, listed_tags)


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

    def read(self, before: Looked, only: Artifacts, tags: Mapping[str, Now]) -> Looked:
        """Reads and writes the tags of some artifacts; gives what has been found until then.

        Args:
            before: what has been found until now.
            only: the artifacts; none for all.
            tags: as far as they are known.

        :raises TooMuchError: if one of them is too large.
        """
        writing = Writing(
            of=self.of,
            seen=self.eyes.seen,
            sinks=self.eyes.sinks,
            source=self.remote.shown,
            by=self.asked.by,
            dry=self.asked.dry,
        )
        try:
            with self._registry(only) as registry:
                now = _of(registry.now(), only)
                others = _without(tags, only)
                self.believe(others | now)
                # of the others nothing has changed, or it is read by itself
                found = in_order(list(steps(_of(self.seen, only), now)), registry.moment)
                written = writing.write(before.version, found, registry, is_first=self.is_first)
        except TooLargeError as error:
            if writing.has_written:
                raise
            raise TooMuchError from error
        return replace(
            before,
            digest=before.digest if is_same(self.names, others | now) else unsure(before.digest),
            version=written.version,
            events=before.events + written.events,
            problems=tuple(dict.fromkeys(before.problems + written.problems)),
        )

    def read_in_parts(self, looked: Looked, artifacts: Artifacts, listed: Mapping[str, Now]) -> Looked:
        """The same, some artifacts at a time, so that a tag that is too large holds up none but its own.

        All are read once before anything is written: whether so much is gone as is not believed is asked of all.
        """
        known: dict[str, Now] = {}

        def read(part: Artifacts) -> None:
            try:
                with self._registry(part) as registry:
                    known.update(_of(registry.now(), part))
            except TooLargeError as error:
                raise TooMuchError from error

        def write(part: Artifacts) -> None:
            nonlocal looked
            looked = self.read(looked, part, tags)

        first = read_apart(parts_of(artifacts), read, self.of.timeout)
        if first.unread and self.is_first:  # else its old tags would be new when it can be read
            raise first.unread
        tags = _without(listed, frozenset().union(*first.parts)) | known if first.parts else {**listed}
        self.believe(tags | self._changed(first.unread.artifacts if first.unread else frozenset()))
        try:
            second = read_apart(first.parts, write, self.of.timeout)
        except GtoActionError as error:  # what has been found until then is written
            return replace(looked, error=error)
        return replace(looked, error=_worse(first.unread, second.unread))

    def _changed(self, artifacts: Artifacts) -> dict[str, Now]:
        """The tags of artifacts that could not be read and are not as they were: nobody knows whether they count."""
        of_them = _of(self.names, artifacts) if artifacts else {}
        return {name: Now(oid, counts=False) for name, oid in of_them.items() if _oid(self.seen, name) != oid}

    @contextmanager
    def _registry(self, only: Artifacts) -> Iterator[RegistryNow]:
        with Repository(self.remote, log=self.eyes.log, timeout=self.of.timeout, pace=self.eyes.pace) as repository:
            yield RegistryNow(repository.start(only=only).finish(), self.of.lightweight)

    def believe(self, now: Mapping[str, Now]) -> None:
        """Whether the tags may be so.

        :raises HaltedError: if too much is gone.
        """
        if not self.asked.accept and (why := why_halt(self.seen, now)):
            raise halted(self.of.name, why)


def _worse(one: UnreadError | None, other: UnreadError | None) -> UnreadError | None:
    """What is told, and noted: that there was no time comes again soon."""
    return other if one is None or (other is not None and other.late) else one


def _is_of(name: str, artifacts: Artifacts) -> bool:
    tag = parse_tag(name)
    return tag is not None and tag.artifact in artifacts


def _of(tags: Mapping[str, _Each], artifacts: Artifacts) -> dict[str, _Each]:
    """The tags of some artifacts; all tags if there are none."""
    return {name: each for name, each in tags.items() if not artifacts or _is_of(name, artifacts)}


def _without(tags: Mapping[str, _Each], artifacts: Artifacts) -> dict[str, _Each]:
    """The other tags."""
    return {name: each for name, each in tags.items() if artifacts and not _is_of(name, artifacts)}
