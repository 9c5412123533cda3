"""Which tag a run on GitHub is about, judging by what started it."""

from collections.abc import Mapping
from typing import Final

from gto_action.gto.tag import tag_name_of
from gto_action.job.environment import Environment
from gto_action.job.trigger import OfDeletion, OfNothing, OfTag, Trigger

# The events whose GITHUB_SHA is the commit that the tag had when the run was triggered (F2).
_SHA_OF_TAG: Final = {"create", "push", "workflow_dispatch"}


def trigger_of(asked: str, environment: Environment, payload: Mapping[str, object]) -> Trigger:
    """The tag that the input `ref` names, or else the one that triggered the run.

    Args:
        asked: the input `ref`, a full ref or a tag name; empty if it is not set.
        environment: describes the run.
        payload: the payload of the event that triggered the run; empty if there is none.
    """
    ref = asked or environment.ref
    replayed = ref not in {environment.ref, tag_name_of(environment.ref)}
    if not replayed and (deleted := _deleted_ref(environment.event_name, payload)):
        reason = f"The ref {deleted!r} was deleted, and a deletion is not a GTO event."
        tag_name = _deleted_tag(deleted, payload)
        return OfDeletion(tag_name, reason) if tag_name else OfNothing(reason)
    if not ref:
        return OfNothing(f"The trigger {environment.event_name!r} has no ref.")
    name = tag_name_of(ref)
    if name is None and ref.startswith("refs/"):
        return OfNothing(f"The ref {ref!r} is not a tag.")
    sha = environment.sha if not replayed and environment.event_name in _SHA_OF_TAG else ""
    return OfTag(ref if name is None else name, sha)


def _deleted_ref(event_name: str, payload: Mapping[str, object]) -> str:
    """The ref whose deletion triggered the run, as GITHUB_REF is the default branch then (F2); empty if none did."""
    if event_name == "delete" or (event_name == "push" and payload.get("deleted") is True):
        return str(payload.get("ref") or "a ref")
    return ""


def _deleted_tag(ref: str, payload: Mapping[str, object]) -> str:
    """The tag name of a deleted ref; `delete` has name and kind, `push` a full ref. Empty for a branch."""
    return ref if payload.get("ref_type") == "tag" else tag_name_of(ref) or ""
