"""Which tag a run is about: what started it, and what that means."""

from collections.abc import Mapping
from dataclasses import dataclass

from gto_action.errors import RegistryError
from gto_action.gto.record import TagRecord
from gto_action.gto.tag import tag_name_of
from gto_action.gto.words import short
from gto_action.job.environment import Environment
from gto_action.job.inputs import Inputs

# The events whose GITHUB_SHA is the commit that the tag had when the run was triggered (F2).
_SHA_OF_TAG = {"create", "push", "workflow_dispatch"}


@dataclass(frozen=True, slots=True)
class Trigger:
    """The tag to answer for, or why there is none."""

    tag_name: str
    """Empty if the run is not about a tag."""
    reason: str = ""
    """If the run is not about a tag: one sentence that says what it is about."""
    sha: str = ""
    """The commit that the tag must still have; empty where nobody knows."""
    deleted: str = ""
    """The tag name whose deletion triggered the run; empty for everything else."""

    def check(self, record: TagRecord) -> None:
        """Refuses a tag that has been moved since it triggered the run: another run answers for it.

        :raises RegistryError: if the tag points to another commit now.
        """
        if self.sha and self.sha not in {record.target, record.oid}:
            raise RegistryError(
                f"The tag {record.name!r} has been moved since it triggered this run, "
                f"from commit {short(self.sha)} to {short(record.target)}.",
                "The push that moved it has a run of its own; to answer for the tag as it is now, start a new run.",
            )


def trigger_of(inputs: Inputs, environment: Environment, payload: Mapping[str, object]) -> Trigger:
    """The tag that the input `ref` names, or else the one that triggered the run.

    Args:
        inputs: `ref` may be a full ref or a tag name.
        environment: the run.
        payload: of the event that triggered the run; empty where there is none.
    """
    ref = inputs.ref or environment.ref
    replayed = ref not in {environment.ref, tag_name_of(environment.ref)}
    if not replayed:
        deleted = _deleted_ref(environment.event_name, payload)
        if deleted:
            reason = f"The ref {deleted!r} was deleted, and a deletion is not an event of GTO."
            return Trigger("", reason, deleted=_deleted_tag(deleted, payload))
    if not ref:
        return Trigger("", f"The trigger {environment.event_name!r} has no ref.")
    name = tag_name_of(ref)
    if name is None and ref.startswith("refs/"):
        return Trigger("", f"The ref {ref!r} is not a tag.")
    sha = environment.sha if not replayed and environment.event_name in _SHA_OF_TAG else ""
    return Trigger(ref if name is None else name, sha=sha)


def _deleted_ref(event_name: str, payload: Mapping[str, object]) -> str:
    """The ref whose deletion triggered the run: GITHUB_REF is then the default branch (F2)."""
    if event_name == "delete" or (event_name == "push" and payload.get("deleted") is True):
        return str(payload.get("ref") or "a ref")
    return ""


def _deleted_tag(ref: str, payload: Mapping[str, object]) -> str:
    """The tag name of a deleted ref; `delete` has it beside its kind, `push` in a full ref. Empty for a branch."""
    return ref if payload.get("ref_type") == "tag" else tag_name_of(ref) or ""
