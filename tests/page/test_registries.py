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


T = 1_700_000_000
HOUR, DAY = 3_600, 86_400


def many(repo: Repo, *tags: tuple[str, int, int]) -> None:
    """Tags in one go: each with the number of its commit, 0 or 1, and its time."""
    commits = [repo.commit(time=time) for time in (1, 2)]
    stream = [f"tag {tag}\nfrom {commits[at]}\ntagger A <a@b> {time} +0000\ndata 1\nm\n" for tag, at, time in tags]
    repo.git("fast-import", "--quiet", stdin="".join(stream).encode())


def past(out: Path, stage: str) -> str:
    """What the page of a stage says that it held."""
    return (out / f"stages/{stage}.html").read_text().partition('id="past"')[2]


def test_what_lasts_is_on_a_stages_page_however_old_it_is(
    repo: Repo, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gto_action.page.pages._PERIODS", 20)
    busy = [(f"busy#prod#{number}", number % 2, T + DAY * number) for number in range(1, 40)]
    many(repo, ("old@v1.0.0", 0, T), ("old#prod#1", 0, T + 10), ("busy@v1.0.0", 0, T), ("busy@v2.0.0", 1, T), *busy)
    make(repo.path, out)
    assert "artifacts/old.html" in past(out, "prod")
    assert past(out, "prod").count("<tr data-from") == 2 + 20
    assert 'data-since="2023-12-03"' in past(out, "prod")  # the 19th day is over, and is left out


def test_a_day_that_no_calendar_has_never_makes_a_page_whole(
    repo: Repo, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gto_action.page.pages._PERIODS", 0)
    many(repo, ("m@v1.0.0", 0, T), ("m@v2.0.0", 1, T), ("m#prod#1", 0, T), ("m#prod#2", 1, 400_000_000_000))
    make(repo.path, out, now=500_000_000_000)
    assert 'data-since="9999-12-31"' in past(out, "prod")


def test_a_busy_stage_takes_no_room_of_a_quiet_one(repo: Repo, out: Path) -> None:
    busy = [(f"m#staging#{number}", number % 2, T + HOUR * number) for number in range(1, 3_000)]
    first = [("m@v1.0.0", 0, T), ("m@v2.0.0", 1, T), ("m#prod#1", 0, T + 10)]
    many(repo, *first, *busy, ("m#prod#2", 1, T + 50 * HOUR + 7))
    make(repo.path, out)
    document = read(out, "api/artifacts/m.json")
    assert (document["periods_since"], len(document["periods"])) == (None, 2_999 + 2)
    assert [each for each in document["periods"] if each["stage"] == "prod"] == [
        {"stage": "prod", "version": version, "start": start, "end": end}
        for version, start, end in (
            ("v1.0.0", "2023-11-14T22:13:30+00:00", "2023-11-17T00:13:27+00:00"),
            ("v2.0.0", "2023-11-17T00:13:27+00:00", None),
        )
    ]
    assert past(out, "prod").count("<tr data-from") == 2
    assert 'data-since=""' in past(out, "prod")
    assert "of the days until 2024-03-10 not all is drawn" in text_of(out / "artifacts/m.html")
    assert (out / "artifacts/m.html").read_text().count("<title>staging held") <= 201


def test_a_start_that_nobody_knows_is_said_to_be_unknown(
    repo: Repo, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of more changes than are looked at, the first ones; what still lasts then did not begin there."""
    monkeypatch.setattr("gto_action.page.gather._WORK", 10)
    busy = [(f"m#staging#{number}", number % 2, T + HOUR * number) for number in range(1, 30)]
    many(repo, ("m@v1.0.0", 0, T), ("m@v2.0.0", 1, T), ("m#prod#1", 0, T + 10), ("m#gone#1", 0, T + 11), *busy)
    repo.tag("m#gone!#2", "main~", time=T + 12)
    for number in range(2):  # as it is remembered, too
        make(repo.path, out, cache=tmp_path / "cache")
        document = read(out, "api/artifacts/m.json")
        assert document["periods_since"] == "2023-11-15T17:13:20+00:00"
        assert [each["start"] for each in document["periods"] if each["stage"] == "prod"] == [None]
        assert "before 2023-11-15 17:13" in past(out, "prod")
        assert '<tr data-from=""' in past(out, "prod")
        assert all('data-since="2023-11-15"' in past(out, stage) for stage in ("prod", "staging"))
        repo.tag(f"other@v{number}.0.0", time=T)
    assert "holds no version" in text_of(out / "stages/gone.html")
    check_documents(out)


def test_an_assignment_without_a_date_has_no_invented_one(repo: Repo, out: Path) -> None:
    commit = repo.commit()
    repo.tag("m#prod#1", commit, tagger="")
    repo.tag("m@v1.0.0", commit, time=T)
    repo.tag("m#dev#1", commit, time=T + 60)
    make(repo.path, out)
    starts = {each["stage"]: each["start"] for each in read(out, "api/artifacts/m.json")["periods"]}
    assert starts == {"prod": None, "dev": "2023-11-14T22:14:20+00:00"}
    assert "before 2023-11-14 22:13" in past(out, "prod")


def test_a_stage_that_was_held_for_no_time_has_its_page(repo: Repo, out: Path) -> None:
    commit = repo.commit()
    repo.tag("m@v1.0.0", commit, time=T)
    repo.tag("m#prod#1", commit, time=T)
    repo.tag("m#prod!#2", commit, time=T)
    make(repo.path, out)
    linked = re.findall(r'href="\.\./([^"#]*)', (out / "artifacts/m.html").read_text())
    assert "stages/prod.html" in linked
    assert not [path for path in linked if not (out / path).exists()]


@pytest.mark.parametrize("tagger", ["", "A <a@b> 400000000000 +0000"], ids=["no date", "no calendar's"])
def test_the_feed_is_as_new_as_its_newest_entry_with_a_date(registry: Repo, out: Path, tagger: str) -> None:
    registry.tag("late@v1.0.0", "old@v1.0.0^{commit}", tagger=tagger)
    make(registry.path, out, now=500_000_000_000)
    first = re.findall("<updated>(.*)</updated>", (out / "feed.atom").read_text())[0]
    assert first == "2023-11-18T09:33:20+00:00"
