"""GitHub's runner: the files that it provides and the commands that it reads in the log.

The only user of actions_toolkit.
"""

import json
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from actions_toolkit.command import issue_command

from gto_action.errors import GtoActionError, HostError, Problem
from gto_action.hosts.files import append
from gto_action.hosts.github.advice import advice
from gto_action.render.markup import plain
from gto_action.system.attempts import NORMAL, Pace

# The limit for the outputs of a job, in UTF-16; GitHub drops larger ones (F5).
_MOST: Final = 1024 * 1024


class Runner:
    """GitHub's runner, as a `Host`."""

    def __init__(self, environ: Mapping[str, str], pace: Pace = NORMAL) -> None:
        """Takes the variables that the runner sets; they may be missing."""
        self.pace = pace
        self._output_path = environ.get("GITHUB_OUTPUT", "")
        self._summary_path = environ.get("GITHUB_STEP_SUMMARY", "")
        self._in_bold = not environ.get("NO_COLOR", "")
        self._is_debugging = environ.get("RUNNER_DEBUG", "") == "1"
        self._start = time.monotonic()

    def log(self, text: str, *, bold: bool = False) -> None:
        """Writes a line for people."""
        text = f"\x1b[1m{plain(text)}\x1b[0m" if bold and self._in_bold else plain(text)
        print(text, flush=True)  # noqa: T201 - this is what standard output is for

    def debug(self, text: str) -> None:
        """Writes a line with the time since the start, for those who look for faults or lost time."""
        if self._is_debugging:
            issue_command("debug", {}, plain(f"{time.monotonic() - self._start:.3f} s: {text}"))
            sys.stdout.flush()

    def group(self, title: str, lines: Iterable[str]) -> None:
        """Writes lines that the log shows folded under a title."""
        issue_command("group", {}, plain(title))
        for line in lines:
            self.log(line)
        issue_command("endgroup", {}, "")
        sys.stdout.flush()

    def tell(self, problem: Problem) -> None:
        """Shows a notice or a warning, at the file that it is about."""
        _annotate(problem.level.value, str(problem), problem.file, problem.line)

    def error(self, failure: GtoActionError) -> None:
        """Shows the error that ends the run."""
        _annotate("error", f"{failure.message} {self.advice(failure)}".rstrip(), failure.file, failure.line)

    def advice(self, failure: GtoActionError) -> str:
        """What the author of the workflow can do about a failure."""
        return advice(failure)

    def fits(self, outputs: Mapping[str, str]) -> bool:
        """Whether GitHub accepts outputs of this size."""
        return _size(outputs) <= _MOST

    def write_outputs(self, outputs: Mapping[str, str]) -> None:
        """Writes all outputs at once, because the runner also accepts those of a failed step (F6).

        :raises HostError: if the file cannot be written, or GitHub does not accept outputs of this size.
        """
        if not self.fits(outputs):
            stages = (
                len(outputs.get("stages", "")) > _MOST // 8
            )  # a quarter, in UTF-16: no text in a `dvc.yaml` is so long
            raise HostError(
                f"The outputs take {_size(outputs)} bytes, but GitHub accepts only {_MOST}.",
                "Unassign the artifact's stages that are no longer used."
                if stages
                else "Shorten the artifact's description or meta in its `dvc.yaml`.",
            )
        from actions_toolkit.file_command import prepare_key_value_message  # noqa: PLC0415 - imported while git works

        text = "".join(f"{prepare_key_value_message(*item)}\n" for item in outputs.items())
        append(self._output_path, "GITHUB_OUTPUT", text)

    def write_summary(self, markdown: str) -> None:
        """Adds to the job summary; does nothing if the runner has none.

        :raises HostError: if the file cannot be written.
        """
        if self._summary_path:
            append(self._summary_path, "GITHUB_STEP_SUMMARY", markdown)


def read_payload(path: str) -> Mapping[str, object]:
    """The payload of the event that triggered the run; empty if there is none or it cannot be read."""
    try:
        payload = json.loads(Path(path).read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return payload if isinstance(payload, dict) else {}


def _annotate(command: str, text: str, file: str = "", line: int | None = None) -> None:
    properties = {"title": "gto-action"}
    if file:
        properties["file"] = plain(file)
    if file and line:
        properties["line"] = str(line)
    issue_command(command, properties, plain(text))
    sys.stdout.flush()


def _size(outputs: Mapping[str, str]) -> int:
    return sum(len(text.encode("utf-16-le")) for text in outputs.values())
