"""Makes text from strangers safe for the place where it is shown."""

import html
import re
import unicodedata
from collections.abc import Iterable
from typing import Final

# GitHub's runner obeys "::command::" at the start of a line and "##[command]" anywhere in it (F3). The agents of Azure
# Pipelines obey "##vso[command]", in upper or lower case, and those of TeamCity "##teamcity[command]".
_COMMAND = re.compile(r"(##(?:vso|teamcity)?)\[", re.IGNORECASE)
# Unicode's categories of invisible characters: control characters (with terminal escapes), characters without width or
# that change the direction of writing, lone surrogates, private or unassigned characters, line ends.
_HIDDEN: Final = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
# Letters and marks without a shape, which can carry hidden text too; without U+FE0F, which many emojis contain.
_shapeless = re.compile(
    r"[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0e\uffa0\U0001d159\U000e0000-\U000e0fff]"
)
_LONG: Final = 1_000
# What makes GitHub find a mention, an issue, an emoji or an address in a page, even inside HTML.
_NOTICED = re.compile(r"(?<=[@#])(?=\w)|(?<=:)(?=\S)|(?<=www)(?=\.)|(?<=GH)(?=-)", re.IGNORECASE)
_BREAK: Final = "&#8203;"  # a space without width
_QUOTED = re.compile(r"('[^']*'|\"[^\"]*\")")


def plain(text: str) -> str:
    r"""One line that is safe in the log: no commands to a CI system, no invisible characters.

    >>> plain("two\nlines, ##[add-mask]x")
    'two\\nlines, ##\\[add-mask]x'
    """
    text = _COMMAND.sub(r"\1\\[", visible(text))
    return f"\\{text}" if text.lstrip().startswith("::") else text


def plain_json(text: str) -> str:
    r"""Equivalent JSON that is safe in the log, for JSON in ASCII or a part of it.

    >>> plain_json('"##[group]"')
    '"##\\u005bgroup]"'
    """
    return _COMMAND.sub(r"\1\\u005b", text).replace("\x7f", "\\u007f")


def code(text: str, href: str = "", most: int = _LONG) -> str:
    r"""HTML that shows a text literally, as code, where GitHub finds no mentions; with a link if `href` is given.

    >>> code("<b> @team\nx")
    '<code>&lt;b&gt; @team<br>x</code>'
    """
    text = f"{text[:most]}…" if len(text) > most else text
    shown = "<br>".join(html.escape(visible(line)) for line in text.splitlines())
    shown = f"<code>{shown}</code>" if shown else ""
    return f'<a href="{html.escape(href)}">{shown}</a>' if href and shown else shown


def prose(text: str) -> str:
    """HTML that shows a sentence, with quoted parts as code.

    >>> prose("There is no file 'a@b'. Ask @team.")
    "There is no file <code>'a@b'</code>. Ask @&#8203;team."
    """
    text = f"{text[:_LONG]}…" if len(text) > _LONG else text
    parts = enumerate(_QUOTED.split(text))
    return "".join(code(part) if odd % 2 else _words(part) for odd, part in parts)


def counted(number: int, what: str) -> str:
    """A number of things.

    >>> counted(1, "event"), counted(2_000, "event")
    ('1 event', '2,000 events')
    """
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table; its cells are HTML already."""
    titles = "".join(f"<th>{each}</th>" for each in head)
    lines = (f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{titles}</tr></thead><tbody>{''.join(lines)}</tbody></table>"


def details(title: str, content: str) -> str:
    """Content folded under a title, both HTML already."""
    return f"<details><summary>{title}</summary>{content}</details>"


def _words(text: str) -> str:
    return _BREAK.join(html.escape(part, quote=False) for part in _NOTICED.split(visible(text)))


def visible(text: str) -> str:
    """The text with invisible characters as Python escapes."""
    if text.isprintable() and not _shapeless.search(text):
        return text
    return "".join(each.encode("unicode_escape").decode() if _is_hidden(each) else each for each in text)


def _is_hidden(character: str) -> bool:
    return unicodedata.category(character) in _HIDDEN or _shapeless.match(character) is not None
