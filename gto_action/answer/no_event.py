"""The answer to a run that is not about a GTO tag."""

from gto_action.answer.answer import Nothing
from gto_action.answer.explain import nothing
from gto_action.gto.cures import delete
from gto_action.gto.tag import breaks_gto, correction_of, looks_like_tag
from gto_action.job.trigger import OfTag, Trigger


def no_event(trigger: Trigger) -> Nothing:
    """Why there is no answer, and what to do if a GTO tag was meant."""
    if isinstance(trigger, OfTag):
        reason, hint = f"The tag {trigger.tag_name!r} is not a GTO tag.", _meant(trigger.tag_name)
    else:
        reason, hint = trigger.reason, ""
    return Nothing(headline=reason, problems=(nothing(reason, hint),))


def _meant(name: str) -> str:
    """What to do if a GTO tag was meant, in the words of `doctor`; it may be any other tool's tag."""
    if breaks_gto(name):
        return f"gto fails on it. Delete it: {delete(name)}"
    if meant := correction_of(name):
        return f"If you meant {meant!r}, make it with gto, and delete this tag: {delete(name)}"
    return "A GTO tag is written NAME@vX.Y.Z or NAME#STAGE." if looks_like_tag(name) else ""
