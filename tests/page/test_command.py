"""The command `page`: of which repository it makes a site, with what it asks for it, and where."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gto_action.cli import commands
from tests.support.ci_runs import RUNS
from tests.support.git_server import GitServer
from tests.support.pages import ROOT
from tests.support.repo import Repo
from tests.support.site_documents import check_documents
from tests.support.sites import contents, read

Page = Callable[..., Result]
TAG = "churn#prod#4"


@pytest.fixture
def page(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Page:
    """The command, in a workspace that is no clone."""
    monkeypatch.chdir(workspace)

    def run(*arguments: str, **variables: str) -> Result:
        given = {"HOME": str(workspace.parent / "home"), **variables}
        return CliRunner().invoke(commands.group, ["page", *arguments], obj=given, env=variables)

    return run


@pytest.fixture
def clone(workspace: Path, registry: Repo) -> Path:
    """The workspace as a clone with all tags, whose `origin` is said to be at GitHub."""
    subprocess.run(["git", "clone", "-q", str(registry.path), str(workspace)], check=True)
    origin = ["git", "-C", str(workspace), "remote", "set-url", "origin", "git@github.com:acme/models.git"]
    subprocess.run(origin, check=True)
    return workspace


def test_the_clone_one_is_in(page: Page, clone: Path) -> None:
    before = subprocess.run(["git", "for-each-ref"], cwd=clone, capture_output=True, check=True).stdout
    made = page("--out", "public")
    assert (made.exit_code, made.stderr) == (0, ""), made.output
    assert made.stdout.startswith("The site is in 'public': 4 artifacts, 13 events, no problems; ")
    assert read(clone / "public", "api/registry.json")["repository"] == "git@github.com:acme/models.git"
    overview = (clone / "public/index.html").read_text()
    assert "<title>acme/models: model registry</title>" in overview
    assert 'href="https://github.com/acme/models"' in overview
    assert subprocess.run(["git", "for-each-ref"], cwd=clone, capture_output=True, check=True).stdout == before
    again = page("--out", "public")
    assert (again.exit_code, "; 0 of " in again.stdout) == (0, True), again.output


@pytest.mark.parametrize(
    ("origin", "address"),
    [
        ("git@example.com:o/r.git", "git@example.com:o/r.git"),
        ("ssh://git@example.com:2222/o/r", "ssh://git@example.com:2222/o/r"),
        ("ada@example.com:o/r.git", "example.com:o/r.git"),
        ("https://ada:s3cret@example.com/o/r.git", "https://example.com/o/r.git"),
        ("https://git@example.com/o/r.git", "https://example.com/o/r.git"),
        ("/srv/git/o/r", ""),
    ],
)
def test_the_address_that_is_published(page: Page, clone: Path, origin: str, address: str) -> None:
    """It is one that others can use, and says nobody's name or password."""
    subprocess.run(["git", "-C", str(clone), "remote", "set-url", "origin", origin], check=True)
    assert page("--out", "site").exit_code == 0
    assert read(clone / "site", "api/registry.json")["repository"] == address
    shown = (clone / "site/artifacts/churn.html").read_text()
    assert (f"dvc get {address} models/churn.pkl" in shown) is bool(address)
    assert "<title>o/r: " in (clone / "site/index.html").read_text() or not address
    assert not {"ada", "s3cret"} & set(re.findall(r"\w+", b"".join(contents(clone / "site").values()).decode()))


@pytest.mark.parametrize("where", ["before", "behind"])
def test_another_folder(page: Page, registry: Repo, workspace: Path, tmp_path: Path, where: str) -> None:
    """A path of another repository, and a folder elsewhere, with those above it."""
    repo, out = ("--repo", str(registry.path)), tmp_path / "web/www/models"
    if where == "behind":
        made = page("--out", str(out), *repo)
    else:
        made = CliRunner().invoke(commands.group, [*repo, "page", "--out", str(out)], obj={})
    assert made.exit_code == 0, made.output
    assert read(out, "api/artifacts/churn/stages/prod.json")["version"] == "v1.1.0"
    assert "<title>r: model registry</title>" in (out / "index.html").read_text()
    assert list(workspace.iterdir()) == []


def test_an_address_with_a_token(page: Page, registry: Repo, srv: Path, workspace: Path) -> None:
    assert registry.path.is_dir()
    with GitServer(srv, token="s3cret") as server:
        address = f"{server.url}/o/r"
        refused = page("--repo", address, "--out", "site")
        assert (refused.exit_code, list(workspace.iterdir())) == (1, [])
        assert refused.stderr.splitlines()[-1].startswith(f"error: The remote '{address}' asks for a token.")
        unset = page("--repo", address, "--out", "site", "--token-env", "TOKEN")
        assert (unset.exit_code, list(workspace.iterdir())) == (1, [])
        assert unset.stderr == "error: The variable 'TOKEN', which --token-env names, is not set. Set it to a token.\n"
        made = page("--repo", address, "--out", "site", "--token-env", "TOKEN", TOKEN="s3cret")
        assert made.exit_code == 0, made.output
    written = b"".join(contents(workspace / "site").values())
    assert b"s3cret" not in written
    assert f"dvc get {address} models/churn.pkl --rev=churn@v1.1.0".encode() in written
    assert "s3cret" not in made.output


def test_a_token_for_a_folder_is_a_mistake(page: Page, registry: Repo, workspace: Path) -> None:
    made = page("--repo", str(registry.path), "--out", "site", "--token-env", "TOKEN", TOKEN="s3cret")
    assert (made.exit_code, list(workspace.iterdir())) == (1, [])
    assert "is on this machine, so no token is needed." in made.stderr


@pytest.mark.parametrize(
    ("key", "link"),
    [
        ("gitlab", "/-/tags/churn%23prod%234"),
        ("gitea", "/src/tag/churn%23prod%234"),
        ("bitbucket", "/commits/tag/churn%23prod%234"),
        ("github", "/releases/tag/churn%23prod%234"),
    ],
)
@pytest.mark.parametrize("named", [True, False], ids=["--ci", "by its variables"])
def test_a_ci_system(page: Page, registry: Repo, srv: Path, workspace: Path, key: str, link: str, named: bool) -> None:
    """It says where the tags are and who may read them, and its pages have addresses of their own."""
    assert registry.path.is_dir()
    run = RUNS[key]
    with GitServer(srv, token="s3cret" if run.user else "", user=run.user or "any") as server:
        variables = dict(run.variables(server.url, TAG, workspace))
        made = page("--out", "site", *(("--ci", key) if named else ()), **variables)
        assert made.exit_code == 0, made.output
        assert f'href="{server.url}/o/r{link}"' in (workspace / "site/artifacts/churn.html").read_text()


def test_every_option_can_be_a_variable(page: Page, registry: Repo, workspace: Path) -> None:
    registry.lightweight("data@v2.0.0", "data@v1.0.0^{commit}")
    title = "<script>alert(1)</script> & sons"
    made = page(
        *("--repo", str(registry.path)),
        GTO_ACTION_PAGE_OUT="site",
        GTO_ACTION_PAGE_TITLE=title,
        GTO_ACTION_PAGE_LIGHTWEIGHT="accept",
    )
    assert made.exit_code == 0, made.output
    assert "<h1>&lt;script&gt;alert(1)&lt;/script&gt; &amp; sons</h1>" in (workspace / "site/index.html").read_text()
    assert read(workspace / "site", "api/artifacts/data/latest.json")["version"] == "v2.0.0"


@pytest.mark.parametrize("out", ["", ".", "./", "empty/.."])
def test_the_folder_one_is_in_is_none_for_a_site(page: Page, registry: Repo, workspace: Path, out: str) -> None:
    """An unset variable would name it; and it would be another one afterwards."""
    made = page("--repo", str(registry.path), "--out", out)
    assert (made.exit_code, made.stdout) == (1, ""), made.output
    assert made.stderr == (
        f"error: --out is {out!r}, the folder that one is in. Name a folder for the site, such as 'site'.\n"
    )
    assert list(workspace.iterdir()) == []


def test_without_a_folder(page: Page) -> None:
    made = page()
    assert (made.exit_code, "Missing option '--out'" in made.stderr) == (2, True)


@pytest.mark.parametrize("missing", ["jinja2", "markupsafe"])
def test_what_it_needs_may_be_missing(registry: Repo, tmp_path: Path, missing: str) -> None:
    program = f"import sys; sys.modules[{missing!r}] = None; from gto_action.__main__ import main; sys.exit(main())"
    ended = subprocess.run(
        [sys.executable, "-c", program, "page", "--repo", str(registry.path), "--out", str(tmp_path / "site")],
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == (
        f"error: The page needs {missing!r}, which is not installed: pip install 'gto-action[page]'\n"
    )
    assert not (tmp_path / "site").exists()


def test_what_a_partial_clone_lacks_is_not_known_and_not_remembered(
    page: Page, workspace: Path, registry: Repo
) -> None:
    """Otherwise a program would be told that there is no path, as if `dvc.yaml` said so, and so for ever."""
    registry.git("config", "uploadpack.allowFilter", "true")
    registry.commit({".gto": "stages: [prod, staging, staging/eu]\n"}, time=1_700_400_000)
    url, git = registry.path.as_uri(), ["git", "-C", str(workspace)]
    subprocess.run(["git", "clone", "-q", "--filter=blob:none", "--no-checkout", url, str(workspace)], check=True)
    made = page("--out", "public", "--repo", str(workspace))
    site = workspace / "public"
    assert made.exit_code == 0, made.output
    assert ", 5 problems, which the pages show;" in made.stdout, made.output  # of each artifact, and of `.gto`
    latest = read(site, "api/artifacts/churn/latest.json")
    assert (latest["version"], latest["path"], latest["type"], latest["labels"]) == ("v1.1.0", None, None, None)
    assert read(site, "api/artifacts/churn/stages/prod.json")["path"] is None
    assert read(site, "api/registry.json")["artifacts"]["churn"]["path"] is None
    (problem,) = read(site, "api/artifacts/models~nlp=sentiment.json")["problems"]
    assert problem["message"].startswith("This clone lacks 'models/nlp/dvc.yaml' at commit ")
    assert problem["hint"].endswith("git fetch --refetch --no-filter")
    assert "It was not read at this commit." in (site / "artifacts/churn.html").read_text()
    assert "This clone lacks &#39;.gto&#39;, so it is ignored." in (site / "index.html").read_text()
    check_documents(site)
    subprocess.run([*git, "fetch", "-q", "--refetch", "--no-filter"], check=True)
    made = page("--out", "public", "--repo", str(workspace))
    assert ", no problems;" in made.stdout, made.output
    assert read(site, "api/artifacts/churn/latest.json")["path"] == "models/churn.pkl"
    assert read(site, "api/artifacts/churn/stages/prod.json")["path"] == "models/churn.pkl"
