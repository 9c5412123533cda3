"""The work at repositories: to look at one when somebody wants it, and to note how that ended."""

import random
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from gto_action.errors import GtoActionError
from gto_action.service.config.settings import RepositorySettings
from gto_action.service.look import Asked, Eyes, HaltedError, Looked, look
from gto_action.service.means import Means
from gto_action.service.parts import UnreadError
from gto_action.service.rules.retries import is_due
from gto_action.service.state.database import DatabaseError
from gto_action.service.state.repositories import Repositories, RepositoryState
from gto_action.service.state.seen import SeenState
from gto_action.service.writing import BusyError

_PER_HOST: Final = 4
"""How many repositories of a host are looked at at the same time."""
_AT_ONCE: Final = 16
"""How many of all."""
_FIRST_PAUSE: Final = 15.0
_LONGEST_PAUSE: Final = 3600.0
_AFTER_DATABASE: Final = 1.0, 30.0
"""The first and the longest pause after a look that failed because the database did."""
_BROKEN_OFF: Final = 3
"""After how many looks in a row that ended the service the next ones have pauses between them."""


@dataclass(slots=True)
class Looking:
    """Looks at repositories. Any look may be made twice, and at any time."""

    means: Means
    found: Callable[[], None] = lambda: None
    """Is called when there may be something to deliver."""
    _hosts: dict[str, threading.Semaphore] = field(
        default_factory=lambda: defaultdict(lambda: threading.Semaphore(_PER_HOST))
    )
    _all: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(_AT_ONCE))

    @property
    def repositories(self) -> Repositories:
        """What is known of the repositories."""
        return Repositories(self.means.database)

    def look_at(self, name: str, *, by: str = "service", accept: bool = False, dry: bool = False) -> Looked | None:
        """Looks at a repository, if somebody wants it; None if nothing was to be done, or it has failed.

        :raises GtoActionError: if it has failed, and `by` is not the service, which notes it.
        """
        of = self.means.settings.repository(name)
        known = self.means.patiently(self.repositories.all).get(name)
        if of is None or known is None:
            return None
        if by == "service" and not self._may_look(known):
            return None
        began, at = time.monotonic(), time.time()
        asked = Asked(by=by, token=self._token(of), accept=accept, dry=dry)
        try:
            with self._hosts[urlsplit(of.url).hostname or ""], self._all:  # a host that hangs has four of all
                looked = self._look(of, known, asked)
            self._told(name, looked, time.monotonic() - began)
            _check(looked)
        except BusyError:  # who was faster has written what there was; what is left is still wanted
            if not dry:
                self.means.patiently(lambda: self.repositories.again(known))
            return None
        except Exception as error:
            if not dry:
                self._failed(known, error, at)
            if by != "service" or not isinstance(error, GtoActionError):
                raise
            return None
        if not dry:
            self._over(known, looked)
        return looked

    def _over(self, known: RepositoryState, looked: Looked) -> None:
        repositories, now = self.repositories, time.time()
        if isinstance(looked.error, UnreadError):
            said = self._said(known, looked.error)
            again_at = now + _FIRST_PAUSE if looked.error.late else 0.0
            self.means.patiently(lambda: repositories.found_in_part(known, error=said, again_at=again_at))
            return
        self.means.patiently(
            lambda: repositories.looked(
                known.name, done=known.wanted, digest=looked.digest, version=looked.version, now=now
            )
        )

    def _may_look(self, known: RepositoryState) -> bool:
        """Whether somebody wants a look now; that it begins is noted, for if the service never hears of its end."""
        now = time.time()
        if known.wanted <= known.done or not is_due(known.not_before, now):
            self.means.patiently(lambda: self.repositories.again(known))
            return False
        broken = known.begun - _BROKEN_OFF
        pause = 0.0 if broken < 0 else _pause(broken, _FIRST_PAUSE, _LONGEST_PAUSE)
        self.means.patiently(lambda: self.repositories.begin(known, now + pause if pause else 0.0))
        return True

    def _look(self, of: RepositorySettings, known: RepositoryState, asked: Asked) -> Looked:
        def said(line: str) -> None:
            self.means.log.tell(line, repository=of.name)

        eyes = Eyes(seen=SeenState(self.means.database), sinks=self.means.settings.sinks, log=said)
        return look(of, known, eyes, asked)

    def _token(self, of: RepositorySettings) -> str:
        return self.means.vault[of.token] if of.token else ""

    def _failed(self, known: RepositoryState, error: Exception, began: float) -> None:
        pauses = _AFTER_DATABASE if isinstance(error, DatabaseError) else (_FIRST_PAUSE, _LONGEST_PAUSE)
        wait = _pause(known.failures, *pauses)
        said = self._said(known, error)
        self.means.patiently(
            lambda: self.repositories.failed(
                known,
                began=began,
                error=said,
                not_before=time.time() + wait,
                halted=isinstance(error, HaltedError),
            )
        )

    def _said(self, known: RepositoryState, error: Exception) -> str:
        """What is wrong, once it is told."""
        said = self.means.vault.hide(
            str(error) if isinstance(error, GtoActionError) else f"{type(error).__name__}: {error}"
        )
        self.means.metrics.look_failed(known.name)
        self.means.log.fail(said, repository=known.name, failures=known.failures + 1)
        return said

    def _told(self, name: str, looked: Looked, seconds: float) -> None:
        self.means.metrics.looked(name, seconds)
        for problem in looked.problems:
            self.means.log.caution(str(problem), repository=name)
        if looked.is_first:
            self.means.log.tell(
                f"Tags that were there before: {looked.tags}, of which {len(looked.events)} are sent.", repository=name
            )
        for event in looked.events:
            self.means.metrics.found(event.word)
            self.means.log.tell(
                f"{event.word}: {event.tag}",
                repository=name,
                event=event.id,
                sequence=event.sequence,
                sinks=list(event.sinks),
            )
        if looked.events:
            self.found()


def _check(looked: Looked) -> None:
    """Whether it has failed, not only for some artifacts.

    :raises GtoActionError: if so.
    """
    if looked.error and not isinstance(looked.error, UnreadError):
        raise looked.error


def _pause(failures: int, first: float, longest: float) -> float:
    """The seconds to the next look after some failures in a row."""
    return min(first * (1 << min(failures, 10)), longest) * random.uniform(1, 1.2)  # noqa: S311 - spreads the load
