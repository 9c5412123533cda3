"""Odd registries: each has a whole site, which says what is wrong."""

import html
import re
from pathlib import Path

import pytest

from gto_action.page.spelling import name_of, spelled
from tests.support.repo import Repo
from tests.support.site_documents import check_documents
from tests.support.sites import CHURN, contents, make, read


def text_of(path: Path) -> str:
    return html.unescape(re.sub(r"<[^>]*>", " ", path.read_text()))


@pytest.mark.parametrize("tags", [[], ["v1.0.0", "nightly"]], ids=["no tags", "no GTO tags"])
def test_an_empty_registry(repo: Repo, out: Path, tags: list[str]) -> None:
    repo.commit()
    for tag in tags:
        repo.tag(tag)
    built = make(repo.path, out)
    assert (built.artifacts, built.events, built.problems) == (0, 0, 0)
    assert "There is no GTO tag in this repository yet" in text_of(out / "index.html")
    assert read(out, "api/registry.json")["artifacts"] == {}


def test_an_empty_repository(repo: Repo, out: Path) -> None:
    make(repo.path, out)
    assert "There is no GTO tag" in text_of(out / "index.html")


def test_one_bad_artifact_is_shown_with_its_problem(registry: Repo, out: Path) -> None:
    whole = out.with_name("whole")
    make(registry.path, whole)
    registry.lightweight("bad@v1.0.0")
    registry.tag("bad@v1.1.0", time=1_700_500_000, inner_name="other@v1.0.0")
    registry.tag("bad#prod", time=1_700_500_001, tagger="")
    registry.tag("bad@created", time=1_700_500_001)
    built = make(registry.path, out)
    assert built.problems >= 4
    found = {problem["message"] for problem in read(out, "api/artifacts/bad.json")["problems"]}
    assert any("'bad@v1.0.0' is lightweight" in message for message in found)
    assert any("has another name inside" in message for message in found)
    assert any("no date" in message for message in found)
    assert any("'bad@created' is not a GTO tag" in message for message in found)
    assert "is lightweight" in text_of(out / "artifacts/bad.html")
    assert "git tag -d" in text_of(out / "artifacts/bad.html")
    own = {path for path in contents(whole) if re.match("(artifacts|api/artifacts)/", path)}
    assert {path: contents(out)[path] for path in own} == {path: contents(whole)[path] for path in own}


def test_a_stranger_among_the_tags(registry: Repo, out: Path) -> None:
    registry.tag("nobody@created")
    built = make(registry.path, out)
    assert built.problems == 1
    assert "'nobody@created' is not a GTO tag, and gto fails on it" in text_of(out / "index.html")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("artifacts: [", "'dvc.yaml'"),
        ("artifacts: {churn: {path: '${nothing}'}}", "has no value"),
        ("- a list", "is not a mapping"),
        ("a: &a [*a]", "dvc.yaml"),
    ],
)
def test_an_unreadable_dvc_yaml(repo: Repo, out: Path, text: str, said: str) -> None:
    commit = repo.commit({"dvc.yaml": text})
    repo.tag("churn@v1.0.0", commit)
    repo.tag("churn#prod", commit)
    assert make(repo.path, out).problems == 1
    (problem,) = read(out, "api/artifacts/churn.json")["problems"]
    assert said in problem["message"]
    assert read(out, "api/artifacts/churn/stages/prod.json")["version"] == "v1.0.0"


def test_an_annotation_is_that_of_the_versions_own_commit(repo: Repo, out: Path) -> None:
    for number in range(3):
        commit = repo.commit({"dvc.yaml": CHURN.replace("churn.pkl", f"churn-{number}.pkl"), "a": str(number)})
        repo.tag(f"churn@v{number}.0.0", commit, time=2000 + number)
    make(repo.path, out)
    found = {each["version"]: each["annotation"]["path"] for each in read(out, "api/artifacts/churn.json")["versions"]}
    assert found == {f"v{number}.0.0": f"models/churn-{number}.pkl" for number in range(3)}


def test_templates_and_links_in_dvc_yaml_are_followed(repo: Repo, out: Path) -> None:
    files = {
        "dvc.yaml": "vars: [v.yaml]\nartifacts: {churn: {path: '${p}', desc: '${d}'}}",
        "v.yaml": "p: a/b",
        "params.yaml": "d: one",
    }
    repo.tag("churn@v1.0.0", repo.commit(files))
    make(repo.path, out)
    found = read(out, "api/artifacts/churn/latest.json")
    assert (found["path"], found["description"]) == ("a/b", "one")


def test_the_order_of_stages_is_that_of_the_configuration(repo: Repo, out: Path) -> None:
    commit = repo.commit({".gto": "stages: [dev, staging, prod]\n"})
    repo.tag("m@v1.0.0", commit)
    for number, stage in enumerate(("prod", "dev", "other", "staging")):
        repo.tag(f"m#{stage}#{number}", commit, time=2000 + number)
    built = make(repo.path, out)
    assert list(read(out, "api/artifacts/m.json")["stages"]) == ["dev", "staging", "prod", "other"]
    assert built.problems == 1  # `other` is not allowed


def test_a_name_that_is_too_long_for_a_file(registry: Repo, out: Path) -> None:
    long = "/".join(["n" * 100] * 3)
    registry.tag(f"{long}@v1.0.0", "churn@v1.0.0^{commit}")
    make(registry.path, out)
    assert read(out, "api/registry.json")["artifacts"][long]["page"] == ""
    assert not [path for path in contents(out) if "nnnn" in path]
    assert "n" * 20 in text_of(out / "index.html")


def test_without_a_server_there_are_no_links_to_one(registry: Repo, out: Path) -> None:
    make(registry.path, out, page="")
    pages = "".join(path.read_text() for path in out.rglob("*.html"))
    assert not re.search(r'(?:href|src)="[a-z]+:', pages)
    assert "dvc get" not in pages
    assert "gto show churn@v1.1.0 --ref" in pages


def test_how_to_get_a_version(repo: Repo, out: Path) -> None:
    repo.tag("churn@v1.0.0", repo.commit({"dvc.yaml": 'artifacts: {churn: {path: "a b/$(touch x)\'"}}'}))
    make(repo.path, out)
    shown = text_of(out / "artifacts/churn.html")
    assert """dvc get https://github.com/acme/models.git 'a b/$(touch x)'"'"'' --rev=churn@v1.0.0""" in shown
    assert 'artifact: "churn@v1.0.0"' in shown


def test_a_name_that_looks_like_an_option_is_in_no_command(repo: Repo, out: Path) -> None:
    repo.tag("--help=m@v1.0.0", repo.commit({"--help/dvc.yaml": "artifacts: {m: {path: m.pkl}}"}))
    make(repo.path, out)
    (page,) = (out / "artifacts").glob("*.html")
    shown = text_of(page)
    assert "--rev=--help=m@v1.0.0" in shown
    assert "gto show" not in shown
    assert 'artifact: "--help:m@v1.0.0"' in shown


NAMES = (
    *("index", "latest", "api", "assets", "stages", "history", "overview", "CON", "con", "Con", "nul", "a", "a/b"),
    *("a/stages", "a/latest", "d/=a", "d=a", "d.e=a", "d-e=a", "%2e", "-d=a", "1", "0x0", "n" * 180),
)


def test_names_that_mean_something_elsewhere(repo: Repo, out: Path) -> None:
    """Each has its own page and documents, under the name that its file says."""
    commit = repo.commit()
    for name in NAMES:
        repo.tag(f"{name}@v1.0.0", commit, time=2000)
        repo.tag(f"{name}#latest", commit, time=2001)
        repo.tag(f"{name}#index", commit, time=2002)
    make(repo.path, out)
    found = {*read(out, "api/registry.json")["artifacts"]}
    expected = {name.replace("=", ":", 1) for name in NAMES if name != "%2e"}
    assert found == expected
    for folder in ("artifacts/*.html", "api/artifacts/*.json"):
        assert {name_of(path.stem) for path in out.glob(folder)} == expected
    for name in expected:
        (title,) = re.findall("<title>(.*) · ", (out / f"artifacts/{spelled(name)}.html").read_text())
        assert title == name if len(name) < 120 else title.startswith(name[:120])
        assert read(out, f"api/artifacts/{spelled(name)}.json")["name"] == name
        assert read(out, f"api/artifacts/{spelled(name)}/latest.json")["name"] == name
        assert read(out, f"api/artifacts/{spelled(name)}/stages/latest.json")["stage"] == "latest"
    assert {*read(out, "api/stages/index.json")["artifacts"]} == expected
    check_documents(out)


def test_nobodys_address_and_no_message_is_published(registry: Repo, out: Path) -> None:
    registry.tag("data@v2.0.0", time=1_700_500_000, message="between us: 4711", tagger="E <eve@secret.example> 7 +0000")
    registry.tag("data@v3.0.0", time=1_700_500_000, message="between us: 4711", tagger="<eve@secret.example>")
    registry.tag("bad@v1.0.0", tagger="")
    make(registry.path, out)
    written = b"".join(contents(out).values())
    assert b"Ada Lovelace" in written
    assert not [text for text in (b"ada@example.com", b"secret.example", b"4711") if text in written]
