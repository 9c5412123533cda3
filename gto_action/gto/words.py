"""What happened, in words; and how to write versions and commits in them."""

from typing import Final

from gto_action.gto.event import Event
from gto_action.gto.tag import EventKind, Tag

_DIGITS: Final = 7
HAPPENED: Final = {
    EventKind.REGISTRATION: "was registered",
    EventKind.DEREGISTRATION: "was deregistered",
    EventKind.ASSIGNMENT: "was assigned to",
    EventKind.UNASSIGNMENT: "was unassigned from",
    EventKind.DEPRECATION: "was deprecated",
}
"""What an event of each kind did; the stage follows, if there is one."""


def short(text: str) -> str:
    """A version unchanged, or a commit, with 40 or 64 digits, cut to seven.

    >>> short("v1.2.3-alpha.1"), short("8a1eb65000000000000000000000000000000000")
    ('v1.2.3-alpha.1', '8a1eb65')
    """
    return text if text.startswith("v") else text[:_DIGITS]


def sentence(event: Event) -> str:
    """What happened, in one sentence."""
    stage = f" stage {event.stage}" if event.stage else ""
    where = f"(tag {event.record.name}, commit {short(event.commit)})"
    return f"{_subject(event)} {HAPPENED[event.kind]}{stage} {where}"


def _subject(event: Event) -> str:
    if event.version or not event.version_text:
        return f"{event.artifact} {event.version_text}".rstrip()
    return f"{event.artifact} at a commit without a version, {short(event.version_text)},"


def sentence_of_deleted(tag: Tag, held: str) -> str:
    """What a deleted tag meant, and what holds without it.

    Args:
        tag: the deleted tag.
        held: the version, or the commit, that its stage holds now, or else the latest version; empty if none.
    """
    kind, what = tag.kind.value, tag.stage or tag.version
    article = "an" if kind.startswith(("a", "u")) else "a"
    said = f"The tag {tag} was deleted, {article} {kind} of {tag.artifact}"
    if what is None:
        return said
    if tag.stage:
        return f"{said} in stage {what}; {what} holds {short(held) or 'no version'} now"
    return f"{said} {what}; {f'the latest version is {short(held)} now' if held else 'there is no version now'}"
