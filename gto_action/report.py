"""What people read: the closing sentence, the outputs in the log, the job summary."""

import re
from typing import Final

from gto_action.event import Assignment, Deprecation, Deregistration, Event, Registration, Unassignment
from gto_action.outputs import Outputs

# The runner takes "::command::" at the start of a line and "##[command]" anywhere in it (runner-facts.md, 1.6).
_OLD_COMMAND: Final = "##["
# Control characters (terminal escapes among them), what Unicode takes for the end of a line, what turns the
# direction of writing, and halves of pairs.
_unprintable = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_SHORT: Final = 7
# What means something within a line of GitHub's Markdown or HTML, or makes a link, a mention, an emoji or a formula.
_markdown = re.compile(r"[\\`*_\[\]<>#|~&@:$]|(?<=www)\.", re.IGNORECASE)


def plain(text: str) -> str:
    r"""One line that is safe in the log: no workflow command, no control character.

    >>> plain("two\nlines, ##[add-mask]x")
    'two\\nlines, ##\\[add-mask]x'
    """
    text = _unprintable.sub(lambda match: match[0].encode("unicode_escape").decode(), text)
    text = text.replace(_OLD_COMMAND, "##\\[")
    return f"\\{text}" if text.lstrip().startswith("::") else text


def sentence(event: Event) -> str:
    """What happened, in one sentence."""
    where = f"(tag {event.record.name}, commit {event.commit[:_SHORT]})"
    match event:
        case Registration():
            return f"{event.artifact} {event.version} was registered {where}"
        case Deregistration():
            return f"{event.artifact} {event.version} was deregistered {where}"
        case Deprecation():
            return f"{event.artifact} was deprecated {where}"
        case Assignment():
            return f"{_subject(event)} was assigned to stage {event.stage} {where}"
        case Unassignment():
            return f"{_subject(event)} was unassigned from stage {event.stage} {where}"


def _subject(event: Assignment | Unassignment) -> str:
    return f"{event.artifact} {event.version or f'at a commit without a version, {event.commit[:_SHORT]},'}"


def lines(outputs: Outputs) -> list[str]:
    """The outputs as the log shows them, one a line."""
    return [plain(f"{name} = {value}") for name, value in outputs.texts().items()]


def summary(headline: str, outputs: Outputs) -> str:
    """The job summary: the sentence, and the outputs as a table, in Markdown."""
    rows = [(name, value) for name, value in outputs.texts().items() if value and name != "json"]
    table = ["| output | value |", "| --- | --- |", *(f"| {name} | {markdown(value)} |" for name, value in rows)]
    return "\n".join([f"**{markdown(headline)}**", "", *(table if rows else []), ""])


def markdown(text: str) -> str:
    """Text that Markdown shows as it is: no markup, link, mention or line break of its own.

    >>> markdown("a|b @team")
    'a&#124;b &#64;team'
    """
    return _markdown.sub(lambda match: f"&#{ord(match[0])};", plain(text))
