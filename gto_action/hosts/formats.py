"""How values are passed to later steps: from texts by name to one text that a CI system reads.

A value that a format cannot carry unchanged is left empty: users need not decode anything, and where a system expands
variables once more, a description does not become a secret.
"""

import enum
import json
import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from gto_action.render.markup import plain_json

_MOST_ONE: Final = 2**17 - 1
"""The longest `NAME=VALUE` with which Linux starts a program, in bytes (MAX_ARG_STRLEN, which counts the final NUL)."""
_MOST_WINDOWS: Final = 32_767
"""The longest variable on Windows, in characters."""
_MOST_DOTENV: Final = 5_119
"""The largest file for GitLab, in bytes: `dotenv_size` is 5 KB, and a file of exactly that size is refused."""
_MOST_RESULTS: Final = 3_800
"""The size of all results of Tekton, in bytes: of 4096 (tektoncd/pipeline#3680), some are Tekton's own."""


class Format(enum.Enum):
    """How later steps read values."""

    JSON = "json"
    """A single document with everything."""
    SH = "sh"
    """A script for a POSIX shell, which exports them."""
    DOTENV = "dotenv"
    """GitLab's report `dotenv`."""
    BITBUCKET = "bitbucket"
    """The file of Bitbucket's `output-variables`."""
    AZURE = "azure"
    """Commands in the log of Azure Pipelines."""
    DIR = "dir"
    """A folder with a file for each, as for Tekton's results."""


@dataclass(frozen=True, slots=True)
class Carried:
    """Texts in a format."""

    texts: Mapping[str, str]
    """What later steps will read; empty for what is left out."""
    text: str
    """What to write; empty for a folder, whose files have the texts."""
    left_out: Mapping[str, str]
    """Why texts were left out, by name, as the predicate of a sentence."""


def carry(form: Format, texts: Mapping[str, str]) -> Carried:
    """Writes texts in a format other than JSON.

    Args:
        form: the format.
        texts: the texts, by the names of variables or, for a folder, of files.
    """
    rules = _RULES[form]
    left_out = {name: why for name, text in texts.items() if (why := rules.fault(name, text))}
    kept = {name: "" if name in left_out else text for name, text in texts.items()}
    while rules.size(kept) > rules.most and any(kept.values()):
        longest = max(kept, key=lambda name: len(kept[name].encode()))
        left_out[longest] = f"is one of the longest, and all together may have {rules.most:,} bytes"
        kept[longest] = ""
    return Carried(kept, "".join(rules.lines(kept)), {name: left_out[name] for name in texts if name in left_out})


def as_json(document: Mapping[str, Any]) -> str:
    """A document in ASCII, which no log takes for a command."""
    return f"{plain_json(json.dumps(document, indent=2))}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rules:
    """What a format can carry, and how."""

    fault: Callable[[str, str], str]
    lines: Callable[[Mapping[str, str]], Iterator[str]]
    size: Callable[[Mapping[str, str]], int] = lambda _: 0
    most: int = 0


def _common(text: str) -> str:
    """Why a line NAME=VALUE without quotes cannot carry a text; empty if it can."""
    if any(each in text for each in "\r\n"):
        return "has more than one line"
    if "\0" in text:
        return "has a NUL"
    return "begins or ends with white space" if text != text.strip() else ""


def _sh_fault(name: str, text: str) -> str:
    if "\0" in text:
        return "has a NUL"
    return "is too long for a variable" if len(f"{name}={text}".encode()) > _MOST_ONE else ""


def _sh(texts: Mapping[str, str]) -> Iterator[str]:
    for name, text in texts.items():
        yield f"export {name}={shlex.quote(text)}\n"


def _dotenv_fault(_: str, text: str) -> str:
    """GitLab splits lines at the first `=`. Its runner expands `$NAME` in values, and the server `%NAME%` too."""
    expanded = next((each for each in "$%" if each in text), "")
    return _common(text) or (f"has a {expanded!r}, which GitLab may expand" if expanded else "")


def _bitbucket_fault(_: str, text: str) -> str:
    """Bitbucket does not document how it reads quotes and dollars, so a text with one is left out."""
    odd = next((each for each in "$`\"'\\" if each in text), "")
    return _common(text) or (f"has a {odd!r}, which Bitbucket may not keep" if odd else "")


def _lines(texts: Mapping[str, str]) -> Iterator[str]:
    for name, text in texts.items():
        yield f"{name}={text}\n"


def _length(texts: Mapping[str, str]) -> int:
    return len("".join(_lines(texts)).encode())


def _azure_fault(name: str, text: str) -> str:
    """The agent expands `$(NAME)` in variables before each step, and nothing can escape it."""
    if "\0" in text:
        return "has a NUL"
    if "$(" in text:
        return "has a '$(', which Azure Pipelines may expand"
    return "is too long for a variable" if len(f"{name}={text}".encode("utf-16-le")) // 2 >= _MOST_WINDOWS else ""


def _azure(texts: Mapping[str, str]) -> Iterator[str]:
    """For the steps of this job, and as outputs for other jobs."""
    for name, text in texts.items():
        data = text.replace("%", "%AZP25").replace("\r", "%0D").replace("\n", "%0A")
        yield f"##vso[task.setvariable variable={name}]{data}\n"
        yield f"##vso[task.setvariable variable={name};isoutput=true]{data}\n"


def _dir_fault(_: str, text: str) -> str:
    """A step has a result in its `env`, where Kubernetes expands `$(NAME)` and takes `$$` for `$`."""
    expanded = next((each for each in ("$(", "$$") if each in text), "")
    return f"has a {expanded!r}, which Kubernetes may expand" if expanded else ""


def _results(texts: Mapping[str, str]) -> int:
    """The size of Tekton's results in a termination message, in bytes, as Go writes JSON."""
    entries = [{"key": name, "value": text, "type": 1} for name, text in texts.items()]
    found = json.dumps(entries, ensure_ascii=False, separators=(",", ":"))
    return len(re.sub("[<>&\u2028\u2029]", r"\\u0000", found).encode())


_RULES: Final = {
    Format.SH: _Rules(fault=_sh_fault, lines=_sh),
    Format.DOTENV: _Rules(fault=_dotenv_fault, lines=_lines, size=_length, most=_MOST_DOTENV),
    Format.BITBUCKET: _Rules(fault=_bitbucket_fault, lines=_lines),
    Format.AZURE: _Rules(fault=_azure_fault, lines=_azure),
    Format.DIR: _Rules(fault=_dir_fault, lines=lambda _: iter(()), size=_results, most=_MOST_RESULTS),
}
