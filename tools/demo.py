"""The main job, to watch: a sample registry, one pushed tag of each kind, and what the action makes of it."""

import html
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))
from support.runner_files import parse_outputs  # noqa: E402 - reads the file as the runner does

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
)
SHOWN = (
    *("churn@v3.1.0", "suppliers=churn@v1.0.0"),
    *("churn#prod#4", "churn#prod!#5", "churn@v3.1.0!#6", "churn@deprecated#7"),
)


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


def show(folder: Path, tag: str) -> bool:
    """Runs the action as the runner would on the push of a tag; prints what later steps can read."""
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
    print(f"\n=== git push origin '{tag}'\n--- log")
    code = subprocess.run([sys.executable, ROOT / "entrypoint.py"], env=environ, cwd=folder, check=False).returncode
    print("--- outputs")
    for name, value in parse_outputs(output.read_bytes()).items():
        print(f"steps.gto.outputs.{name:16} = {value}")
    print(f"--- summary, without its form and its chart\n{as_text(summary.read_text())}")
    return code == 0


def as_text(markdown: str) -> str:
    """A job summary as a terminal can show it; `make picture` shows it as GitHub does."""
    markdown = re.sub(r"```mermaid\n.*?```\n*", "", markdown, flags=re.DOTALL)
    markdown = re.sub(r"<br>|</(?:h3|p|tr|summary)>", "\n", markdown)
    markdown = re.sub(r"</t[hd]>(?!\n)", "  ", markdown)
    lines = html.unescape(re.sub(r"<[^>]*>", "", markdown)).splitlines()
    return "\n".join(line.rstrip() for line in lines if line.strip())


def main() -> int:
    """Shows every kind of event, and a tag of a monorepo."""
    with tempfile.TemporaryDirectory(prefix="gto-action-demo-") as name:
        failures = [tag for tag in play(Path(name)) if tag in SHOWN and not show(Path(name), tag)]
        return 1 if failures else 0


if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr] # so that it interleaves with its children
    raise SystemExit(main())
