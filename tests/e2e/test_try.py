"""docs/try.md, command by command, in a clone: with a server, an image and an action of the tests' own."""

import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from tests.e2e.conftest import TOKEN, act_program
from tests.e2e.engine import ENVIRON, JOB_IMAGE, ROOT, alone
from tests.e2e.examples import EXAMPLES, make_repository, stand_ins
from tests.support.git_server import GitServer

pytestmark = pytest.mark.container


def program(folder: Path, name: str, script: str) -> None:
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


def test_the_page(action: Path, image: str, tmp_path: Path) -> None:
    repository = make_repository(tmp_path / "git")
    clone, tried, programs = tmp_path / "clone", tmp_path / "try", tmp_path / "programs"
    programs.mkdir()
    identity = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")

    def git(*arguments: str) -> str:
        command = ["git", *identity, "-C", str(clone), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout

    subprocess.run(["git", "clone", "-q", str(repository.root / "acme/models"), str(clone)], check=True, timeout=60)
    (clone / ".github/workflows").mkdir(parents=True)
    (clone / ".github/workflows/deploy.yml").write_text((EXAMPLES / "deploy.yml").read_text())
    git("add", "--all")
    git("commit", "-q", "-m", "Deploy")

    blocks = re.findall(r"^```\n(.*?)^```", (ROOT / "docs/try.md").read_text(), re.MULTILINE | re.DOTALL)
    (script,) = (block for block in blocks if "act push" in block)
    assert "catthehacker/ubuntu:act-latest" in script
    script = script.replace("/tmp/try", str(tried))  # noqa: S108 - the page's folder
    script = script.replace("catthehacker/ubuntu:act-latest", JOB_IMAGE)
    program(programs, "gh", f"echo {TOKEN}")
    with GitServer(repository.root, token=TOKEN) as server, alone("act"):
        own = (
            *("--env", f"GITHUB_SERVER_URL={server.url}", "--env", "GITHUB_REPOSITORY=acme/models"),
            *("--network", "host", "--container-daemon-socket", "-", "--no-cache-server"),
            *("--pull=false", "--action-offline-mode", "--action-cache-path", str(tmp_path / "cache")),
            f"--local-repository=gto-action/gto-action@v3={action}",
            *stand_ins((EXAMPLES / "deploy.yml").read_text(), tmp_path / "others"),
        )
        program(programs, "act", f'exec {shlex.quote(str(act_program()))} "$@" {shlex.join(own)}')
        run = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=clone,
            env={**ENVIRON, "HOME": str(tmp_path), "PATH": f"{programs}{os.pathsep}{ENVIRON['PATH']}"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=180,
            check=False,
        )
    assert run.returncode == 0, run.stdout
    assert "Deploying churn v1.0.0 from models/churn.pkl to prod" in run.stdout
    assert git("status", "--porcelain") == ""
    assert sorted(path.name for path in tried.iterdir()) == ["act", "deploy.yml", "event.json"]
