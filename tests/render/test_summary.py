"""The job summary: what it says, that it is never too long, and what a browser makes of it."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from gto_action.answer.answer import Noted, Nothing, OfEvent, OfVersion
from gto_action.dvc_yaml.annotation import Annotation
from gto_action.errors import Level, Problem
from gto_action.gto.names import ArtifactName
from gto_action.gto.registry import Registry
from gto_action.gto.selector import Selector
from gto_action.gto.standing import standing_of
from gto_action.gto.tag import parse_tag
from gto_action.render.links import Links
from gto_action.render.summary import summary
from tests.support.browser import Browser
from tests.support.records import records

DAY: Final = 86_400
NOW: Final = 400 * DAY
HUB: Final = Links("https://github.com/acme/models")
SHA: Final = {letter: letter.lower() * 40 for letter in "ABCD"}
MOST: Final = 2**20


def made(text: str) -> Registry:
    """A registry of `name commit day`, one a line."""
    lines = []
    for line in text.strip().splitlines():
        name, commit, day = line.split()
        lines.append(f"{name} {SHA.get(commit, commit)} {int(day) * DAY}")
    return Registry(records("\n".join(lines)))


LIFE: Final = """
churn@v1.0.0 A 10
churn#prod#1 A 20
churn@v2.0.0 B 100
churn#dev#2 B 110
churn#prod#3 B 200
segments@v0.1.0 A 210
segments#prod#1 A 220
churn#prod#4 A 300
churn#prod!#5 A 310
churn@deprecated#6 B 390
"""


def answer_of(registry: Registry, name: str, problems: tuple[Problem, ...] = (), **noted: Any) -> OfEvent:  # noqa: ANN401
    tag = parse_tag(name)
    assert tag is not None
    event = registry.event(tag)
    return OfEvent(
        event=event,
        standing=standing_of(event, registry),
        registry=registry,
        noted=Noted(annotation=Annotation(**noted) if noted else None),
        problems=problems,
    )


def until(name: str) -> Registry:
    """The registry of LIFE as it was right after a tag."""
    lines = LIFE.strip().splitlines()
    return made("\n".join(lines[: next(n for n, line in enumerate(lines) if line.startswith(f"{name} ")) + 1]))


# the tag, and what a person reads of it
READ: Final[Mapping[str, tuple[str, ...]]] = {
    "churn@v1.0.0": ("churn v1.0.0 was registered", "v1.0.0 is the first version."),
    "churn#prod#3": (
        "churn v2.0.0 was assigned to prod",
        "prod went from v1.0.0 to v2.0.0.",
        "compare v1.0.0...v2.0.0",
    ),
    "churn#prod#4": ("churn v1.0.0 was assigned to prod", "Rollback: prod went back from v2.0.0 to v1.0.0."),
    "churn#prod!#5": ("churn v1.0.0 was unassigned from prod", "Fallback: prod went from v1.0.0 to v2.0.0."),
    "churn@deprecated#6": ("churn was deprecated", "no current version and no stages"),
}


@pytest.mark.browser
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", READ)
def test_what_a_person_reads(browser: Browser, tmp_path: Path, name: str, dark: bool) -> None:
    noted: dict[str, Any] = {
        "path": "models/churn.pkl",
        "type": "model",
        "description": "Who leaves",
        "labels": ("weekly",),
    }
    answer = answer_of(until(name), name, file="dvc.yaml", line=3, **noted)
    page = browser.render(summary(answer, HUB, NOW, whole=True), dark=dark)
    assert page.mermaid_errors == []
    assert page.faults == []
    assert page.requests == []
    for text in (*READ[name], "models/churn.pkl", "Who leaves", "weekly", "History of churn", "Registry: "):
        assert text in page.shown, page.shown
    links = {element.attributes["href"] for element in page.select("article a")}
    assert (
        f"https://github.com/acme/models/releases/tag/{name.replace('@', '%40').replace('#', '%23').replace('!', '%21')}"
        in links
    )
    assert f"https://github.com/acme/models/blob/{answer.event.commit}/dvc.yaml?plain=1#L3" in links
    assert len(page.select("details table")) == 2
    if name != "churn@v1.0.0":
        assert "v1.0.0" in page.texts("svg text.taskText")
    page.screenshot(tmp_path / "summary.png")
    assert (tmp_path / "summary.png").stat().st_size > 10_000


@pytest.mark.browser
def test_the_stages_over_time_are_drawn(browser: Browser) -> None:
    page = browser.render(summary(answer_of(until("churn#prod!#5"), "churn#prod!#5"), HUB, NOW, whole=True))
    assert page.texts("svg .sectionTitle") == ["prod", "dev"]
    assert page.texts("svg text.taskText") == [
        "v1.0.0",
        "v2.0.0",
        "v2.0.0",
        "v2.0.0",
    ]  # the fourth is too short for a name
    bars = [element.attributes for element in page.select("svg rect.task")]
    assert len(bars) == 5
    assert all(float(bar["width"]) > 0 for bar in bars)


@pytest.mark.browser
def test_what_changed_is_bold(browser: Browser) -> None:
    page = browser.render(summary(answer_of(until("churn#prod#4"), "churn#prod#4"), HUB, NOW, whole=True))
    table = "article > table:first-of-type"
    assert page.texts(f"{table} th")[:3] == ["Stage", "Before", "Now"]
    assert page.texts(f"{table} tbody tr:nth-child(1) td") == ["dev", "v2.0.0", "v2.0.0"]
    assert page.texts(f"{table} b") == ["prod", "v2.0.0", "v1.0.0"]


HOSTILE: Final = {
    "HTML": "<script>alert(1)</script><img src=x onerror=alert(1)><b>bold</b></td></tr></table></code>",
    "Markdown": "**bold** _it_ [link](https://evil.example) ![image](https://evil.example/x.png) `code` ~~gone~~",
    "a table": "a | b | c\n| - | - |\n| d | e |",
    "blocks": "first\n\n# Heading\n\n- item\n\n```mermaid\ngraph TD\n```\n\n> quote\n\n---",
    "mentions": "@team @acme/owners #1 acme/models#2 GH-3 :tada: " + "a" * 40,
    "addresses": "https://evil.example www.evil.example mailto:a@b.example ftp://evil.example",
    "entities": "&lt;b&gt; &#64;team &#35;1 &amp;amp; &nbsp;",
    "formulas": "$$\\alpha$$ $`x`$ $x$",
    "the end of a fence": "```\n</details>\n````\n~~~",
    "control": "\x1b[31mred\x07 \u202eback\u2066 a\rb\vc\u2028d",
}


@pytest.mark.browser
@pytest.mark.parametrize("what", HOSTILE)
def test_what_strangers_write_stays_text(browser: Browser, what: str) -> None:
    text = HOSTILE[what]
    problem = Problem(Level.WARNING, f"There is something wrong: {text}", f"Ask {text}.", "dvc.yaml", 3)
    noted: dict[str, Any] = {"path": text, "type": text, "description": text, "labels": (text, text), "file": text}
    answer = answer_of(made(LIFE), "churn#prod#4", (problem,), **noted)
    page = browser.render(summary(answer, HUB, NOW, whole=True))
    calm = answer_of(made(LIFE), "churn#prod#4", (Problem(Level.WARNING, "x", "x"),), **dict.fromkeys(noted, "x"))
    expected = browser.render(summary(calm, HUB, NOW, whole=True))
    assert page.faults == page.requests == page.mermaid_errors == []
    kinds = (
        "img, script, h1, h2, h3, li, blockquote, hr, pre, svg, details, table, em, strong, del, b, sup, math, input"
    )
    assert len(page.select(f":is({kinds}):not(svg *)")) == len(expected.select(f":is({kinds}):not(svg *)"))
    own = {"https://github.com"}
    links = [element.attributes.get("href", "") for element in page.select("article a")]
    assert all(any(link.startswith(each) for each in own) for link in links), links
    for trap in (".user-mention", ".issue-link", ".emoji", "g-emoji"):
        assert not page.select(trap), trap


@pytest.mark.browser
@pytest.mark.parametrize("headline", [*HOSTILE.values(), "The ref 'refs/heads/@team' is not a tag."])
def test_a_headline_without_an_event_stays_text(browser: Browser, headline: str) -> None:
    page = browser.render(summary(Nothing(headline=headline), HUB, NOW, whole=True))
    assert page.select("article :is(a, img, script, h1, li, pre, table)") == []
    for trap in (".user-mention", ".issue-link", ".emoji"):
        assert not page.select(trap)


def test_without_a_server_nothing_is_a_link() -> None:
    text = summary(answer_of(made(LIFE), "churn#prod#4", file="dvc.yaml"), Links(), NOW, whole=True)
    assert "<a" not in text
    assert "churn#prod#4" in text


def test_what_does_not_match_is_said() -> None:
    answer = replace(
        answer_of(made(LIFE), "churn#prod#4"), unmatched="Not matched: stage 'prod' is not among `stages`: a<b."
    )
    text = summary(answer, HUB, NOW, whole=True)
    assert (
        "<p><b>Not matched: stage <code>&#x27;prod&#x27;</code> is not among <code>&#x27;stages&#x27;</code>: a&lt;b.</b></p>"
        in text
    )
    assert "Not matched" not in summary(answer_of(made(LIFE), "churn#prod#4"), HUB, NOW, whole=True)


def test_a_replay_speaks_of_its_own_time() -> None:
    """The first version is the first version, whatever came after it."""
    text = summary(answer_of(made(LIFE), "churn@v1.0.0"), HUB, NOW, whole=True)
    assert "v1.0.0 is the first version." in text
    assert "v2.0.0 is the first version." not in text
    assert "supersedes this one: now churn is deprecated." in text


def test_a_version_that_was_asked_for() -> None:
    registry = until("churn#prod!#5")
    churn = ArtifactName("churn")
    version = registry.artifact(churn).latest
    assert version is not None
    answer = OfVersion(selector=Selector(churn), version=version, registry=registry)
    text = summary(answer, HUB, NOW, whole=True)
    assert "<code>churn@latest</code> is <code>churn</code> <code>v2.0.0</code>" in text
    assert "<th>Before</th>" not in text
    assert "<th>Now</th>" in text


def test_only_the_artifact() -> None:
    text = summary(answer_of(made(LIFE), "churn#prod#4"), HUB, NOW, whole=False)
    assert "Registry" not in text
    assert "History" not in text
    assert "```mermaid" in text


LONG: Final = "x" * 5_000
GROWN: Final = {
    "many tags": "\n".join(f"churn#prod#{n} {'AB'[n % 2]} {n}" for n in range(20_000)),
    "many artifacts": "\n".join(f"m{n}@v1.0.0 A {n}\nm{n}#prod A {n}" for n in range(5_000)),
    "many stages": "\n".join(f"churn#s{n} A {n}\nm{n % 100}#s{n} A 1" for n in range(5_000)),
    "long names": "\n".join(f"{LONG}{n}@v1.0.0 A 1\nchurn#{LONG}{n} A {n}\n{LONG}{n}#{LONG} A 1" for n in range(200)),
    "long versions": "\n".join(f"churn@v1.0.{n}-{LONG} {n:040x} {n}\nchurn#s{n} {n:040x} {n + 1}" for n in range(200)),
}


@pytest.mark.parametrize("what", GROWN)
def test_the_summary_is_never_too_long(what: str) -> None:
    registry = made(f"churn@v1.0.0 A 1\nchurn@v2.0.0 B 2\n{GROWN[what]}\nchurn#prod#999999 A 30000")
    text = "<&>\U0001f680" * 100_000
    problems = tuple(Problem(Level.WARNING, text, text) for _ in range(1_000))
    noted: dict[str, Any] = {"path": text, "type": text, "description": text, "labels": (text,) * 1_000, "file": text}
    found = summary(answer_of(registry, "churn#prod#999999", problems, **noted), HUB, 40_000 * DAY, whole=True)
    assert len(found.encode()) < MOST * 0.9
    assert "more</p>" in found
    assert found.count("<details>") == found.count("</details>") == 2
    chart = found.partition("```mermaid\n")[2].partition("```")[0]
    assert len(chart) < 50_000  # Mermaid draws no more


@pytest.mark.browser
def test_a_large_registry_is_drawn(browser: Browser) -> None:
    registry = made(f"churn@v1.0.0 A 1\nchurn@v2.0.0 B 2\n{GROWN['many stages']}\nchurn#prod#999999 A 30000")
    page = browser.render(summary(answer_of(registry, "churn#prod#999999"), HUB, 40_000 * DAY, whole=True))
    assert page.mermaid_errors == []
    assert page.select("svg rect.task")
