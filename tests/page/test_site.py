"""The folder: whole or not at all, nobody else's, and untouched where nothing has changed."""

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gto_action.errors import SiteError
from gto_action.page.mark import MARK, mark
from gto_action.page.site import Site
from tests.support.pages import ROOT
from tests.support.repo import Repo
from tests.support.sites import contents, make, read, states
from tests.support.wire import within


@pytest.fixture(params=[True, False], ids=["with a cache", "without"])
def cache(request: pytest.FixtureRequest, tmp_path: Path) -> Path | None:
    return tmp_path / "cache" if request.param else None


def test_a_new_folder_is_made_with_those_above_it(registry: Repo, out: Path) -> None:
    built = make(registry.path, out)
    assert built.changed == built.files == len(contents(out)) - 1  # beside the mark
    assert sorted(path.name for path in out.parent.iterdir()) == ["site"]
    assert out.stat().st_mode & 0o777 == 0o755


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_all_is_given_to_the_owner_of_the_folder_that_was_there(registry: Repo, tmp_path: Path) -> None:
    """A container's program is root, and later steps are not."""
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    os.chown(workspace, 1001, 1002)
    make(registry.path, workspace / "public/models/site")
    found = {(path.stat().st_uid, path.stat().st_gid) for path in workspace.rglob("*")}
    assert found == {(1001, 1002)}


def test_an_empty_folder_is_taken(registry: Repo, out: Path) -> None:
    out.mkdir(parents=True)
    make(registry.path, out)
    assert (out / "index.html").exists()


def test_nothing_is_touched_where_nothing_happened(registry: Repo, out: Path, cache: Path | None) -> None:
    make(registry.path, out, cache=cache)
    before, folder = states(out), out.stat().st_ino
    assert make(registry.path, out, cache=cache).changed == 0
    assert (states(out), out.stat().st_ino) == (before, folder)


def test_one_artifact_writes_its_own_files_and_what_all_share(registry: Repo, out: Path, cache: Path | None) -> None:
    make(registry.path, out, cache=cache)
    before = states(out)
    registry.tag("data#prod#1", "data@v1.0.0^{commit}", time=1_700_400_000)
    make(registry.path, out, cache=cache)
    touched = {path for path, state in states(out).items() if before.get(path) != state} - {MARK}
    assert touched == {
        *("index.html", "feed.atom", "api/registry.json", "api/events.json"),
        *("stages/prod.html", "api/stages/prod.json"),
        *("artifacts/data.html", "api/artifacts/data.json"),
        *("api/artifacts/data/stages/prod.json", "api/artifacts/data/stages/prod.badge.json"),
    }


def test_what_is_remembered_gives_what_is_made_anew(registry: Repo, out: Path, tmp_path: Path) -> None:
    make(registry.path, out, cache=tmp_path / "cache")
    registry.tag("data#prod#1", "data@v1.0.0^{commit}", time=1_700_400_000)
    make(registry.path, out, cache=tmp_path / "cache")
    make(registry.path, tmp_path / "other")
    assert contents(out) == contents(tmp_path / "other")


def test_another_year_changes_nothing(registry: Repo, out: Path, cache: Path | None) -> None:
    """Nothing on the pages says when they were made, and a clock may go back."""
    now = 1_800_000_000.0
    make(registry.path, out, cache=cache, now=now)
    before = states(out)
    for years in (1, 8_000, -1):
        assert make(registry.path, out, cache=cache, now=now + years * 31_557_600).changed == 0
    assert states(out) == before


def test_a_clock_that_goes_back_and_on_again(registry: Repo, out: Path, tmp_path: Path) -> None:
    """What is in the future then is said to be so, of its artifact only, and no more when its time has come."""
    registry.tag("data@v2.0.0", "data@v1.0.0^{commit}", time=1_700_500_000)
    cache, late, early = tmp_path / "cache", 1_700_900_000, 1_700_400_000
    assert make(registry.path, out, cache=cache, now=late).problems == 0
    whole = contents(out)
    assert make(registry.path, out, cache=cache, now=early).problems == 1
    (problem,) = read(out, "api/artifacts/data.json")["problems"]
    assert "a date in the future" in problem["message"]
    changed = {path for path, data in contents(out).items() if whole.get(path) != data} - {MARK}
    assert changed == {"artifacts/data.html", "api/artifacts/data.json", "api/registry.json", "index.html"}
    make(registry.path, out, cache=cache, now=late)
    assert contents(out) == whole


def test_times_of_files_in_the_future_are_no_trouble(registry: Repo, out: Path, tmp_path: Path) -> None:
    """As a clock that was wrong for a while leaves them."""
    make(registry.path, out, cache=tmp_path)
    before = contents(out)
    for path in out.rglob("*"):
        os.utime(path, (2_600_000_000, 2_600_000_000))
    assert make(registry.path, out, cache=tmp_path).changed == 0
    registry.tag("data#prod#1", "data@v1.0.0^{commit}", time=1_700_400_000)
    make(registry.path, out, cache=tmp_path)
    assert contents(out) != before
    make(registry.path, out.with_name("other"))
    assert contents(out) == contents(out.with_name("other"))


def test_a_deleted_tag_takes_its_files_away(registry: Repo, out: Path, tmp_path: Path) -> None:
    make(registry.path, out, cache=tmp_path)
    registry.git("update-ref", "-d", "refs/tags/data@v1.0.0")
    make(registry.path, out, cache=tmp_path)
    assert not [path for path in contents(out) if "data" in path]
    assert "data" not in read(out, "api/registry.json")["artifacts"]


def test_a_file_that_somebody_changed_is_made_again(registry: Repo, out: Path, tmp_path: Path) -> None:
    make(registry.path, out, cache=tmp_path)
    before = contents(out)
    for path in ("artifacts/churn.html", "index.html"):
        (out / path).unlink()
        (out / path).write_text("<script>alert(1)</script>")
    make(registry.path, out, cache=tmp_path)
    assert contents(out) == before


def test_what_a_power_failure_has_emptied_is_made_again(registry: Repo, out: Path, cache: Path | None) -> None:
    """No file is forced to the disk, so one may be empty in spite of its name and its time."""
    make(registry.path, out, cache=cache)
    before = contents(out)
    for path in ("artifacts/churn.html", "api/artifacts/data.json", "index.html"):
        time = (out / path).stat().st_mtime_ns
        (out / path).write_bytes(b"")
        os.utime(out / path, ns=(time, time))
    make(registry.path, out, cache=cache)
    assert contents(out) == before


def test_a_site_that_came_with_a_repository_is_not_believed(registry: Repo, out: Path, tmp_path: Path) -> None:
    """Its mark may say what it likes: only what this user remembers counts."""
    make(registry.path, out)
    page = out / "artifacts/churn.html"
    expected = page.read_bytes()
    page.write_bytes(expected.replace(b"v1.1.0", b"v9.9.9"))
    make(registry.path, out, cache=tmp_path)
    assert page.read_bytes() == expected


@pytest.mark.parametrize(
    "damage", ["", "[]", '{"format": 1}', '{"format": 1, "artifacts": {"churn": 1}, "events": []}']
)
def test_what_cannot_be_remembered_is_made_anew(registry: Repo, out: Path, tmp_path: Path, damage: str) -> None:
    make(registry.path, out, cache=tmp_path / "cache")
    before = contents(out)
    (memory,) = (tmp_path / "cache").rglob("*.json")
    memory.write_text(damage)
    make(registry.path, out, cache=tmp_path / "cache")
    assert contents(out) == before


@pytest.mark.parametrize(
    ("files", "culprit"),
    [
        (["CNAME"], "CNAME"),
        (["artifacts/mine.html"], "artifacts/mine.html"),
        ([f"{MARK}x"], f"{MARK}x"),
        (["sub/deep/er"], "sub/deep/er"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
@pytest.mark.parametrize("ours", [True, False])
def test_a_folder_with_something_else_is_refused(
    registry: Repo, out: Path, files: list[str], culprit: str, ours: bool
) -> None:
    if ours:
        make(registry.path, out)
    for name in files:
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_text("mine")
    before = contents(out)
    with pytest.raises(SiteError, match=f"holds {culprit!r}, which is not of a site that gto-action has made"):
        make(registry.path, out)
    assert contents(out) == before
    assert sorted(path.name for path in out.parent.iterdir()) == ["site"]


def test_a_link_and_a_file_are_refused(registry: Repo, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to("elsewhere")
    (tmp_path / "file").write_text("")
    with pytest.raises(SiteError, match="is a link, not a folder"):
        make(registry.path, tmp_path / "link")
    with pytest.raises(SiteError, match="is a file, not a folder"):
        make(registry.path, tmp_path / "file")
    assert not list((tmp_path / "elsewhere").iterdir())


def test_a_link_in_the_site_is_not_followed(registry: Repo, out: Path, tmp_path: Path) -> None:
    """Git keeps links, so a repository may bring one."""
    make(registry.path, out)
    secret = tmp_path / "secret"
    secret.write_text("secret")
    expected = (out / "index.html").read_bytes()
    (out / "index.html").unlink()
    (out / "index.html").symlink_to(secret)
    make(registry.path, out)
    assert (out / "index.html").read_bytes() == expected
    assert not (out / "index.html").is_symlink()
    assert secret.read_text() == "secret"


def test_a_link_to_the_same_text_is_no_file_of_the_site(
    registry: Repo, out: Path, tmp_path: Path, cache: Path | None
) -> None:
    make(registry.path, out, cache=cache)
    before = contents(out)
    for path in ("index.html", "artifacts/churn.html"):
        copy = tmp_path / Path(path).name
        shutil.copy2(out / path, copy)
        (out / path).unlink()
        (out / path).symlink_to(copy)
    make(registry.path, out, cache=cache)
    assert contents(out) == before
    assert not [path for path in out.rglob("*") if path.is_symlink()]


def test_a_folder_of_the_site_that_is_a_link_is_refused(registry: Repo, out: Path, tmp_path: Path) -> None:
    make(registry.path, out)
    elsewhere = tmp_path / "elsewhere"
    shutil.move(out / "artifacts", elsewhere)
    (out / "artifacts").symlink_to(elsewhere)
    before = contents(elsewhere)
    with pytest.raises(SiteError, match="holds 'artifacts', which is not of a site"):
        make(registry.path, out)
    assert contents(elsewhere) == before


RUN = """
import os, resource, signal, sys
from pathlib import Path
sys.path.insert(0, {root!r})
from gto_action.errors import SiteError
from gto_action.system.cancellation import cancellable
from tests.support.sites import make
{before}
with cancellable():
    try:
        make(Path({repo!r}), Path({out!r}))
    except SiteError as error:
        sys.exit(str(error))
"""


def run(repo: Path, out: Path, before: str) -> "subprocess.CompletedProcess[str]":
    program = RUN.format(root=str(ROOT), repo=str(repo), out=str(out), before=before)
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)


def test_a_file_that_cannot_be_written_leaves_what_was_there(registry: Repo, out: Path) -> None:
    """As of a disk that fills up at any moment: no file may be larger than so many bytes."""
    make(registry.path, out)
    there = contents(out)
    registry.tag("data#prod#1", "data@v1.0.0^{commit}", time=1_700_400_000)
    for most in (0, 300, 3_000):
        limit = f"signal.signal(signal.SIGXFSZ, signal.SIG_IGN); most = {most}\n"
        limit += "import gto_action.page.site as site\nwrite = site.Site.write\n"
        limit += "def limited(self, *given):\n"
        limit += "    before = resource.getrlimit(resource.RLIMIT_FSIZE)\n"
        limit += "    resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))\n"
        limit += "    write(self, *given)\n"
        limit += "    resource.setrlimit(resource.RLIMIT_FSIZE, before)\n"
        limit += "site.Site.write = limited"
        done = run(registry.path, out, limit)
        assert done.returncode == 1, done
        assert "The site cannot be written at" in done.stderr
        assert contents(out) == there
        assert sorted(path.name for path in out.parent.iterdir()) == ["site"]


def test_a_signal_leaves_what_was_there(registry: Repo, out: Path) -> None:
    make(registry.path, out)
    there = contents(out)
    registry.tag("data#prod#1", "data@v1.0.0^{commit}", time=1_700_400_000)
    for place in ("write", "keep", "finish"):
        end = "import gto_action.page.site as site\n"
        end += f"before = site.Site.{place}\n"
        end += f"def ending(self, *a):\n    before(self, *a) if '{place}' != 'finish' else None\n"
        end += f"    os.kill(os.getpid(), signal.SIGTERM)\nsite.Site.{place} = ending"
        assert run(registry.path, out, end).returncode == 128 + signal.SIGTERM
        assert contents(out) == there
        assert sorted(path.name for path in out.parent.iterdir()) == ["site"]


def test_what_a_killed_run_left_is_removed(registry: Repo, out: Path) -> None:
    kill = "import gto_action.page.site as site\n"
    kill += "site.Site.finish = lambda self: os.kill(os.getpid(), signal.SIGKILL)"
    assert run(registry.path, out, kill).returncode == -signal.SIGKILL
    assert len(list(out.parent.iterdir())) == 1
    make(registry.path, out)
    assert sorted(path.name for path in out.parent.iterdir()) == ["site"]


def test_killed_while_the_two_change_places(registry: Repo, out: Path) -> None:
    """The old site is back before anything else is done, and what has not changed is still the same file."""
    make(registry.path, out)
    before = states(out)
    kill = "import gto_action.page.site as site\n"
    kill += "def half(self):\n    self._out.rename(self._old)\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    kill += "site.Site._swap = half"
    registry.tag("data#prod#1", "data@v1.0.0^{commit}", time=1_700_400_000)
    assert run(registry.path, out, kill).returncode == -signal.SIGKILL
    assert not out.exists()
    with Site(out):
        assert states(out) == before
    assert make(registry.path, out).changed == 10
    assert sorted(path.name for path in out.parent.iterdir()) == ["site"]


def test_a_run_does_not_wait_for_ever(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gto_action.page.site._PATIENCE", 0.2)
    with Site(out), within(30), pytest.raises(SiteError, match="Another run has been writing beside"), Site(out):
        pass


def test_a_disk_without_links_gets_copies(registry: Repo, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(registry.path, out)
    registry.tag("data#prod#1", "data@v1.0.0^{commit}", time=1_700_400_000)

    def refuse(*_: object, **__: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr("os.link", refuse)
    make(registry.path, out)
    monkeypatch.undo()
    make(registry.path, out.with_name("other"))
    assert contents(out) == contents(out.with_name("other"))


def test_a_folder_beside_it_that_only_has_such_a_name_stays(registry: Repo, out: Path) -> None:
    mine = out.parent / ".gto-action-site-notes/new"
    mine.mkdir(parents=True)
    (mine / "precious").write_text("")
    make(registry.path, out)
    assert (mine / "precious").exists()


def test_a_name_is_no_pattern(registry: Repo, out: Path) -> None:
    kill = "import gto_action.page.site as site\n"
    kill += "site.Site.finish = lambda self: os.kill(os.getpid(), signal.SIGKILL)"
    assert run(registry.path, out, kill).returncode == -signal.SIGKILL
    make(registry.path, out.parent / "*")
    assert sorted(path.name.rpartition("-")[0] for path in out.parent.iterdir()) == ["", ".gto-action-site"]


@pytest.mark.parametrize("there", [True, False])
def test_what_a_killed_run_left_of_a_neighbour_is_the_neighbours(registry: Repo, out: Path, there: bool) -> None:
    """`site-b` begins as `site-` does, and its only copy may be in the folder that its run left."""
    neighbour = out.with_name("site-b")
    make(registry.path, neighbour)
    before = contents(neighbour)
    if there:
        make(registry.path, out)
    kill = "import gto_action.page.site as site\n"
    kill += "def half(self):\n    self._out.rename(self._old)\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    kill += "site.Site._swap = half"
    registry.tag("data#prod#1", "data@v1.0.0^{commit}", time=1_700_400_000)
    assert run(registry.path, neighbour, kill).returncode == -signal.SIGKILL
    with Site(out):
        assert out.exists() is there
    make(registry.path, out)
    with Site(neighbour):
        assert contents(neighbour) == before


@pytest.mark.parametrize(
    "path", [".git/config", "a", "artifacts/.git/config", "api/x/y.json", "assets/mine.css", "overview/x.html"]
)
def test_a_mark_that_came_with_a_folder_makes_nothing_ours_that_no_site_has(
    registry: Repo, out: Path, path: str
) -> None:
    make(registry.path, out)
    (out / path).parent.mkdir(parents=True, exist_ok=True)
    (out / path).write_text("mine")
    mark(out, [name for name in contents(out) if name != MARK])
    with pytest.raises(SiteError, match=f"holds {re.escape(repr(path))}, which is not of a site"):
        make(registry.path, out)
    assert (out / path).read_text() == "mine"


def test_the_folder_keeps_its_mode(registry: Repo, out: Path) -> None:
    make(registry.path, out)
    out.chmod(0o2775)
    registry.tag("data#prod#1", "data@v1.0.0^{commit}", time=1_700_400_000)
    assert make(registry.path, out).changed
    assert out.stat().st_mode & 0o7777 == 0o2775


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_the_folder_keeps_its_owner_and_group(registry: Repo, out: Path) -> None:
    make(registry.path, out)
    for path in (out, *out.rglob("*")):
        os.chown(path, 1001, 1002)
    registry.tag("data#prod#1", "data@v1.0.0^{commit}", time=1_700_400_000)
    assert make(registry.path, out).changed
    assert {(path.stat().st_uid, path.stat().st_gid) for path in (out, *out.rglob("*"))} == {(1001, 1002)}


@pytest.mark.parametrize("ours", [True, False])
def test_an_empty_folder_of_somebody_else_is_something_else(registry: Repo, out: Path, ours: bool) -> None:
    if ours:
        make(registry.path, out)
    (out / "artifacts/mine").mkdir(parents=True)
    with pytest.raises(SiteError, match="holds 'artifacts/mine/', which is not of a site"):
        make(registry.path, out)
    assert (out / "artifacts/mine").is_dir()


def test_a_folder_of_the_site_that_somebody_emptied_is_filled_again(registry: Repo, out: Path) -> None:
    make(registry.path, out)
    before = contents(out)
    for path in (out / "stages").iterdir():
        path.unlink()
    make(registry.path, out)
    assert contents(out) == before


def test_a_folder_that_cannot_be_read_is_not_taken_away(
    registry: Repo, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(registry.path, out)
    (out / "locked").mkdir()
    scan = os.scandir

    def refuse(path: str | int) -> object:  # root may read everything, so that no mode does
        if str(path).endswith("/locked"):
            raise PermissionError(13, "Permission denied")
        return scan(path)

    monkeypatch.setattr("os.scandir", refuse)
    with pytest.raises(SiteError, match=r"The site cannot be written at .*: Permission denied\."):
        make(registry.path, out)
    assert (out / "locked").is_dir()


def test_where_capitals_make_no_difference_no_two_artifacts_share_a_file(
    registry: Repo, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on macOS and Windows."""
    monkeypatch.setattr("gto_action.page.site.ignores_case", lambda _: True)
    make(registry.path, out)
    before = contents(out)
    registry.tag("Churn@v1.0.0", "churn@v1.0.0^{commit}", time=1_700_400_000)
    with pytest.raises(SiteError, match=r"hurn.* and .*hurn.* are one file at .*, where capitals make no difference\."):
        make(registry.path, out)
    assert contents(out) == before
    monkeypatch.undo()
    make(registry.path, out)
    assert {"artifacts/Churn.html", "artifacts/churn.html"} <= {*contents(out)}
