"""The real dvc, asked by the tests; runs in dvc's own environment, not in that of the tests.

Reads questions from standard input, one JSON document a line, and answers each with one line:

- `{"files": {PATH: TEXT, …}, "directory": DIR, "name": NAME}` gets `{"artifact": FIELDS or null, "path": PATH}` as dvc
  reads them in a repository with these files, or `{"error": TYPE}`;
- `{"yaml": TEXT}` gets `{"value": VALUE}`, as dvc reads YAML, or `{"error": TYPE}`.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any


def main() -> None:
    """Answers until there are no more questions."""
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as root:
        os.chdir(root)
        subprocess.run(["git", "init", "--quiet"], check=True)
        (Path(root) / ".dvc").mkdir()
        (Path(root) / ".dvc/config").touch()
        for line in sys.stdin:
            question = json.loads(line)
            try:
                answer = _ask_yaml(question["yaml"]) if "yaml" in question else _ask_artifact(Path(root), question)
            except BaseException as error:  # noqa: BLE001 - whatever kills dvc is its answer
                answer = {"error": type(error).__name__}
            print(json.dumps(answer), flush=True)


def _ask_yaml(text: str) -> dict[str, Any]:
    from dvc.utils.serialize import loads_yaml  # noqa: PLC0415

    return {"value": _as_json(loads_yaml(text))}


def _ask_artifact(root: Path, question: dict[str, Any]) -> dict[str, Any]:
    from dvc.repo import Repo  # noqa: PLC0415

    directory, name = question["directory"], question["name"]
    for path, text in question["files"].items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(text.encode())
    try:
        with Repo(str(root)) as repo:
            file = os.path.normpath(str(Path(directory) / "dvc.yaml"))
            artifact = repo.artifacts.read().get(file, {}).get(name)
            if artifact is None:
                return {"artifact": None, "path": None}
            try:
                path = repo.artifacts.get_path(f"{directory}:{name}" if directory else name)
            except TypeError:  # the path is a number, by way of a template
                path = None
            return {"artifact": _as_json(vars(artifact)), "path": path}
    finally:
        for entry in root.iterdir():
            if entry.name not in {".git", ".dvc"}:
                shutil.rmtree(entry) if entry.is_dir() else entry.unlink()


def _as_json(value: Any) -> Any:  # noqa: ANN401 - any YAML
    match value:
        case dict():
            return {
                key if isinstance(key, str) else f"{type(key).__name__}:{key}": _as_json(each)
                for key, each in value.items()
            }
        case list():
            return [_as_json(each) for each in value]
        case None | bool() | int() | str():
            return value
        case float():
            return {"float": repr(value)}
    return {type(value).__name__: str(value)}


if __name__ == "__main__":
    main()
