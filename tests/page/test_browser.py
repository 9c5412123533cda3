"""The pages in a real browser: what a person can do with them, and what they cannot do to a person."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.chromium import Chromium
from tests.support.figures import FIGURE
from tests.support.html_tables import tables
from tests.support.repo import Repo
from tests.support.site_server import SiteServer
from tests.support.site_tab import SiteTab, site_tab
from tests.support.sites import HOSTILE, contents, make, say

pytestmark = pytest.mark.browser
PAGES = (
    "index.html",
    "artifacts/churn.html",
    "artifacts/models~nlp=sentiment.html",
    "artifacts/old.html",
    "stages/prod.html",
)


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    with Chromium(tmp_path_factory.mktemp("site-chromium") / "profile", loopback=True) as found:
        yield found


@pytest.fixture
def tab(registry: Repo, out: Path, chromium: Chromium) -> Iterator[SiteTab]:
    make(registry.path, out)
    with SiteServer(out) as server, site_tab(chromium, server.url) as found:
        yield found


@pytest.mark.parametrize(("dark", "width"), [(False, 1200), (True, 1200), (False, 380)], ids=["light", "dark", "phone"])
def test_no_page_has_a_fault_or_a_barrier(tab: SiteTab, dark: bool, width: int) -> None:
    for page in PAGES:
        tab.emulate(dark=dark, width=width)
        tab.go(page)
        assert tab.faults == [], page
        assert all(url.startswith(("http://127.0.0.1:", "data:")) for url in tab.requests), page
        assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth"), page
        tab.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
        assert tab.violations() == [], page


def test_light_and_dark_differ_and_paper_is_as_light(tab: SiteTab) -> None:
    colours = []
    for dark, media in ((False, ""), (True, ""), (True, "print")):
        tab.emulate(dark=dark, media=media)
        tab.go("artifacts/churn.html")
        script = (
            "[document.body, document.querySelector('.events .deregistration')].map(each => getComputedStyle(each))"
        )
        colours.append(tab.evaluate(f"(([page, word]) => [page.backgroundColor, word.color])({script})"))
    light, dark_one, paper = colours
    assert (light[0], dark_one[0]) == ("rgb(255, 255, 255)", "rgb(17, 18, 22)")
    assert light != dark_one
    assert paper == light


BROKEN = """
[...document.querySelectorAll('.scroll td, .scroll th')].flatMap(cell => {
  const walker = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT), found = [];
  while (walker.nextNode()) for (const word of walker.currentNode.data.matchAll(/[A-Za-z0-9]{2,30}/g)) {
    const range = document.createRange();
    range.setStart(walker.currentNode, word.index);
    range.setEnd(walker.currentNode, word.index + word[0].length);
    if (range.getClientRects().length > 1) found.push(word[0]);
  }
  return found;
})"""
"""The words in cells of tables that are on two lines."""


@pytest.mark.parametrize(("media", "width"), [("", 380), ("", 1200), ("print", 794)], ids=["phone", "screen", "paper"])
def test_no_word_is_broken_and_nothing_sticks_out(tab: SiteTab, media: str, width: int) -> None:
    tab.emulate(media=media, width=width)
    for page in PAGES:
        tab.go(page)
        assert tab.evaluate(BROKEN) == [], page
        assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth"), page
        if media:
            assert tab.evaluate(
                "[...document.querySelectorAll('.scroll')].every(each => each.scrollWidth <= each.clientWidth)"
            ), page


def test_no_bar_has_half_a_version(tab: SiteTab) -> None:
    """Half of `v1.10.0` would be another one."""
    for width in (380, 1200):
        tab.emulate(width=width)
        tab.go("artifacts/churn.html")
        script = """[...document.querySelectorAll('.timeline svg')].filter(bar => {
            const text = bar.querySelector('text');
            return text.textContent && getComputedStyle(text).display !== 'none'
              && text.getBoundingClientRect().right > bar.querySelector('rect').getBoundingClientRect().right;
        }).length"""
        assert tab.evaluate(script) == 0


def test_search_and_filters(tab: SiteTab) -> None:
    tab.go("index.html")
    every = tab.rows()
    assert every == ["churn", "data", "models/nlp:sentiment", "old"]
    for name, value, expected in (
        ("q", "CHURN tab", ["churn"]),
        ("q", "nothing at all", []),
        ("stage", "prod", ["churn"]),
        ("stage", "staging/eu", ["models/nlp:sentiment"]),
        ("type", "dataset", ["data"]),
        ("label", "sales", ["churn", "data"]),
        ("sort", "changed", ["old", "churn", "models/nlp:sentiment", "data"]),
    ):
        tab.choose(name, value)
        assert tab.rows() == expected, (name, value)
        assert tab.evaluate("document.querySelector('#none').hidden") is bool(expected)
        tab.choose(name, "")
    assert tab.rows() == every
    assert tab.evaluate("location.hash") == ""


def test_a_link_can_be_shared(tab: SiteTab) -> None:
    tab.go("index.html")
    tab.choose("stage", "prod")
    tab.choose("q", "ch")
    shared = tab.evaluate("location.hash")
    assert shared == "#q=ch&stage=prod"
    tab.go(f"index.html{shared}")
    assert tab.rows() == ["churn"]
    tab.evaluate("location.hash = '#label=nlp'; new Promise(done => setTimeout(done, 50))")
    assert tab.rows() == ["models/nlp:sentiment"]
    tab.go("index.html#stage=%3Cscript%3E&q=%22%3E")
    assert tab.faults == []


ODD = """\
artifacts:
  churn:
    path: m
    type: a very long type of model which has more than forty letters
    labels: [a1, a2, a3, a4, a5, sixth, "two  spaces", a label which is longer than thirty letters]
  data: {path: d, type: dataset, labels: [a1]}
"""


def test_every_filter_finds_what_it_offers(repo: Repo, out: Path, chromium: Chromium) -> None:
    """What is cut on a row, and what it leaves out, too; of many stages as of few."""
    commit = repo.commit({"dvc.yaml": ODD})
    for name in ("churn", "data"):
        repo.tag(f"{name}@v1.0.0", commit)
    long = "s" * 70
    for number in range(25):
        repo.tag(f"churn#stage-{number:02}", commit, time=2000 + number)
    repo.tag(f"churn#{long}a", commit, time=3000)
    repo.tag(f"data#{long}b", commit, time=3000)
    make(repo.path, out)
    expected = {f"{long}b": ["data"], "dataset": ["data"], "a1": ["churn", "data"]}
    with SiteServer(out) as server, site_tab(chromium, server.url) as tab:
        tab.go("index.html")
        for name, count in (("stage", 27), ("type", 2), ("label", 8)):
            script = f"[...document.querySelectorAll('[name={name}] option')].map(each => each.value).filter(Boolean)"
            values = tab.evaluate(script)
            assert len(values) == count
            for value in values:
                tab.choose(name, value)
                assert tab.rows() == expected.get(value, ["churn"]), value
                shared = tab.evaluate("location.hash")
                tab.go(f"index.html{shared}")
                assert tab.rows() == expected.get(value, ["churn"]), shared
            tab.choose(name, "")


def test_a_link_to_what_no_artifact_has_any_more_shows_none(tab: SiteTab) -> None:
    for asked in ("#stage=gone", "#type=gone", "#label=gone"):
        tab.go(f"index.html{asked}")
        assert (tab.rows(), tab.evaluate("location.hash")) == ([], asked)
        assert tab.evaluate("document.querySelector('#none').checkVisibility()")
        assert tab.evaluate("[...document.querySelectorAll('select')].map(each => each.value).join('')") == "gone"


def test_an_overview_of_several_pages_says_which_one_is_searched(
    registry: Repo, out: Path, chromium: Chromium, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gto_action.page.pages._ROWS", 2)
    make(registry.path, out)
    with SiteServer(out) as server, site_tab(chromium, server.url) as tab:
        tab.go("index.html#stage=staging%2Feu")
        assert tab.rows() == []
        assert tab.evaluate("document.querySelector('#count').value") == "0 of 2 on this page (1 of 2)"
        assert tab.evaluate("document.querySelector('#none').innerText").startswith(
            "Nothing matches on this page (1 of 2). The page of a stage"
        )
        assert tab.evaluate("document.querySelector('.pager a').hash") == "#stage=staging%2Feu"
        tab.go("overview/2.html#stage=staging%2Feu")
        assert tab.rows() == ["models/nlp:sentiment"]


def test_the_link_to_the_content_changes_nothing(tab: SiteTab) -> None:
    for page, rows in (
        ("index.html#q=nlp", "#registry"),
        ("stages/prod.html#on=2023-11-16", "#periods"),
    ):
        tab.go(page)
        shown = f"[...document.querySelectorAll('{rows} tbody tr')].filter(row => !row.hidden).length"
        assert tab.evaluate(shown) == 1
        tab.evaluate("document.querySelector('.skip').click(); new Promise(done => setTimeout(done, 100))")
        assert tab.evaluate(f"{shown} + location.hash") == f"1#{page.partition('#')[2]}"


def test_an_address_with_a_broken_end_is_no_fault(tab: SiteTab) -> None:
    for page in PAGES:
        tab.go(f"{page}#%")
        assert tab.faults == [], page


def test_a_phone_shows_the_latest_version(tab: SiteTab) -> None:
    tab.emulate(width=390)
    tab.go("index.html")
    script = "[...document.querySelectorAll('#registry tbody tr')].map(row => row.cells[1])"
    seen = (
        f"{script}.map(each => [each.textContent, each.checkVisibility(), getComputedStyle(each, '::before').content])"
    )
    assert tab.evaluate(seen) == [
        [version, True, '"latest "'] for version in ("v1.1.0", "v1.0.0", "v0.1.0", "\N{EN DASH}")
    ]


def test_the_keyboard_is_enough(tab: SiteTab) -> None:
    tab.go("index.html")
    tab.press("/", "/")  # no key means something by itself: who speaks to a computer would press it
    assert tab.evaluate("document.activeElement.localName") == "body"
    for _ in range(20):
        tab.press("Tab")
        if tab.evaluate("document.activeElement.name") == "q":
            break
    for letter in "nlp":
        tab.press(letter, letter)
    assert tab.rows() == ["models/nlp:sentiment"]
    tab.go("index.html")
    tab.press("Tab")
    assert tab.evaluate("document.activeElement.className") == "skip"


def test_without_scripts_everything_is_there(tab: SiteTab) -> None:
    for page in PAGES:
        tab.emulate(script=True)
        tab.go(page)
        whole = "document.querySelector('main').innerText.replace(/Copy/g, '').split(/\\s+/).join(' ')"
        with_it = tab.evaluate(whole)
        tab.emulate(script=False)
        tab.go(page)
        tab.emulate(script=True)
        without = tab.evaluate(whole)
        hidden = set(without.split()) ^ set(with_it.split())
        assert hidden <= {"Search", "Stage", "Any", "stage", "type", "label", "Type", "Label", "Sort", "By", "name", "Last", "changed", "first", "On", "the", "day", "prod", "staging", "staging/eu", "dataset", "model", "nlp", "sales", "tabular"}, page  # fmt: skip
        assert not tab.evaluate("[...document.querySelectorAll('form')].some(each => each.checkVisibility())")


def test_what_a_stage_held_on_a_day(tab: SiteTab) -> None:
    held = "[...document.querySelectorAll('#periods tbody tr')].filter(row => !row.hidden).map(row => row.innerText.split(/\\s+/).slice(0, 2).join(' '))"
    for day, expected in (
        ("", ["old v1.0.0", "churn v1.1.0", "churn v1.0.0"]),
        ("2023-11-14", ["churn v1.0.0"]),
        ("2023-11-16", ["churn v1.0.0"]),
        ("2023-11-17", ["old v1.0.0", "churn v1.1.0", "churn v1.0.0"]),
        ("2023-11-25", ["churn v1.1.0"]),
        ("2023-11-13", []),
    ):
        tab.go(f"stages/prod.html{f'#on={day}' if day else ''}")
        assert tab.evaluate(held) == expected, day


def test_a_version_can_be_linked(tab: SiteTab) -> None:
    tab.go("artifacts/churn.html")
    inside = tab.evaluate("[...document.querySelectorAll('.inside')].map(each => each.id)")
    tab.go(f"artifacts/churn.html#{inside[-1]}")
    assert tab.evaluate(f"document.getElementById('{inside[-1]}').closest('details').open")


def test_every_link_leads_to_a_file(tab: SiteTab, out: Path) -> None:
    files = contents(out)
    linked = {"index.html"}
    for page in (path for path in files if path.endswith(".html")):
        tab.go(page)
        found = tab.evaluate("[...document.querySelectorAll('[href], [src]')].map(each => each.href ?? each.src)")
        here = tab.evaluate("location.origin") + "/"
        own = {
            url.removeprefix(here).partition("#")[0] for url in found if isinstance(url, str) and url.startswith(here)
        }
        assert own <= set(files), page
        linked |= own
        others = [url for url in found if isinstance(url, str) and not url.startswith(here)]
        assert all(url.startswith("https://github.com/acme/models") for url in others)
    assert {path for path in files if path.endswith(".html")} <= linked


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_text_from_strangers_stays_text(repo: Repo, out: Path, chromium: Chromium, text: str) -> None:
    say(repo, text)
    make(repo.path, out)
    with SiteServer(out) as server, site_tab(chromium, server.url) as tab:
        for page in ("index.html", "artifacts/m.html", "stages/prod.html"):
            tab.go(page)
            assert tab.faults == [], page
            tab.evaluate("addEventListener('click', event => event.preventDefault(), true)")  # a link leads away
            tab.evaluate("document.querySelectorAll('main *').forEach(each => each.click?.())")
            assert tab.evaluate("'ran' in window") is False
            outside = "document.querySelectorAll('body script, iframe, object, embed, img, style, [onerror], [onload], [onclick], [style]').length"
            assert tab.evaluate(outside) == 0, page
            assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth"), page
            assert not tab.evaluate(r"/[\u202a-\u202e\u2066-\u2069\u200f]/.test(document.documentElement.outerHTML)")


def test_a_script_would_be_refused(out: Path, registry: Repo, chromium: Chromium) -> None:
    """The policy is there for what escaping may miss one day."""
    make(registry.path, out)
    page = out / "index.html"
    page.write_text(page.read_text().replace("<main", "<script>window.ran = true</script><img src=//x.example/><main"))
    with SiteServer(out) as server, site_tab(chromium, server.url) as tab:
        tab.go("index.html")
        assert tab.evaluate("'ran' in window") is False
        assert len([fault for fault in tab.faults if "Content Security Policy" in fault]) >= 2


def test_an_artifact_with_ten_thousand_events_opens_in_a_second(
    repo: Repo, out: Path, chromium: Chromium, record_property: Callable[[str, object], None]
) -> None:
    commits = [repo.commit(time=time) for time in (1, 2)]
    stream = [
        f"tag m{what}\nfrom {commits[number % 2]}\ntagger A <a@b> {1000 + number * 3_600} +0000\ndata 1\nm\n"
        for number in range(10_000)
        for what in [f"@v1.{number}.0" if number < 2 else f"#{('dev', 'prod')[number // 2 % 2]}#{number}"]
    ]
    repo.git("fast-import", "--quiet", stdin="".join(stream).encode())
    start = time.monotonic()
    make(repo.path, out)
    made = time.monotonic() - start
    with SiteServer(out) as server, site_tab(chromium, server.url) as tab:
        took = []
        for _ in range(3):
            tab.go("artifacts/m.html")
            took.append(tab.evaluate("performance.getEntriesByType('navigation')[0].domComplete"))
        size = (out / "artifacts/m.html").stat().st_size
        record_property(
            FIGURE, f"a page of 10,000 events: {min(took):.0f} ms in the browser, {size:,} bytes; made in {made:.1f} s"
        )
        assert min(took) < 1_000
        assert tab.evaluate(
            "document.querySelector('#history').closest('section').innerText.includes('All 10,000 events')"
        )
    history = [tables((out / f"history/m/{number}.html").read_text())[0] for number in range(1, 21)]
    assert sum(map(len, history)) == 10_000
