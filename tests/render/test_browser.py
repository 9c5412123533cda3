"""The browser in which the tests look at summaries: it must show what GitHub would, the bad as well as the good."""

import struct
from pathlib import Path
from typing import Final

import pytest

from tests.support.browser import Browser

pytestmark = pytest.mark.browser

GANTT: Final = """\
```mermaid
gantt
    dateFormat YYYY-MM-DD
    todayMarker off
    section prod
    v1.0.0 :done, 2024-01-01, 2024-03-01
    v1.1.0 :active, 2024-03-01, 2024-05-01
    section staging
    v2.0.0 :2024-04-01, 2024-05-01
```
"""


def test_a_table_is_a_table(browser: Browser) -> None:
    page = browser.render("| output | value |\n| :-- | --: |\n| `version` | v1.0.0 \\| x |\n")
    assert page.texts("th") == ["output", "value"]
    assert page.texts("td") == ["version", "v1.0.0 | x"]
    assert page.select("td")[1].attributes == {"align": "right"}
    assert page.texts("td code") == ["version"]


def test_html_that_github_lets_through_is_html(browser: Browser) -> None:
    page = browser.render(
        "<b>a</b><br>c<sub>d</sub> [e](https://example.invalid/e)\n\n"
        "<details><summary>more</summary>\n\n**inside**\n\n</details>\n"
    )
    assert [page.texts(css) for css in ("b", "sub", "a", "summary", "details strong")] == [
        *(["a"], ["d"], ["e"], ["more"], ["inside"])
    ]
    assert len(page.select("br")) == 1


def test_a_person_does_not_see_what_is_in_closed_details(browser: Browser) -> None:
    text = "<details{}><summary>more</summary>\n\ninside\n\n</details>\n"
    assert browser.render(text.format("")).shown == "more"
    assert browser.render(text.format(" open")).shown.split() == ["more", "inside"]


@pytest.mark.parametrize(
    "markdown",
    [
        "<script>window.ran = true; alert(1)</script>",
        "a <b onclick='ran = true' onmouseover='ran = true'>b</b>",
        '<img src="x" onerror="window.ran = true">',
        '<a href="javascript:window.ran=true">a</a> [b](javascript:window.ran=true)',
        "<svg onload='window.ran = true'></svg><iframe srcdoc='<script>parent.ran = true</script>'></iframe>",
        "<style>body { display: none }</style><b style='display: none'>b</b><form action='/'><button>c</button></form>",
        '</article></html><script src="data:,window.ran=true"></script>',
        "```mermaid\ngantt\n  section <img src=x onerror='window.ran = true'>\n  T :2024-01-01, 1d\n```",
        "```mermaid\nflowchart LR\n  a[\"<img src=x onerror='window.ran = true'>\"]\n  click a call alert()\n```",
    ],
)
def test_nothing_that_a_stranger_writes_is_run(browser: Browser, markdown: str) -> None:
    page = browser.render(markdown)
    clicked = "document.querySelectorAll('article *').forEach(element => element.click?.())"
    assert page.evaluate(f"{clicked}; 'ran' in window") is False
    forbidden = "article :is(script, iframe, form, button, [onclick], [onerror], [onload], [onmouseover], [href^=java])"
    assert page.select(forbidden) == []
    assert page.select("article > style, b[style]") == []
    assert page.faults == []


def test_a_script_would_be_noticed(browser: Browser) -> None:
    page = browser.render("a")
    page.evaluate("setTimeout(() => { alert('hello'); throw new Error('oh') })")
    page.evaluate("new Promise(done => setTimeout(done, 50))")
    dialog, error = page.faults
    assert dialog == "a dialog: hello"
    assert error.startswith("Error: oh")


def test_a_picture_is_asked_for_and_never_comes(browser: Browser) -> None:
    page = browser.render('![a](https://example.invalid/a.png) <img src="https://example.invalid/b.png">')
    assert page.requests == ["https://example.invalid/a.png", "https://example.invalid/b.png"]
    assert page.evaluate("[...document.images].every(image => image.naturalWidth === 0)") is True
    assert browser.render(GANTT).requests == []


@pytest.mark.parametrize(
    ("markdown", "mentions", "issues", "emoji"),
    [
        ("thanks @team", ["@team"], [], []),
        ("@some-org/some-team.", ["@some-org/some-team"], [], []),
        ("(@team)", ["@team"], [], []),
        ("&#64;team, \\@team", ["@team", "@team"], [], []),  # the reader sees an @, and so does GitHub
        ("*@*team", [], [], []),
        ("me@example", [], [], []),
        ("`@team #1 :tada:`", [], [], []),
        ("<code>@team #1 :tada:</code>", [], [], []),
        ("    @team #1", [], [], []),
        ("@&#8203;team #&#8203;1", [], [], []),
        ("see #1", [], ["#1"], []),
        ("see &#35;1 and \\#2", [], ["#1", "#2"], []),
        ("see GH-12", [], ["GH-12"], []),
        ("see owner/repo#3", [], ["owner/repo#3"], []),
        ("churn#prod#4", [], ["prod#4"], []),
        ("#prod, a#b", [], [], []),
        ("done :tada:", [], [], [":tada:"]),
        ("done &#58;+1&#58;", [], [], [":+1:"]),
        ("at 10:20:30", [], [], []),
        ("costs $x$ and $y$", [], [], []),
    ],
)
def test_mentions_issues_and_emoji_are_made_as_github_makes_them(
    browser: Browser, markdown: str, mentions: list[str], issues: list[str], emoji: list[str]
) -> None:
    page = browser.render(markdown)
    assert page.texts("a.user-mention") == mentions
    assert page.texts("a.issue-link") == issues
    assert page.texts("g-emoji") == emoji


def test_an_address_becomes_a_link(browser: Browser) -> None:
    assert browser.render("see www.example.invalid or https://example.invalid/a").texts("a") == [
        "www.example.invalid",
        "https://example.invalid/a",
    ]


def test_a_quote_that_begins_with_a_kind_is_an_alert(browser: Browser) -> None:
    page = browser.render("> [!WARNING]\n> Not held any more\n\n> [!OTHER]\n> a\n\n> [!NOTE] b\n")
    assert page.texts(".markdown-alert-warning > p") == ["warning", "Not held any more"]
    assert len(page.select(".markdown-alert")) == 1
    assert page.texts("blockquote") == ["[!OTHER]\na", "[!NOTE] b"]


def test_a_formula_is_left(browser: Browser) -> None:
    assert browser.render("costs $x^2$").shown == "costs $x^2$"


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_chart_is_drawn(browser: Browser, dark: bool) -> None:
    page = browser.render(f"# Title\n\n{GANTT}", dark=dark)
    assert page.mermaid_errors == []
    assert [svg.attributes["aria-roledescription"] for svg in page.select(".mermaid > svg")] == ["gantt"]
    assert {"v1.0.0", "v1.1.0", "v2.0.0", "prod", "staging"} <= set(page.texts("svg text"))
    assert len(page.select("svg rect.task")) == 3
    assert page.select('pre[lang="mermaid"]') == []


def test_a_chart_is_as_wide_as_the_page(browser: Browser) -> None:
    wide, narrow = (browser.render(GANTT, width=width) for width in (1000, 500))
    width = "document.querySelector('svg').getBoundingClientRect().width"
    assert (wide.evaluate(width), narrow.evaluate(width)) == (952, 452)


def test_a_chart_has_the_clock_of_its_reader(browser: Browser) -> None:
    ten = 1_704_103_200_000  # 2024-01-01T10:00:00Z
    chart = f"gantt\n  dateFormat x\n  axisFormat %H:%M\n  section s\n  T :{ten}, {ten + 7_200_000}"
    for timezone, first in (("UTC", "10:00"), ("America/New_York", "05:00")):
        page = browser.render(f"```mermaid\n{chart}\n```", timezone=timezone)
        assert page.texts("svg .tick text")[0] == first


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("gantt\n  section s\n  no date\n", "Parse error on line"),
        ("gantt\n  dateFormat YYYY-MM-DD\n  section s\n  T :2024-13-01, 1d\n", "Invalid date:2024-13-01"),
        ("no chart at all\n", "No diagram type detected"),
        (f"gantt\n{' ' * 50_000}\n", "Maximum text size in diagram exceeded"),
    ],
    ids=["no date", "no such month", "no chart", "too long"],
)
def test_a_chart_that_cannot_be_drawn_is_reported(browser: Browser, source: str, message: str) -> None:
    page = browser.render(f"```mermaid\n{source}```\n\n{GANTT}")
    (error,) = page.mermaid_errors
    assert message in error
    assert len(page.select(".mermaid > svg")) == 1, "the other chart is drawn"


def test_a_screenshot_is_the_whole_page(browser: Browser, tmp_path: Path) -> None:
    sizes = []
    for number, lines in enumerate((1, 100)):
        picture = tmp_path / f"{number}.png"
        browser.render("line\n\n" * lines, width=640).screenshot(picture)
        data = picture.read_bytes()
        assert data.startswith(b"\x89PNG\r\n\x1a\n")
        sizes.append(struct.unpack(">II", data[16:24]))
    (width, low), (_, high) = sizes
    assert width == 640
    assert low < 100
    assert high == low + 99 * 40  # a line of 24 pixels and 16 below it


def test_light_and_dark_are_of_different_colours(browser: Browser) -> None:
    colour = "getComputedStyle(document.body).backgroundColor"
    assert browser.render("a").evaluate(colour) == "rgb(255, 255, 255)"
    assert browser.render("a", dark=True).evaluate(colour) == "rgb(13, 17, 23)"
