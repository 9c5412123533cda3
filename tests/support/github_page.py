"""A job summary's Markdown as the page that GitHub makes of it."""

from pathlib import Path
from typing import Final

import nh3

_HERE: Final = Path(__file__).parent

# What GitHub lets through: https://github.com/gjtorikian/html-pipeline, its sanitization filter.
_TAGS: Final = """
h1 h2 h3 h4 h5 h6 br b i strong em a pre code img tt div ins del sup sub p picture source ol ul table thead tbody tfoot
blockquote dl dt dd kbd q samp var hr ruby rt rp li tr td th s strike summary details caption figure figcaption abbr bdo
cite dfn mark small span time wbr section"""
_EVERYWHERE: Final = """
abbr align alt border cellpadding cellspacing checked clear color cols colspan compact datetime dir disabled headers
height hspace label lang name nowrap open rowspan rules scope size span start summary tabindex title type valign value
vspace width"""
_ATTRIBUTES: Final[dict[str, set[str]]] = {
    "*": set(_EVERYWHERE.split()),
    "a": {"href"},
    "img": {"src"},
    "source": {"srcset"},
    "blockquote": {"cite"},
    "del": {"cite"},
    "ins": {"cite"},
    "q": {"cite"},
}
_PAGE: Final = """\
<!doctype html>
<html lang="en" data-theme="{theme}">
<meta charset="utf-8">
<title>Summary</title>
<style>{style}</style>
<article>
{body}
</article>
{mermaid}<script>{script}</script>
"""


def body(markdown: str) -> str:
    """The HTML of Markdown, without what GitHub lets nobody write.

    >>> body("**a** <b>b</b> <i onclick='x'>c</i>")
    '<p><strong>a</strong> <b>b</b> <i>c</i></p>\\n'
    """
    import cmarkgfm  # noqa: PLC0415 - no wheel for the newest Python, where only this is missed
    from cmarkgfm.cmark import Options  # noqa: PLC0415 - the same

    options = Options.CMARK_OPT_UNSAFE | Options.CMARK_OPT_GITHUB_PRE_LANG | Options.CMARK_OPT_FOOTNOTES
    html = cmarkgfm.github_flavored_markdown_to_html(markdown, options=options)
    return nh3.clean(
        html,
        tags=set(_TAGS.split()),
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow",
    )


def page(markdown: str, *, dark: bool, mermaid: Path) -> str:
    """The whole page, which ends its work when its function `finish` has returned. `mermaid` is the library's file."""
    html = body(markdown)
    library = f'<script src="{mermaid.as_uri()}"></script>\n' if 'lang="mermaid"' in html else ""
    return _PAGE.format(
        theme="dark" if dark else "light",
        style=(_HERE / "github.css").read_text(encoding="utf-8"),
        body=html,
        mermaid=library,
        script=(_HERE / "github.js").read_text(encoding="utf-8"),
    )
