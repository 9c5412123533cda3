"""The runner: the files it provides and the commands it reads in the log; the only user of actions_toolkit."""

import json
import os
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from actions_toolkit.command import issue_command
from actions_toolkit.file_command import prepare_key_value_message

from gto_action.errors import GtoActionError, Problem, RunnerError
from gto_action.render.markup import plain

# The outputs of a job, counted as UTF-16: GitHub drops more (F5).
_MOST: Final = 1024 * 1024


def log(text: str, *, bold: bool = False) -> None:
    """A line for people."""
    text = f"\x1b[1m{plain(text)}\x1b[0m" if bold else plain(text)
    print(text, flush=True)  # noqa: T201 - this is what standard output is for


def debug(text: str) -> None:
    """A line for those who look for a fault; GitHub shows it where debug logging is on."""
    issue_command("debug", {}, plain(text))
    sys.stdout.flush()


def log_group(title: str, lines: Iterable[str]) -> None:
    """Lines that the log shows folded under a title."""
    issue_command("group", {}, plain(title))
    for line in lines:
        log(line)
    issue_command("endgroup", {}, "")
    sys.stdout.flush()


def tell(problem: Problem) -> None:
    """A notice or a warning, shown with the file it is about."""
    _annotate(problem.level.value, str(problem), problem.file, problem.line)


def notice(text: str) -> None:
    """A notice."""
    _annotate("notice", text)


def error(failure: GtoActionError) -> None:
    """The error that ends the run."""
    _annotate("error", str(failure), failure.file, failure.line)


def _annotate(command: str, text: str, file: str = "", line: int | None = None) -> None:
    properties = {"title": "gto-action"}
    if file:
        properties["file"] = plain(file)
    if file and line:
        properties["line"] = str(line)
    issue_command(command, properties, plain(text))
    sys.stdout.flush()


def read_payload(path: str) -> Mapping[str, object]:
    """The payload of the event that triggered the run; empty where there is none that can be read."""
    try:
        payload = json.loads(Path(path).read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return payload if isinstance(payload, dict) else {}


def fits(outputs: Mapping[str, str]) -> bool:
    """Whether the outputs are not more than GitHub takes."""
    return _size(outputs) <= _MOST


def _size(outputs: Mapping[str, str]) -> int:
    return sum(len(text.encode("utf-16-le")) for text in outputs.values())


def write_outputs(path: str, outputs: Mapping[str, str]) -> None:
    """Writes all outputs at once, as the runner takes those of a failed step too (F6).

    :raises RunnerError: if the file cannot be written, or the outputs are more than GitHub takes.
    """
    if not fits(outputs):
        stages = len(outputs.get("stages", "")) > _MOST // 8  # a quarter, in UTF-16: nothing of `dvc.yaml` is so long
        raise RunnerError(
            f"The outputs take {_size(outputs)} bytes, and GitHub drops more than {_MOST}.",
            "Unassign the artifact's stages that are no longer used."
            if stages
            else "Shorten the artifact's description or meta in its `dvc.yaml`.",
        )
    _append(path, "GITHUB_OUTPUT", "".join(f"{prepare_key_value_message(*item)}\n" for item in outputs.items()))


def write_summary(path: str, markdown: str) -> None:
    """Adds to the job summary.

    :raises RunnerError: if the file cannot be written.
    """
    _append(path, "GITHUB_STEP_SUMMARY", markdown)


def _append(path: str, variable: str, text: str) -> None:
    """One write: a full disk leaves nothing half said."""
    data = text.encode()
    cause: OSError | None = None
    try:
        with Path(path).open("ab", buffering=0) as file:
            start = file.tell()
            try:
                written = file.write(data)
            except OSError as failure:
                cause, written = failure, 0
            if written != len(data):
                with suppress(OSError):  # a device has no length
                    os.ftruncate(file.fileno(), start)
    except OSError as failure:
        cause, written = failure, 0
    if cause or written != len(data):
        why = cause.strerror if cause else f"only {written} of {len(data)} bytes were written"
        raise RunnerError(
            f"{variable} cannot be written at {path!r}: {why}.",
            "It is the path of a file that the runner makes; a folder, a full disk or a missing right stops it.",
        ) from cause
