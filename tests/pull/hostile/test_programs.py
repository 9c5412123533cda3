"""No program of the repository is run, and no secret is told."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest

from gto_action.pull import worker
from tests.support.dvc_repo import CACHE, DvcRepo
from tests.support.hostile_pulls import TAG, artifact, config, md5, refused
from tests.support.pulls import Pull, content

WORKER: Final = Path(worker.__file__)
AWS_FILE: Final = """\
[profile p]
region = us-east-1
credential_process = touch {0}
"""

# What DVC reads as an option of the remote, where other readers of such files do not.
SPELLINGS: Final = {
    "plain": "    configpath = {0}\n",
    "quoted": "    'configpath' = {0}\n",
    "indented": "            configpath = {0}\n",
    "a path with dots": "    configpath = ../.dvc/{0}\n",
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_no_configuration_of_the_repository_is_given_to_aws(
    repo: DvcRepo, pull: Pull, workspace: Path, tmp_path: Path, spelling: str
) -> None:
    touched = tmp_path / "touched"
    (repo.path / "aws.cfg").write_text(AWS_FILE.format(touched))
    repo.dvc("remote", "modify", "store", "url", "s3://bucket/models")
    repo.dvc("remote", "modify", "store", "profile", "p")
    config(repo, SPELLINGS[spelling].format("../aws.cfg"))
    repo.commit(TAG)
    refused(pull(), workspace, "an option that could let the repository run programs.* Details: configpath")
    assert not touched.exists()


def test_nor_by_an_import(repo: DvcRepo, pull: Pull, workspace: Path, tmp_path: Path) -> None:
    touched = tmp_path / "touched"
    (repo.path / "aws.cfg").write_text(AWS_FILE.format(touched))
    source = DvcRepo(tmp_path / "source", tmp_path / "source-srv/o/source")
    source.dvc("init")
    source.dvc("remote", "add", "--default", "store", str(tmp_path / "source-store"))
    source.write({"d.bin": b"D"})
    source.dvc("add", "d.bin")
    source.dvc("push")
    head = source.commit()
    artifact(repo, "d.bin")
    remote = "{url: 's3://bucket/y', configpath: aws.cfg, profile: p}"
    outs = f"outs: [{{path: d.bin, md5: {md5(b'D').hexdigest()}, size: 1, hash: md5}}]"
    given = f"{{url: {source.origin}, rev_lock: {head}, config: {{core: {{remote: z}}, remote: {{z: {remote}}}}}}}"
    (repo.path / "d.bin.dvc").write_text(f"frozen: true\ndeps: [{{path: d.bin, repo: {given}}}]\n{outs}\n")
    repo.commit(TAG)
    refused(pull(), workspace, "an option that could let the repository run programs")
    assert not touched.exists()


def python() -> str:
    """DVC's own, of any kind of remote."""
    return str(next(each for each in sorted((CACHE / "gto-action").iterdir()) if each.is_symlink()) / "bin/python")


def ask(root: Path, path: str, **given: str) -> dict[str, Any]:
    """What the worker says by itself."""
    (root.parent / "notes").mkdir()
    question = {"top": str(root), "root": "", "path": path, "remote": "", "out": f"{root}-out", "parent": os.getpid()}
    question |= {
        "workspace": str(root.parent / "workspace"),
        "local": False,
        "notes": str(root.parent / "notes"),
    } | given
    environ = {"PATH": os.environ["PATH"], "HOME": str(root.parent), "DVC_NO_ANALYTICS": "1"}
    command = [python(), "-I", str(WORKER)]
    process = subprocess.run(
        command, input=json.dumps(question), env=environ, cwd=root, capture_output=True, text=True, check=False
    )
    found: dict[str, Any] = json.loads(process.stdout)
    return found


@pytest.mark.parametrize(
    ("url", "option", "value"),
    [
        ("webdav://127.0.0.1:9/x", "bearer_token_command", "touch {0}"),
        ("gs://bucket/x", "credentialpath", "../google.json"),
        ("s3://bucket/x", "credentialpath", "/proc/self/environ"),
        ("s3://bucket/x", "configpath", "~nobody-at-all/x"),
    ],
)
def test_options_that_could_run_programs(repo: DvcRepo, tmp_path: Path, url: str, option: str, value: str) -> None:
    touched = tmp_path / "touched"
    config(repo, f"    {option} = {value.format(touched)}\n")
    text = (repo.path / ".dvc/config").read_text()
    (repo.path / ".dvc/config").write_text(re.sub(r"url = .*", f"url = {url}", text))
    repo.commit(TAG)
    assert ask(repo.path, "m.bin")["error"] == {"kind": "option", "text": option}
    assert not touched.exists()


def test_every_option_of_dvc_is_known() -> None:
    """A new version of DVC may bring an option: somebody has to look at it."""
    script = "from dvc.config_schema import REMOTE_SCHEMAS as s; print(*{str(k) for each in s.values() for k in each if k is not str})"
    process = subprocess.run([python(), "-I", "-c", script], capture_output=True, text=True, check=True)
    refused = {name for name in process.stdout.split() if not worker.HARMLESS.fullmatch(name)}
    unsupported = {name for name in refused if name.startswith(("gdrive_", "oss_", "kerb"))}
    assert refused - unsupported == {
        *("configpath", "credentialpath", "bearer_token_command"),
        *("data_proxy_target", "proxy_to", "replication", "use_https"),  # of webhdfs and hdfs
    }


def test_a_configuration_that_is_strange(repo: DvcRepo, pull: Pull) -> None:
    path = repo.path / ".dvc/config"
    path.write_text("[core]\nflag\n   more\n" + path.read_text())
    repo.commit(TAG)
    assert pull().code == 1


def test_no_secret_is_in_an_error(repo: DvcRepo, pull: Pull, workspace: Path) -> None:
    config(repo, "    hunter2-hunter2 = x\n")
    repo.commit(TAG)
    run = pull(MY_PASSWORD="hunter2-hunter2")
    assert run.code == 1
    assert "hunter2" not in run.log
    assert content(workspace) == {}
