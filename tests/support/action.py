"""Runs the action as the runner does, in an environment that holds nothing but what the test says."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from gto_action.answer.document import NAMES
from tests.support.runner_files import parse_outputs

ROOT = Path(__file__).parents[2]
ENTRYPOINT = ROOT / "entrypoint.py"
SCHEMA = Draft202012Validator(json.loads((ROOT / "schema/v1.json").read_text()))
EMPTY = dict.fromkeys(NAMES, "")  # what the outputs are when there is no event


@dataclass(frozen=True, slots=True)
class Run:
    """What a run of the action left."""

    code: int
    log: str
    outputs: dict[str, str] | None
    """As the runner reads them; None if none was written."""
    summary: str

    @property
    def document(self) -> dict[str, Any]:
        """The output `json`, which fits its schema."""
        assert self.outputs is not None, self.log
        document = json.loads(self.outputs["json"])
        assert isinstance(document, dict)
        SCHEMA.validate(document)
        return document

    def told(self, level: str) -> list[str]:
        """The annotations of a level: their texts, as the runner shows them."""
        lines = [line for line in self.log.splitlines() if line.startswith(f"::{level} ")]
        return [line.split("::", 2)[2].replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%") for line in lines]


Action = Callable[..., Run]  # the action with the inputs and variables given, as a fixture hands it to a test


def run_entrypoint(
    folder: Path,
    environ: Mapping[str, str],
    *,
    cwd: Path | None = None,
    action: str = "",
    program: Sequence[str | Path] = (sys.executable, ENTRYPOINT),
) -> Run:
    """`entrypoint.py` as a process of its own, with PATH, HOME, NO_COLOR and `environ` and no other variable but coverage's.

    The files of outputs and summary are made in `folder`, unless `environ` names others. `action` is the folder of the
    action, empty for the one at the root. Another `program` is what else may be run in its place.
    """
    folder.mkdir(parents=True, exist_ok=True)
    coverage = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}
    files = {"GITHUB_OUTPUT": str(folder / "output"), "GITHUB_STEP_SUMMARY": str(folder / "summary")}
    for path in files.values():
        Path(path).write_bytes(b"")
    process = subprocess.run(
        [*map(str, program), *([action] if action else [])],
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "NO_COLOR": "1", **coverage, **files, **environ},
        cwd=cwd or folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    written = Path(files["GITHUB_OUTPUT"]).read_bytes()
    summary = Path(files["GITHUB_STEP_SUMMARY"]).read_text()
    return Run(process.returncode, process.stdout, parse_outputs(written) if written else None, summary)
