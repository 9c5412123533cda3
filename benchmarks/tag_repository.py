"""Repositories to measure whole runs on: files, a `dvc.yaml` in each commit, and tags as a team has them.

Of five tags one registers a version on a commit of its own, and the others promote that version: the commits are a
fifth of the tags. The last tag is the one that a run is about.
"""

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ARTIFACTS: Final = 50
_PERSON: Final = "Ada Lovelace <ada@example.com>"
START: Final = 1_700_000_000
"""When the first tag was made; the others follow minute by minute."""
_FORMAT: Final = "1"
"""To be raised with any change here: repositories of another format are made anew."""


@dataclass(frozen=True, slots=True)
class Pushed:
    """The last tag, and what it says happened."""

    tag: str
    event: str
    name: str
    version: str
    stage: str
    commit: str
    blobs: tuple[str, ...]
    """The names of the files at the commit that say what the artifact is."""


def build(folder: Path, size: int, branches: int = 0, artifacts: int = ARTIFACTS) -> Pushed:
    """Makes the bare repository `folder/OWNER/NAME` with `size` annotated tags, packed, unless it is there.

    Args:
        folder: where repositories are kept.
        size: the number of tags.
        branches: the number of branches beside `main`, each on a commit of its own.
        artifacts: how many there are at most.
    """
    path = folder / "team" / name_of(size, branches, artifacts)
    ready = path / f"format-{_FORMAT}"
    if not ready.exists():
        _git(path.parent, "init", "--quiet", "--bare", "--initial-branch=main", str(path))
        stream = "".join(_stream(size, artifacts)).encode()
        _git(path, "fast-import", "--quiet", "--force", stdin=stream)
        if branches:
            _git(path, "fast-import", "--quiet", "--force", stdin="".join(_branches(branches)).encode())
        _git(path, "pack-refs", "--all")
        ready.touch()
    *_, last = _tags(size, artifacts)
    commit = _git(path, "rev-parse", f"refs/tags/{last.name}^{{commit}}").strip()
    file = f"{'models/' if '=' in last.artifact else ''}dvc.yaml"
    blobs = tuple(_git(path, "ls-tree", "--object-only", commit, file).split())
    return Pushed(last.name, "assignment", last.artifact.replace("=", ":"), last.version, "prod", commit, blobs)


def name_of(size: int, branches: int = 0, artifacts: int = ARTIFACTS) -> str:
    """The name of such a repository."""
    of = {ARTIFACTS: "", 1: "-of-one"}.get(artifacts, f"-of-{artifacts}")
    return f"registry-{size}{f'-{branches}' if branches else ''}{of}"


def _branches(count: int) -> Iterator[str]:
    for number in range(count):
        name = f"refs/heads/team/feature-{number}"
        yield f"commit {name}\ncommitter {_PERSON} {START + number} +0000\ndata 1\n.\nfrom refs/heads/main^0\n"
        yield f"M 100644 inline work\ndata <<.\n{number}\n.\n\n"


@dataclass(frozen=True, slots=True)
class _Tag:
    name: str
    artifact: str
    version: str
    commit: int


def _tags(size: int, most: int) -> Iterator[_Tag]:
    """In the order of their dates; `size` is a multiple of 5."""
    artifacts = _artifacts(size, most)
    for commit in range(size // 5):
        artifact = artifacts[commit % len(artifacts)]
        turn = commit // len(artifacts)
        version = f"v{1 + turn // 100}.{turn // 10 % 10}.{turn % 10}"
        first = 4 * turn + 1
        suffixes = (f"@{version}", *(f"#{what}#{first + number}" for number, what in enumerate(_PROMOTED)))
        yield from (_Tag(f"{artifact}{suffix}", artifact, version, commit) for suffix in suffixes)


_PROMOTED: Final = ("dev", "staging", "dev!", "prod")


def _artifacts(size: int, most: int) -> list[str]:
    """Half of them in a folder of their own."""
    count = max(1, min(most, size // 10))
    return [f"models={name}" if number % 2 else name for number in range(count) for name in [f"churn-{number:02}"]]


def _stream(size: int, most: int) -> Iterator[str]:
    artifacts = _artifacts(size, most)
    done = -1
    for number, tag in enumerate(_tags(size, most)):
        when = f"{_PERSON} {START + 60 * number} +0000"
        if tag.commit != done:
            done = tag.commit
            yield f"commit refs/heads/main\nmark :{done + 1}\ncommitter {when}\n{_data(f'Train {tag.artifact}')}"
            if not done:
                yield _files(artifacts[-ARTIFACTS:])  # a file for thousands would be what is measured
            yield _file("params.yaml", f"train:\n  seed: {done}\n  depth: 8\n")
            yield _file("metrics.json", f'{{"auc": 0.{done % 1000:03}}}\n')
        message = f"{tag.name}\n\nBy the pipeline, run {number}."
        yield f"tag {tag.name}\nfrom :{tag.commit + 1}\ntagger {when}\n{_data(message)}"


def _files(artifacts: list[str]) -> str:
    def dvc_yaml(names: list[str]) -> str:
        entries = "".join(
            f"  {name}:\n    type: model\n    path: {name}.pkl\n    desc: Who leaves\n    labels: [tabular]\n"
            for name in names
        )
        return f"artifacts:\n{entries}"

    top = [name for name in artifacts if "=" not in name]
    below = [name.removeprefix("models=") for name in artifacts if "=" in name]
    return "".join(
        (
            _file("dvc.yaml", dvc_yaml(top)),
            _file("models/dvc.yaml", dvc_yaml(below or ["none"])),
            _file(".dvc/config", ""),
            _file("README.md", "# Churn\n"),
            _file("train.py", "print('training')\n" * 50),
        )
    )


def _file(path: str, text: str) -> str:
    return f"M 100644 inline {path}\n{_data(text)}"


def _data(text: str) -> str:
    return f"data {len(text.encode())}\n{text}\n"


def _git(directory: Path, *arguments: str, stdin: bytes = b"") -> str:
    directory.mkdir(parents=True, exist_ok=True)
    environ = {"PATH": os.environ["PATH"], "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
    command = ["git", "-C", str(directory), *arguments]
    return subprocess.run(command, check=True, env=environ, input=stdin, stdout=subprocess.PIPE).stdout.decode()
