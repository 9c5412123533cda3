"""Text from strangers, made safe for where it is shown."""

import html
import re
from collections.abc import Iterable
from typing import Final

# The runner takes "::command::" at the start of a line and "##[command]" anywhere in it (runner-facts.md, 1.6).
_OLD_COMMAND: Final = "##["
# Control characters (terminal escapes among them), what Unicode takes for the end of a line, what turns the
# direction of writing, and halves of pairs.
_unprintable = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_LONG: Final = 1_000
# What makes GitHub see a mention, an issue, an emoji or an address in the text of a page, behind all HTML.
_NOTICED = re.compile(r"(?<=[@#])(?=\w)|(?<=:)(?=\S)|(?<=www)(?=\.)|(?<=GH)(?=-)", re.IGNORECASE)
_BREAK: Final = "&#8203;"  # a space without width
_QUOTED = re.compile(r"('[^']*'|\"[^\"]*\")")


def plain(text: str) -> str:
    r"""One line that is safe in the log: no workflow command, no control character.

    >>> plain("two\nlines, ##[add-mask]x")
    'two\\nlines, ##\\[add-mask]x'
    """
    text = _unprintable.sub(lambda match: match[0].encode("unicode_escape").decode(), text)
    text = text.replace(_OLD_COMMAND, "##\\[")
    return f"\\{text}" if text.lstrip().startswith("::") else text


def code(text: str, href: str = "", most: int = _LONG) -> str:
    r"""HTML that shows a text as it is, as code, where GitHub looks for nothing; with a link if there is an address.

    >>> code("<b> @team\nx")
    '<code>&lt;b&gt; @team<br>x</code>'
    """
    text = f"{text[:most]}…" if len(text) > most else text
    shown = "<br>".join(html.escape(_visible(line)) for line in text.splitlines())
    shown = f"<code>{shown}</code>" if shown else ""
    return f'<a href="{html.escape(href)}">{shown}</a>' if href and shown else shown


def prose(text: str) -> str:
    """HTML that shows a sentence: what is quoted in it as code, and the rest as words.

    >>> prose("There is no file 'a@b'. Ask @team.")
    "There is no file <code>'a@b'</code>. Ask @&#8203;team."
    """
    text = f"{text[:_LONG]}…" if len(text) > _LONG else text
    parts = enumerate(_QUOTED.split(text))
    return "".join(code(part) if odd % 2 else _words(part) for odd, part in parts)


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table of cells that are HTML already."""
    titles = "".join(f"<th>{each}</th>" for each in head)
    lines = (f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{titles}</tr></thead><tbody>{''.join(lines)}</tbody></table>"


def details(title: str, content: str) -> str:
    """Something folded under a title, both HTML."""
    return f"<details><summary>{title}</summary>{content}</details>"


def _words(text: str) -> str:
    return _BREAK.join(html.escape(part, quote=False) for part in _NOTICED.split(_visible(text)))


def _visible(text: str) -> str:
    """Without the control characters, which are shown as Python spells them."""
    return _unprintable.sub(lambda match: match[0].encode("unicode_escape").decode(), text)
