"""`pull` and a repository of somebody who may push and means harm, or a workspace that is not what it seems."""

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest

from gto_action.errors import PullError
from gto_action.pull import worker
from gto_action.pull.placement import whole
from gto_action.system.cancellation import cancellable
from tests.support.action import Run
from tests.support.dvc_repo import CACHE, DvcRepo
from tests.support.pulls import check_out, content, run_pull

MODEL: Final = b"the model\n"
md5 = partial(hashlib.md5, usedforsecurity=False)
TAG: Final = "m@v1.0.0"
WORKER: Final = Path(worker.__file__)
AWS_FILE: Final = """\
[profile p]
region = us-east-1
credential_process = touch {0}
"""

Pull = Callable[..., Run]


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what `repo` has, made once: dvc takes its time."""
    base = tmp_path_factory.mktemp("made")
    repo = DvcRepo(base / "clone", base / "srv/o/r")
    repo.dvc("init")
    repo.dvc("remote", "add", "--default", "store", str(base / "store"))
    repo.write({"dvc.yaml": "artifacts: {m: {path: m.bin}}\n", "m.bin": MODEL})
    repo.dvc("add", "m.bin")
    repo.dvc("push")
    return base


@pytest.fixture
def repo(made: Path, tmp_path: Path) -> DvcRepo:
    """A repository whose artifact `m` is a file of DVC's, with a remote in a folder; nothing is tagged yet."""
    repo = DvcRepo(tmp_path / "clone", tmp_path / "srv/o/r")
    shutil.copytree(made / "clone", repo.path, dirs_exist_ok=True)
    shutil.copytree(made / "store", tmp_path / "store")
    settings = repo.path / ".dvc/config"
    settings.write_text(settings.read_text().replace(str(made), str(tmp_path)))
    return repo


@pytest.fixture
def pull(repo: DvcRepo, workspace: Path, tmp_path: Path) -> Pull:
    def run(tag: str = TAG, **given: str) -> Run:
        found = run_pull(repo, tag, workspace, tmp_path / "run", **given)
        assert "Traceback" not in found.log
        return found

    return run


def artifact(repo: DvcRepo, path: str) -> None:
    """The artifact `m` is at this path."""
    repo.write({"dvc.yaml": f"artifacts: {{m: {{path: {json.dumps(path)}}}}}\n"})


def refused(run: Run, workspace: Path, says: str) -> None:
    assert run.code == 1, run.log
    (error,) = run.told("error")
    assert re.search(says, error), error
    assert content(workspace) == {}


def config(repo: DvcRepo, text: str) -> None:
    path = repo.path / ".dvc/config"
    path.write_text(path.read_text() + text)


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
    refused(pull(), workspace, "an option by which the repository could run programs.* It says: configpath")
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
    refused(pull(), workspace, "an option by which the repository could run programs")
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


def test_links_in_a_folder(repo: DvcRepo, pull: Pull, workspace: Path) -> None:
    artifact(repo, "folder")
    repo.write({"folder/a/b.txt": "b", "plain.txt": "plain"})
    links = {"inside": "a/b.txt", "a/up": "../inside", "dangling": "a/gone", "dir": "./a//"}
    for name, target in links.items():
        (repo.path / "folder" / name).symlink_to(target)
    repo.commit("m@v0.9.0")
    assert pull("m@v0.9.0").code == 0
    assert {name: os.readlink(workspace / "folder" / name) for name in links} == links  # noqa: PTH115 - as it is
    assert (workspace / "folder/a/up").read_text() == "b"
    leads = {"a/leak": "/proc/self/environ", "config": "../.git/config", "loop": "loop/x", "beside": "../plain.txt"}
    leads |= {"back": "../folder/a/b.txt", "circle": "a/../circle"}
    leads |= {"a/new": "../../new/x", "whole": f"{workspace}/folder/a/b.txt", "by/way": "../dir/../../plain.txt"}
    for place, target in leads.items():
        (repo.path / "folder/by").mkdir(exist_ok=True)
        (repo.path / "folder" / place).symlink_to(target)
        repo.commit(f"m@v1.0.0-{place.replace('/', '-')}")
        run = pull(f"m@v1.0.0-{place.replace('/', '-')}")
        (repo.path / "folder" / place).unlink()
        assert run.told("error") == [f"The link 'folder/{place}' leads out of 'folder'. Put the file itself there."]
        assert run.code == 1
        assert not (workspace / "folder" / place).exists()


def test_a_loop_of_links(repo: DvcRepo, pull: Pull, workspace: Path) -> None:
    artifact(repo, "a/b/c")
    (repo.path / "a").symlink_to("a")
    repo.commit(TAG)
    refused(pull(), workspace, "The path 'a/b/c' leads through the link 'a', to 'a'. Write in dvc.yaml where it leads")


def test_no_file_of_git_is_written_through_a_link(repo: DvcRepo, pull: Pull, workspace: Path) -> None:
    artifact(repo, "x/hooks/post-checkout")
    repo.write({"x/hooks/post-checkout": "#!/bin/sh\ntouch /tmp/hooked\n"})
    repo.commit(TAG)
    repo.run("git", "rm", "-rq", "x")
    (repo.path / "x").symlink_to(".git")
    repo.commit("other")
    check_out(repo, workspace, "other")
    run = pull()
    assert run.told("error") == ["The path 'x/hooks/post-checkout' is git's own. Correct it in dvc.yaml."]
    assert not (workspace / ".git/hooks/post-checkout").exists()


def test_a_file_of_the_machine_is_no_artifact(repo: DvcRepo, pull: Pull, workspace: Path, tmp_path: Path) -> None:
    artifact(repo, "imported")
    (tmp_path / "host.txt").write_text("the machine's")
    stage = f"frozen: true\ndeps: [{{path: {tmp_path}/host.txt}}]\nouts: [{{path: imported, hash: md5}}]\n"
    (repo.path / "imported.dvc").write_text(stage)
    repo.commit(TAG)
    refused(pull(), workspace, "DVC has noted no checksum of the data")


def tree(repo: DvcRepo, content: dict[str, Any]) -> str:
    """A tree with these names, whatever they are; git makes none of its own that has such ones."""
    data = b""
    for name, each in sorted(content.items()):
        kind, mode = ("tree", b"40000") if isinstance(each, dict) else ("blob", b"100644")
        repo.write({"object": each if kind == "blob" else b""})
        oid = tree(repo, each) if kind == "tree" else repo.run("git", "hash-object", "-w", "object")
        data += mode + b" " + name.encode() + b"\0" + bytes.fromhex(oid)
    repo.write({"object": data})
    return repo.run("git", "hash-object", "-w", "--literally", "-t", "tree", "object")


UP: Final = {"..": {"..": {"..": {"..": {"..": {"..": {"up.dvc": "outs: []\n"}}}}}}}


@pytest.mark.parametrize(
    ("made_by_hand", "name"),
    [
        ({"data": {"..": {"..": {"up.txt": "up"}}}}, "data/../../up.txt"),
        ({"data": {"../../up.txt": "up"}}, "data/../../up.txt"),
        ({"data": {"/up.txt": "up"}}, "data//up.txt"),
        ({"data": {".git": {"config": "[core]\n\tfsmonitor = touch up.txt\n"}}}, "data/.git/config"),
        ({"data": {".GIT": {"config": "[core]\n\tfsmonitor = touch up.txt\n"}}}, "data/.GIT/config"),
        ({**UP, "data": {"one.txt": "one"}}, "../../../../../../up.dvc"),
    ],
    ids=["dots", "slashes", "no name", "git's folder", "git's folder, in capitals", "what DVC reads"],
)
def test_a_tree_that_no_checkout_writes(
    repo: DvcRepo, pull: Pull, workspace: Path, made_by_hand: dict[str, Any], name: str
) -> None:
    artifact(repo, "data")
    files = {"dvc.yaml": (repo.path / "dvc.yaml").read_bytes(), ".dvc": {"config": ""}}
    commit = repo.run("git", "commit-tree", "-m", "evil", tree(repo, {**files, **made_by_hand}))
    repo.run("git", "tag", "-a", TAG, commit, "-m", "evil")
    repo.run("git", "push", "-q", str(repo.origin), "--tags")
    refused(pull(), workspace, f"^The commit {commit[:7]} has {re.escape(repr(name))}, which no checkout may write")
    assert not [*workspace.parent.glob("up.*"), *workspace.glob("**/.[Gg]*/config"), *Path("/").glob("up.*")]


@pytest.mark.parametrize("name", ["../../up.txt", "/up.txt", ".git/config", "a/.Git/hooks/post-checkout"])
def test_a_name_in_a_stage_that_lists_its_files(repo: DvcRepo, pull: Pull, workspace: Path, name: str) -> None:
    artifact(repo, "data")
    repo.write({"one.txt": "one"})
    repo.dvc("add", "one.txt")
    repo.dvc("push")
    listed = json.dumps([{"relpath": name, "md5": md5(b"one").hexdigest(), "size": 3}])
    repo.write({"data.dvc": f"outs: [{{path: data, hash: md5, files: {listed}}}]\n"})
    repo.commit(TAG)
    refused(pull(), workspace, "The data has a name that leads out of its folder, or is git's own")
    assert not [*workspace.parent.glob("up.*"), *workspace.rglob("hooks")]


@pytest.mark.parametrize("name", ["/etc/passwd", "../up.txt", "a/../../up.txt", "", ".git/config"])
def test_a_name_in_a_folder_that_leads_out_of_it(
    repo: DvcRepo, pull: Pull, workspace: Path, tmp_path: Path, name: str
) -> None:
    artifact(repo, "data")
    repo.write({"data/one.txt": "one"})
    repo.dvc("add", "data")
    repo.dvc("push")
    listing = json.dumps([{"md5": md5(b"one").hexdigest(), "relpath": name}]).encode()
    oid = md5(listing).hexdigest()
    place = tmp_path / "store/files/md5" / oid[:2] / f"{oid[2:]}.dir"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(listing)
    stage = repo.path / "data.dvc"
    stage.write_text(re.sub(r"[0-9a-f]{32}\.dir", f"{oid}.dir", stage.read_text()))
    repo.commit(TAG)
    assert pull().code == 1
    assert content(workspace) == {}
    assert not (workspace.parent / "up.txt").exists()


def test_a_folder_whose_files_take_long_to_name(repo: DvcRepo, pull: Pull, workspace: Path, tmp_path: Path) -> None:
    artifact(repo, "data")
    repo.write({"one.txt": "one"})
    repo.dvc("add", "one.txt")
    repo.dvc("push")
    folders = "/".join(["\x02" * 240] * 14)  # six characters each in JSON: 140 MB in all, as of a million files
    listed = ["\x01"] * 500  # which are in the output, too
    files = [
        {"md5": md5(b"one").hexdigest(), "relpath": f"{folder}/{number}"}
        for number, folder in enumerate([*listed, *[folders] * 6700])
    ]
    listing = json.dumps(files).encode()
    oid = md5(listing).hexdigest()
    place = tmp_path / "store/files/md5" / oid[:2] / f"{oid[2:]}.dir"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(listing)
    repo.write({"data.dvc": f"outs: [{{path: data, hash: md5, md5: {oid}.dir}}]\n"})
    repo.commit(TAG)
    run = pull()
    assert run.code == 0, run.told("error")
    assert len(content(workspace)) == len(files)


def test_folders_that_git_has_in_part(repo: DvcRepo, pull: Pull, workspace: Path, tmp_path: Path) -> None:
    artifact(repo, "folder")
    repo.write({"folder/readme.md": "read me", "folder/w.bin": "version https://git-lfs.github.com/spec/v1\noid x\n"})
    repo.commit("m@v1.0.0")
    refused(pull("m@v1.0.0"), workspace, "'folder/w.bin' is kept with Git LFS, and what git has of it is damaged")
    (repo.path / "folder/w.bin").unlink()
    repo.run("git", "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(repo.origin), "folder/module")
    repo.commit("m@v1.1.0")
    refused(pull("m@v1.1.0"), workspace, "The path 'folder' holds a submodule, which is not pulled")
    repo.run("git", "rm", "-qf", "folder/module")
    repo.write({"folder/inner/i.bin": "inner"})
    repo.dvc("init", "--subdir", cwd="folder/inner")
    repo.dvc("add", "i.bin", cwd="folder/inner")
    repo.commit("m@v1.2.0")
    refused(pull("m@v1.2.0"), workspace, "The path 'folder' holds another DVC repository, 'folder/inner'")
    (repo.path / "folder/inner/.dvc/config").unlink(missing_ok=True)


def test_a_folder_of_git_alone_has_no_remote(repo: DvcRepo, pull: Pull, workspace: Path) -> None:
    artifact(repo, "folder")
    repo.write({"folder/readme.md": "read me"})
    repo.commit(TAG)
    run = pull()
    assert content(workspace) == {"folder/readme.md": b"read me"}
    assert run.document["pull"]["remote"] == ""


def test_a_folder_of_git_where_dvc_has_no_remote(repo: DvcRepo, pull: Pull, workspace: Path) -> None:
    artifact(repo, "folder")
    repo.write({"folder/readme.md": "read me", ".dvc/config": ""})
    repo.commit(TAG)
    found = pull().document["pull"]  # which fits its schema
    assert content(workspace) == {"folder/readme.md": b"read me"}
    assert (found["remote"], found["count"], found["size"]) == ("", 1, 7)


def test_what_is_no_path(repo: DvcRepo, pull: Pull, workspace: Path) -> None:
    artifact(repo, "x\0y")
    repo.commit(TAG)
    run = pull()
    assert run.outputs
    assert (run.outputs["path"], run.outputs["pulled"]) == ("", "false")
    assert content(workspace) == {}


@pytest.mark.parametrize("path", ["a" * 300, f"{'a' * 300}/x", f"{'ä' * 130}/x", "b/" * 2500 + "x"])
def test_a_path_that_no_disk_has(repo: DvcRepo, pull: Pull, workspace: Path, path: str) -> None:
    artifact(repo, path)
    repo.commit(TAG)
    refused(
        pull(), workspace, r"^The path that begins with '.{100}' is too long for a disk\. Correct it in dvc\.yaml\.$"
    )


def test_a_configuration_that_is_strange(repo: DvcRepo, pull: Pull) -> None:
    path = repo.path / ".dvc/config"
    path.write_text("[core]\nflag\n   more\n" + path.read_text())
    repo.commit(TAG)
    assert pull().code == 1


# The workspace has the event's commit, and not all of it is as it was there


def git(workspace: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(workspace), *arguments], check=True, capture_output=True)


@pytest.mark.parametrize("change", ["changed", "deleted", "sparse"])
def test_a_file_of_git_that_is_not_as_the_commit_has_it(
    repo: DvcRepo, pull: Pull, workspace: Path, change: str
) -> None:
    artifact(repo, "folder/plain.txt")
    repo.write({"folder/plain.txt": "as committed"})
    repo.commit(TAG)
    check_out(repo, workspace, TAG)
    if change == "sparse":
        git(workspace, "sparse-checkout", "set", "--no-cone", "/dvc.yaml")
    elif change == "deleted":
        (workspace / "folder/plain.txt").unlink()
    else:
        (workspace / "folder/plain.txt").write_text("something else")
    run = pull()
    assert run.code == 0, run.log
    assert (workspace / "folder/plain.txt").read_text() == "as committed"


def test_what_dvc_says_is_not_as_the_commit_has_it(repo: DvcRepo, pull: Pull, workspace: Path) -> None:
    repo.commit(TAG)
    repo.write({"m.bin": "another model"})
    repo.dvc("add", "m.bin")
    repo.dvc("push")
    check_out(repo, workspace, TAG)
    (workspace / "m.bin.dvc").write_bytes((repo.path / "m.bin.dvc").read_bytes())
    run = pull()
    assert run.code == 0, run.log
    assert (workspace / "m.bin").read_bytes() == MODEL
    assert run.document["pull"]["md5"] == md5(MODEL).hexdigest()


def test_data_that_was_there_is_replaced_in_a_checkout_too(repo: DvcRepo, pull: Pull, workspace: Path) -> None:
    repo.commit(TAG)
    check_out(repo, workspace, TAG)
    (workspace / "m.bin").write_text("of an earlier step")
    run = pull()
    assert run.code == 0, run.log
    assert (workspace / "m.bin").read_bytes() == MODEL


@pytest.mark.parametrize("setting", ["dir = {0}/cache", "type = symlink"])
def test_a_cache_that_later_steps_cannot_use(
    repo: DvcRepo, pull: Pull, workspace: Path, tmp_path: Path, setting: str
) -> None:
    config(repo, f"[cache]\n    {setting.format(tmp_path)}\n")
    repo.commit(TAG)
    check_out(repo, workspace, TAG)
    run = pull()
    assert run.code == 0, run.log
    assert (workspace / "m.bin").read_bytes() == MODEL
    assert not (workspace / "m.bin").is_symlink()
    assert not list((tmp_path / "cache").rglob("*.bin"))


def test_notes_of_dvc_are_made_where_they_always_are(repo: DvcRepo, pull: Pull, tmp_path: Path) -> None:
    repo.dvc("config", "core.site_cache_dir", f"{tmp_path}/notes")
    repo.commit(TAG)
    assert pull().code == 0
    assert not (tmp_path / "notes").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files to somebody else")
def test_nothing_outside_is_given_to_the_owner(repo: DvcRepo, pull: Pull, workspace: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    (repo.path / ".dvc").rename(outside)
    (repo.path / ".dvc").symlink_to(outside)
    artifact(repo, "plain.txt")
    repo.write({"plain.txt": "plain"})
    repo.commit(TAG)
    check_out(repo, workspace, TAG)
    os.chown(workspace, 1001, 1001)
    assert pull().code == 0
    assert {each.stat().st_uid for each in outside.rglob("*")} == {0}


def test_no_secret_is_in_an_error(repo: DvcRepo, pull: Pull, workspace: Path) -> None:
    config(repo, "    hunter2-hunter2 = x\n")
    repo.commit(TAG)
    run = pull(MY_PASSWORD="hunter2-hunter2")
    assert run.code == 1
    assert "hunter2" not in run.log
    assert content(workspace) == {}


# The place itself


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_a_signal_between_two_renames_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    place = tmp_path / "data"
    if kind == "folder":
        place.mkdir()
        (place / "old.txt").write_text("old")
    else:
        place.write_text("old")
    rename = Path.rename

    def renamed(self: Path, target: Path) -> Path:
        found = rename(self, target)
        os.kill(os.getpid(), signal.SIGTERM)
        return found

    monkeypatch.setattr(Path, "rename", renamed)
    with pytest.raises(SystemExit), cancellable(), whole(place, tmp_path) as new:
        new.write_text("new")
    assert place.read_text() == "new"
    assert [each.name for each in tmp_path.iterdir()] == ["data"]


@pytest.mark.parametrize("name", ["old", "new"])
def test_a_folder_called_as_one_of_ours(repo: DvcRepo, pull: Pull, workspace: Path, name: str) -> None:
    artifact(repo, name)
    repo.write({f"{name}/a.txt": "a"})
    repo.commit("m@v1.0.0")
    (workspace / name).mkdir()
    (workspace / name / "before.txt").write_text("of another version")
    assert pull("m@v1.0.0").code == 0
    assert content(workspace) == {f"{name}/a.txt": b"a"}
    (repo.path / name / "a.txt").unlink()
    (repo.path / name).rmdir()
    repo.write({name: "a file"})
    repo.commit("m@v1.1.0")
    assert pull("m@v1.1.0").code == 0
    assert content(workspace) == {name: b"a file"}


def test_a_folder_of_somebody_else_stays(tmp_path: Path) -> None:
    (tmp_path / ".gto-action-cache").mkdir()
    (tmp_path / ".gto-action-cache/wheel").write_text("theirs")
    killed = tmp_path / ".gto-action-1a2b3c4d"
    (killed / "old").mkdir(parents=True)
    with whole(tmp_path / "x", tmp_path) as new:
        new.write_text("x")
    assert content(tmp_path) == {".gto-action-cache/wheel": b"theirs", "x": b"x"}
    assert not killed.exists()


def test_what_was_there_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "data"
    place.write_text("old")
    rename = Path.rename

    def renamed(self: Path, target: Path) -> Path:
        if target == place and self.parent.name != "old":
            raise OSError(28, "No space left on device")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", renamed)
    with pytest.raises(PullError, match="No space left"), whole(place, tmp_path) as new:
        new.write_text("new")
    assert place.read_text() == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["data"]
