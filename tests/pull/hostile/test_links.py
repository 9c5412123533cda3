"""Links, and files of the machine, which lead out of the repository."""

import os
from pathlib import Path

import pytest

from tests.support.dvc_repo import DvcRepo
from tests.support.hostile_pulls import TAG, artifact, refused
from tests.support.pulls import Pull, check_out


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
    refused(
        pull(),
        workspace,
        "The path 'a/b/c' leads through the link 'a', to 'a'. Write the link's target in dvc.yaml instead",
    )


def test_no_file_of_git_is_written_through_a_link(repo: DvcRepo, pull: Pull, workspace: Path) -> None:
    artifact(repo, "x/hooks/post-checkout")
    repo.write({"x/hooks/post-checkout": "#!/bin/sh\ntouch /tmp/hooked\n"})
    repo.commit(TAG)
    repo.run("git", "rm", "-rq", "x")
    (repo.path / "x").symlink_to(".git")
    repo.commit("other")
    check_out(repo, workspace, "other")
    run = pull()
    assert run.told("error") == ["The path 'x/hooks/post-checkout' belongs to git itself. Correct it in dvc.yaml."]
    assert not (workspace / ".git/hooks/post-checkout").exists()


def test_a_file_of_the_machine_is_no_artifact(repo: DvcRepo, pull: Pull, workspace: Path, tmp_path: Path) -> None:
    artifact(repo, "imported")
    (tmp_path / "host.txt").write_text("the machine's")
    stage = f"frozen: true\ndeps: [{{path: {tmp_path}/host.txt}}]\nouts: [{{path: imported, hash: md5}}]\n"
    (repo.path / "imported.dvc").write_text(stage)
    repo.commit(TAG)
    refused(pull(), workspace, "DVC recorded no checksum for the data")


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
