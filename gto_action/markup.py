"""Text from strangers, made safe for where it is shown."""

import re
from typing import Final

# The runner takes "::command::" at the start of a line and "##[command]" anywhere in it (runner-facts.md, 1.6).
_OLD_COMMAND: Final = "##["
# Control characters (terminal escapes among them), what Unicode takes for the end of a line, what turns the
# direction of writing, and halves of pairs.
_unprintable = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
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


def markdown(text: str) -> str:
    """Text that Markdown shows as it is: no markup, link, mention or line break of its own.

    >>> markdown("a|b @team")
    'a&#124;b &#64;team'
    """
    return _markdown.sub(lambda match: f"&#{ord(match[0])};", plain(text))
