"""The main job, to watch: a sample registry, a pushed tag of each kind, and what the action says of it."""

import html
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
from tests.support.runner_files import parse_outputs  # noqa: E402 - reads the file as the runner does

_WIDTH: Final = 80
DVC_YAML = """\
artifacts:
  churn:
    path: models/churn.pkl
    type: model
    desc: Which customers will leave
    labels: [tabular, sales]
"""
MONOREPO = DVC_YAML.replace("models/churn.pkl", "churn.pkl").replace("customers", "suppliers")

# a commit's files, or a tag; in the order of time
HISTORY: tuple[dict[str, str] | str, ...] = (
    {"dvc.yaml": DVC_YAML, "suppliers/dvc.yaml": MONOREPO},
    "churn@v3.0.0",
    "churn#prod#1",
    {"models/README": "trained again"},
    "churn@v3.1.0",
    "suppliers=churn@v1.0.0",
    "churn#prod#4",
    "churn#prod!#5",
    "churn@v3.1.0!#6",
    "churn@deprecated#7",
    "v2026.11",
)
WHOLE: Final = "churn#prod#4"
"""The tag that is shown whole; the others are rows of a table."""
COLUMNS: Final = ("event", "name", "version", "stage", "previous-version", "current-version", "is-current")
NEXT: Final = """
That was a run of the action for each tag, as on GitHub when it is pushed. A job can now ask
  if: steps.gto.outputs.event == 'assignment' && steps.gto.outputs.stage == 'prod'

To try next:
  README.md, "Quick start"   a workflow to paste into a repository of your own
  docs/gto.md           GTO in five minutes
  make venv             makes .venv/bin/gto-action, the same answers in a terminal"""


@dataclass(frozen=True, slots=True)
class Run:
    """What a run of the action has left."""

    tag: str
    code: int
    log: str
    outputs: dict[str, str]
    summary: str


def play(folder: Path) -> Iterator[str]:
    """Makes the registry as its users would, with git alone; gives each tag right after it was pushed."""
    clone, server = folder / "clone", folder / "server/acme/models"
    environ = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull}
    for who in ("AUTHOR", "COMMITTER"):
        environ |= {f"GIT_{who}_NAME": "Ada Lovelace", f"GIT_{who}_EMAIL": "ada@example.com"}

    def git(*arguments: str) -> None:
        subprocess.run(["git", "-C", str(clone), *arguments], check=True, env=environ, stdout=subprocess.DEVNULL)

    clone.mkdir(parents=True)
    server.mkdir(parents=True)
    git("init", "-q", "-b", "main")
    git("init", "-q", "--bare", str(server))
    for minute, step in enumerate(HISTORY):
        environ["GIT_COMMITTER_DATE"] = environ["GIT_AUTHOR_DATE"] = f"2026-11-23T10:{minute:02}:00+00:00"
        if isinstance(step, str):
            git("tag", "-a", step, "-m", f"Made by the demo: {step}")
            git("push", "-q", str(server), f"refs/tags/{step}")
            yield step
            continue
        for name, text in step.items():
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            (clone / name).write_text(text)
        git("add", "-A")
        git("commit", "-qm", "Train")


def run(folder: Path, tag: str) -> Run:
    """Runs the action as the runner would on the push of a tag."""
    output, summary = folder / "output", folder / "summary"
    for path in (output, summary):
        path.write_bytes(b"")
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "GITHUB_SERVER_URL": (folder / "server").as_uri(),
        "GITHUB_REPOSITORY": "acme/models",
        "GITHUB_EVENT_NAME": "push",
        "GITHUB_REF": f"refs/tags/{tag}",
        "GITHUB_OUTPUT": str(output),
        "GITHUB_STEP_SUMMARY": str(summary),
        "INPUT_PRINT-OUTPUTS": "false",
    }
    done = subprocess.run(
        [sys.executable, ROOT / "entrypoint.py"],
        env=environ,
        cwd=folder,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
    return Run(tag, done.returncode, done.stdout, parse_outputs(output.read_bytes()), summary.read_text("utf-8"))


def show(run: Run) -> None:
    """Prints a run whole: its log, its outputs and its summary."""
    print(f"\n=== git push origin '{run.tag}'\n--- the log\n{run.log.rstrip()}\n--- the outputs: steps.gto.outputs.…")
    for name, value in run.outputs.items():
        more = "" if len(value) <= _WIDTH else f"… ({len(value):,} characters)"
        print(f"{name:16} = {value[:_WIDTH]}{more}".rstrip())
    print(f"--- the summary, as text and without its chart\n{as_text(run.summary)}")


def table(runs: list[Run]) -> Iterator[str]:
    """The lines of a table: a row for each run, and beside the tag the outputs that differ."""
    rows = [("tag", *COLUMNS), *((run.tag, *(run.outputs.get(name, "") or "-" for name in COLUMNS)) for run in runs)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def as_text(markdown: str) -> str:
    """A job summary as a terminal can show it; `make picture` shows it as GitHub does."""
    markdown = re.sub(r"```mermaid\n.*?```\n*", "", markdown, flags=re.DOTALL)
    markdown = re.sub(r"<br>|</(?:h3|p|tr|summary)>", "\n", markdown)
    markdown = re.sub(r"</t[hd]>(?!\n)", "  ", markdown)
    lines = html.unescape(re.sub(r"<[^>]*>", "", markdown)).splitlines()
    return "\n".join(line.rstrip() for line in lines if line.strip())


def main() -> int:
    """Shows a tag whole, and one of every other kind in a table."""
    if not shutil.which("git"):
        print("make: there is no git: install the package git", file=sys.stderr)
        return 1
    runs: list[Run] = []
    print("A model registry in Git, acme/models: whoever registers or assigns a version pushes a tag.")
    with tempfile.TemporaryDirectory(prefix="gto-action-demo-") as name:
        for tag in play(Path(name)):
            runs.append(run(Path(name), tag))
            if tag == WHOLE or runs[-1].code:
                show(runs[-1])
    print("\n=== every tag, in the order in which they were pushed")
    print("\n".join(table(runs)))
    if any(run.code for run in runs):
        return 1
    print(NEXT)
    return 0


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8", line_buffering=True)  # type: ignore[union-attr] # whatever the locale
    raise SystemExit(main())
