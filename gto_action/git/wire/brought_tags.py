"""Tags fetched by the wire, with the commits that they point to and their messages."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gto_action.errors import RemoteError
from gto_action.git.objects import unsigned
from gto_action.git.protocol.faults import TooMuchError
from gto_action.git.protocol.pack import Pack, Sent
from gto_action.git.protocol.tag_notes import commit_of, message_of
from gto_action.gto.record import Commit, Notes, Signature, TagRecord

if TYPE_CHECKING:
    from gto_action.git.object_scan import Scanned

_MESSAGE: Final = 2**20
_WRITTEN: Final = {"tag", "commit"}


@dataclass(frozen=True, slots=True)
class BroughtTags:
    """Fetched tags, with the commits that they point to."""

    records: list[TagRecord]
    packs: tuple[Pack, ...]

    def message(self, oid: str) -> tuple[str, int]:
        """The message of a tag or a commit, stripped and without its signature (R11), and its size in bytes.

        A message of more than a million bytes is cut; of a shorter one the size is 0. A missing object has none.
        """
        sent = self._sent(oid)
        if sent is None or sent.kind not in _WRITTEN:
            return "", 0
        head, blank, message = sent.text[:_MESSAGE].partition(b"\n\n")
        length = sent.size - len(head + blank) if sent.size > _MESSAGE else 0
        return unsigned(message.decode("utf-8", "replace")), length

    def short_messages(self, _: Iterable[str]) -> dict[str, str]:
        """Nothing: they are at hand, one by one."""
        return {}

    def notes(self) -> Notes:
        """The messages of all tags and of their commits."""
        notes = Notes({}, {})
        for record in self.records:
            sent = self._sent(record.oid)
            notes.messages[record.name] = message_of(sent.text) if sent and sent.kind in _WRITTEN else ""
            if record.annotated and record.target not in notes.commits:
                notes.commits[record.target] = self._commit(record)
        return notes

    def scan(self, oids: Iterable[str]) -> "Iterator[Scanned]":
        """Tags and commits as they are stored, each once; a missing one has no kind."""
        from gto_action.git.object_scan import scanned  # noqa: PLC0415 - for the command line

        for oid in dict.fromkeys(oids):
            sent = self._sent(oid)
            yield scanned(oid, sent.kind if sent else "", sent.text if sent else b"")

    def _commit(self, record: TagRecord) -> Commit:
        sent = self._sent(record.target) if record.target_type == "commit" else None
        return commit_of(sent.text) if sent else Commit("", "", Signature(), "")

    def _sent(self, oid: str) -> Sent | None:
        try:
            return next(filter(None, (pack.read(oid) for pack in self.packs)), None)
        except TooMuchError as error:
            raise RemoteError(str(error), "Look at what has been pushed there.") from error
