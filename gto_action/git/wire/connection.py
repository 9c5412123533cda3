"""A connection to a remote that speaks version 2 of git's protocol: lists of refs, and objects."""

import io
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Final, NamedTuple, Self, TypeVar

from gto_action.errors import FilterError, Kind, TransientRemoteError
from gto_action.git.protocol.capabilities import Capabilities, read_capabilities
from gto_action.git.protocol.faults import CannotError, ProtocolError, SaidError
from gto_action.git.protocol.fetches import ask_for_objects, read_pack_data
from gto_action.git.protocol.pack import Pack, Sent
from gto_action.git.protocol.packed_bytes import Limits
from gto_action.git.protocol.packets import BREAKS_OFF, Mark, read_packets
from gto_action.git.protocol.ref_lists import Ref, ask_for_refs, parse_refs, read_lines
from gto_action.git.remote import Remote
from gto_action.git.scratch import read_trace
from gto_action.git.wire.helper import Helper, start_helper
from gto_action.git.workshop import Workshop
from gto_action.system.conversation import Conversation

_Found = TypeVar("_Found")

_MOVES: Final = 3
_PATIENCE: Final = 1.0
"""The seconds that a helper has to say why an answer is not right."""
_BUFFER: Final = 2**18
_complaint: Final = re.compile(r"^(?:fatal|error): ", re.MULTILINE)
_MOST_LINE: Final = 100
_OLD: Final = "The server does not speak version 2 of git's protocol."


class Listed(NamedTuple):
    """Refs of a remote."""

    refs: list[Ref]
    """None if there are more than were asked for."""
    more: bool
    """Whether there are."""


class Connection:
    """A helper of git's that has been started: a context at whose end it is ended."""

    def __init__(
        self, workshop: Workshop, remote: Remote, helper: Helper | None = None, *, quiet: bool = False
    ) -> None:
        """Starts it, and does not wait.

        Args:
            workshop: where it works.
            remote: whom it is to speak with.
            helper: one that has been started.
            quiet: whether people hear nothing of it, since another one is started beside it.

        :raises CannotError: if a remote with such an address cannot be asked this way.
        """
        self._workshop = workshop
        self.quiet = quiet
        """Whether people hear nothing of it."""
        self._stopped = False
        self.remote = remote
        """Whom it speaks with: another than at first, if the repository has moved, once something has been asked."""
        self.is_over = False
        """Whether nothing can be asked any more."""
        self._start(helper)
        self._capabilities: Capabilities | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        """Ends it at once."""
        self.is_over = True
        self._process.end()

    def stop(self) -> None:
        """Sees to it that the thread that asks something on it comes to an end at once; called by another thread."""
        self._stopped = True
        self._process.kill()

    def refs(
        self, prefixes: Iterable[str], *, peel: bool = False, symrefs: bool = False, most: int | None = None
    ) -> Listed:
        """The refs whose names begin with one of these.

        If there are more than `most`, none is given, and the connection is over: nothing else can be asked on it.

        :raises RemoteError: if the remote cannot be reached, or refuses, or answers what is no answer.
        :raises CannotError: if it cannot be asked this way.
        """
        with self.judged():
            capabilities, wanted = self._connect(), tuple(prefixes)
            self._talk.say(ask_for_refs(capabilities, wanted, peel=peel, symrefs=symrefs))
            found = read_lines(self._packets, capabilities, wanted)
            lines: Iterable[bytes] = found  # which are parsed as they come, or else counted first
            if most is not None:
                lines = list(islice(found, most))
                if next(found, None) is not None:
                    self.end()
                    return Listed([], more=True)
            refs = list(parse_refs(lines, capabilities))
            self._check_end()
            return Listed(refs, more=False)

    def objects(
        self, oids: Iterable[str], leave_out: str, limits: Limits, take: Callable[[Iterator[Sent]], _Found]
    ) -> tuple[Pack, _Found]:
        """Fetches objects, and what they lead to, but for older commits and what is left out.

        Args:
            oids: the names of some.
            leave_out: `NO_TREE` or `NO_BLOB`.
            limits: what is taken.
            take: makes something of all of them, while they come.

        :raises RemoteError: if the remote cannot be reached, or refuses, or answers what is no answer.
        :raises CannotError: if it cannot be asked this way.
        """
        with self.judged():
            capabilities = self._connect()
            self._talk.say(ask_for_objects(capabilities, oids, leave_out))
            data, allowance = read_pack_data(self._packets), self._workshop.allowance
            pack = Pack(data, capabilities.algorithm, limits, self._check_time, allowance)
            found = take(pack.objects())
            self._check_end()
            return pack, found

    @contextmanager
    def judged(self) -> Iterator[None]:
        """Where an answer is read: what is wrong with it becomes an error of the remote's, and ends the connection."""
        right = False
        try:
            yield
            right = True
        except TimeoutError as error:
            raise self._workshop.attempts.too_slow(self.remote.shown) from error
        except (ProtocolError, BrokenPipeError) as error:
            raise self._failure(error) from error
        finally:
            if not right:
                self.end()

    def _start(self, helper: Helper | None = None) -> None:
        attempts = self._workshop.attempts
        self._process, self._trace = helper or start_helper(self._workshop.scratch, self.remote)
        if self._stopped:
            self._process.kill()
        self._talk = Conversation(self._process, attempts.left, alive=self._alive, every=attempts.sign)
        self._heard = io.BufferedReader(self._talk, _BUFFER)
        self._packets = read_packets(self._heard.read)
        self._last_words: tuple[int | None, str] | None = None

    def _alive(self, passed: float) -> None:
        if not self.quiet:
            self._workshop.attempts.alive(passed)

    def _check_time(self) -> None:
        """Nothing, while there is time and nobody has stopped it: much may have come that is still to be read.

        :raises TimeoutError: if the time is up.
        :raises BrokenPipeError: if it has been stopped.
        """
        if self._stopped:
            raise BrokenPipeError
        self._talk.check_time()

    def _connect(self) -> Capabilities:
        """What the server can do: asked once, wherever the repository has moved to."""
        moves = 0
        while not self._capabilities:
            try:
                self._capabilities = self._shake_hands()
            except (ProtocolError, BrokenPipeError):
                moved = self.remote.moved(self._finish()[1], read_trace(self._trace))
                if not moved or moves == _MOVES:
                    raise
                moves += 1
                if not self.quiet:
                    self._workshop.log(f"The repository has moved to {moved.shown}")
                self.remote = moved
                self._start()
        return self._capabilities

    def _shake_hands(self) -> Capabilities:
        if self.remote.is_http:
            line = self._heard.readline(_MOST_LINE)
            if line == b"fallback\n":
                raise self.remote.not_git(read_trace(self._trace)) or CannotError(_OLD)
            if line != b"\n":
                raise ProtocolError(BREAKS_OFF)
        return read_capabilities(self._packets)

    def _check_end(self) -> None:
        """The helper ends what came over HTTP with a mark, also where it broke off.

        Behind half of a packet's length the mark looks like the end of an answer: what follows does not.
        """
        if self.remote.is_http and next(self._packets) is not Mark.END:
            raise ProtocolError("Its answer goes on after its end.")

    def _finish(self) -> tuple[int | None, str]:
        """The status of the helper, and what it complained of, when it has been told that it is over."""
        if not self._last_words:
            self._last_words = self._talk.finish(_PATIENCE)
        return self._last_words

    def _failure(self, error: Exception) -> Exception:
        """What is wrong, by what the helper says of it, or else by what was found here."""
        text = f"Fetching from the remote {self.remote.shown!r} failed."
        if self._stopped:  # the signal that has ended the helper is our own
            return TransientRemoteError(text, kind=Kind.LATER, said=BREAKS_OFF)
        status, said = self._finish()
        if isinstance(error, SaidError):
            said = f"fatal: remote error: {error}\n{said}"
        replies = read_trace(self._trace)
        if status or _complaint.search(said):
            found = self.remote.error(said, replies, status)
            return CannotError(found.message) if isinstance(found, FilterError) else found
        said = str(error) if isinstance(error, ProtocolError) else BREAKS_OFF
        return self.remote.not_git(replies) or TransientRemoteError(text, kind=Kind.LATER, said=said)
