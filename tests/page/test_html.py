"""Every kind of page is HTML as the standard has it: the W3C's checker has nothing against any."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.html_checker import complaints, missing_java
from tests.support.repo import Repo
from tests.support.site_server import SiteServer
from tests.support.sites import HOSTILE, contents, make, say
from tests.support.skipping import skip
from tools import demo_page


@pytest.fixture(autouse=True)
def _java() -> None:
    if what := missing_java():
        skip("the checker of HTML", what)


def fill_demo(repo: Repo) -> None:
    shutil.rmtree(repo.path)
    demo_page.registry(repo.path)


def fill_nothing(repo: Repo) -> None:
    repo.commit()


def fill_hostile(repo: Repo) -> None:
    for number, text in enumerate(HOSTILE):
        say(repo, text, f"m{number}")


def fill_bad(repo: Repo) -> None:
    """Each artifact has problems, the registry too, and one is deprecated."""
    commit = repo.commit({"dvc.yaml": "artifacts: [", ".gto": "stages: [dev]\n"})
    repo.tag("a@v1.0.0", commit, time=2000)
    repo.tag("a#prod#1", commit, time=2001, tagger="")
    repo.lightweight("a@v1.1.0")
    repo.tag("b#dev", commit, time=2002)
    repo.tag("b@deprecated", commit, time=2003)
    repo.tag("nobody@created", commit)
    repo.tag(f"{'/'.join(['n' * 100] * 3)}@v1.0.0", commit)


def fill_long(repo: Repo) -> None:
    """A long history, more stages than columns, more artifacts than are on a page of the overview."""
    commits = [repo.commit(time=time) for time in (1, 2)]
    names = [f"m#s{number % 7}#{number}" for number in range(600)] + [f"a{number}@v1.0.0" for number in range(10)]
    stream = [
        f"tag {name}\nfrom {commits[number % 2]}\ntagger A <a@b> {1000 + number * 3_600} +0000\ndata 1\nm\n"
        for number, name in enumerate(names)
    ]
    repo.git("fast-import", "--quiet", stdin="".join(stream).encode())


FILLED = (fill_demo, fill_nothing, fill_hostile, fill_bad, fill_long)


def test_the_checker_has_nothing_against_any_page(
    make_repo: Callable[[str], Repo], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gto_action.page.pages._ROWS", 5)
    root, pages = tmp_path / "sites", set[str]()
    for fill in FILLED:
        repo, name = make_repo(f"o/{fill.__name__}"), fill.__name__.removeprefix("fill_")
        fill(repo)
        make(repo.path, root / name)
        found = sorted(path for path in contents(root / name) if path.endswith(".html"))
        pages |= {f"{name}/{path}" for path in found}
    assert {"nothing/index.html", "long/overview/2.html", "long/history/m/2.html", "long/stages/s1.html"} <= pages
    broken = root / "nothing/broken.html"
    broken.write_text((root / "nothing/index.html").read_text().replace("<h1>", "<h1><li>"))
    with SiteServer(root) as server:  # of files it would say that their policy lets nothing in
        found = complaints(f"{server.url}{page}" for page in (*sorted(pages), "nothing/broken.html"))
    assert [each for each in found if "/nothing/broken.html:" not in each] == []
    assert found
