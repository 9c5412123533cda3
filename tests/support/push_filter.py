"""Which tags start a workflow, by its `on.push.tags`: GitHub's patterns, as its documentation has them.

Of docs.github.com, "Workflow syntax", "Filter pattern cheat sheet". act runs a workflow whatever its filters say.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import yaml

_PART: Final = re.compile(
    r"""
    (?P<anything> \*\* )                          # zero or more of any character
  | (?P<inside>   \*   )                          # the same without the slash
  | (?P<times>    [?+] )                          # of the character before: at most one, at least one
  | (?P<range>    \[ (?:[A-Za-z0-9](?:-[A-Za-z0-9])?)+ \] )
  | \\ (?P<escaped> . )
  | (?P<plain>    [^\[\]\\] )
    """,
    re.VERBOSE,
)


def read_workflow(file: Path) -> dict[str, Any]:
    """A workflow; all scalars are text, as `on` would be true otherwise."""
    workflow = yaml.load(file.read_text(), yaml.BaseLoader)  # noqa: S506 - our own file, and it makes text only
    assert isinstance(workflow, dict)
    return workflow


def starts(patterns: Sequence[str], tag: str) -> bool:
    """Whether a pushed tag starts the workflow: of the patterns that fit, the last decides."""
    if not patterns or patterns[0].startswith("!"):
        raise ValueError("The first pattern has to be a positive one.")
    decision = False
    for pattern in patterns:
        if _compiled(pattern.removeprefix("!")).fullmatch(tag):
            decision = not pattern.startswith("!")
    return decision


def _compiled(pattern: str) -> re.Pattern[str]:
    """
    :raises ValueError: if it is not a pattern, or one whose meaning for tags is not documented.
    """
    if "**/" in pattern or re.match(r"[?+]", pattern):
        raise ValueError(f"What {pattern!r} means for a tag is not documented.")
    text, position = "", 0
    while position < len(pattern):
        part = _PART.match(pattern, position)
        if part is None:
            raise ValueError(f"{pattern!r} is not a pattern: see its character {position + 1}.")
        position = part.end()
        if part["anything"]:
            text += ".*"
        elif part["inside"]:
            text += "[^/]*"
        elif part["times"] or part["range"]:
            text += part[0]
        else:
            text += re.escape(part["escaped"] or part["plain"])
    return re.compile(text, re.ASCII)
