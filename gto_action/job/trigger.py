"""Which tag a run is about."""

from dataclasses import dataclass

from gto_action.errors import RegistryError
from gto_action.gto.record import TagRecord
from gto_action.gto.words import short


@dataclass(frozen=True, slots=True)
class OfTag:
    """The run is about a tag, which may or may not be a GTO tag."""

    tag_name: str
    sha: str = ""
    """The commit that the tag must still point to; empty if unknown."""

    def check(self, record: TagRecord) -> None:
        """Refuses a tag that has been moved since it triggered the run, because the new push has its own run.

        :raises RegistryError: if the tag now points to another commit.
        """
        if self.sha and self.sha not in {record.target, record.oid}:
            raise RegistryError(
                f"The tag {record.name!r} has been moved since it triggered this run, "
                f"from commit {short(self.sha)} to {short(record.target)}.",
                "See the run of the push that moved it, or start a new run for the tag as it is now.",
            )


@dataclass(frozen=True, slots=True)
class OfDeletion:
    """The run is about a tag that was deleted."""

    tag_name: str
    reason: str
    """One sentence that says so."""


@dataclass(frozen=True, slots=True)
class OfNothing:
    """The run is not about a tag."""

    reason: str
    """One sentence that says what it is about."""


Trigger = OfTag | OfDeletion | OfNothing
