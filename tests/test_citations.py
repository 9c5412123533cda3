"""What a comment, a docstring or a page cites is in this project: a rule (`R15`), a fact (`F2`), a document."""

import ast
import io
import os
import re
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

from tests.support.pages import ROOT

_CITATION: Final = re.compile(r"\b[RWDXF]\d{1,2}[a-z]?\b")
_ROW: Final = re.compile(r"[RWDX]\d{1,2}[a-z]?(?: .+)?")
"""The name of a row of a test."""
_ANCHOR: Final = re.compile(r'<a id="([rwdxf]\d+[a-z]?)"></a>')
_DOCUMENT: Final = re.compile(r"[\w./-]*\w\.md\b")
_MODULE: Final = re.compile(r"\b[\w/]+\.py\b")
_ISSUE: Final = re.compile(r"\bissue #?\d", re.IGNORECASE)
# What only looks like a citation.
_NO_RULE: Final = {"X64"}  # a processor
_NO_DOCUMENT: Final = {"summary.md", "SUMMARY.md", "body.md"}  # somebody's file

_COMMENTED: Final = {".yml", ".toml", ".sh", ".in", ""}
"""The suffixes of files in which `#` begins a comment."""
_HIDDEN: Final = {".github", ".ci"}
_MADE: Final = {"__pycache__", "dist", "build"}
# Rules that nothing cites, and a reader needs to know.
_WORTH_STATING: Final = {"r26", "r27", "d2", "d5", "d7", "d8", "d9", "x12"}


def files(*suffixes: str) -> Iterator[Path]:
    """Every file of the project with such a suffix."""
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [each for each in folders if (each[0] != "." or each in _HIDDEN) and each not in _MADE]
        kept = sorted(name for name in names if not name.startswith(".coverage"))
        yield from (path for path in (Path(folder) / name for name in kept) if path.suffix in suffixes)


def remarks(path: Path) -> Iterator[str]:
    """What a file says to its readers: comments, docstrings, the text of a page."""
    text = path.read_text(errors="replace")
    if not any(each.search(text) for each in (_CITATION, _DOCUMENT, _MODULE, _ISSUE)):
        return  # which most have not, and to read code takes long
    if path.suffix == ".md":
        yield text
    elif path.suffix == ".py":
        yield from (
            token.string
            for token in tokenize.generate_tokens(io.StringIO(text).readline)
            if token.type == tokenize.COMMENT
        )
        for node in ast.walk(ast.parse(text)):
            match node:
                case ast.Expr(ast.Constant(str() as text)):
                    yield text
                case ast.Constant(str() as text) if "tests" in path.parts and _ROW.fullmatch(text):
                    yield text
    else:
        yield from re.findall(r"(?:^|\s)#.*", text)


@cache
def said() -> list[tuple[Path, str]]:
    """Every remark, and the file that it is in: read in a test, as it takes seconds, and not by every worker."""
    return [(path, text) for path in files(".py", ".md", *_COMMENTED) for text in remarks(path)]


ANCHORS: Final = {
    anchor for page in ("rules", "facts") for anchor in _ANCHOR.findall((ROOT / f"docs/{page}.md").read_text())
}


@cache
def cited() -> dict[str, list[str]]:
    """Every citation, and the files that it is in."""
    found: dict[str, set[str]] = {}
    for path, text in said():
        for citation in set(_CITATION.findall(text)) - _NO_RULE:
            found.setdefault(citation, set()).add(str(path.relative_to(ROOT)))
    return {citation: sorted(found[citation]) for citation in sorted(found)}


def test_a_rule_that_is_cited_is_stated() -> None:
    """In docs/rules.md or docs/facts.md."""
    assert {citation: places for citation, places in cited().items() if citation.lower() not in ANCHORS} == {}


def test_what_is_stated_is_of_use() -> None:
    pages = {"docs/rules.md", "docs/facts.md"}
    used = {citation.lower() for citation, places in cited().items() if set(places) - pages}
    assert ANCHORS - used == _WORTH_STATING


def test_there_is_something_to_cite() -> None:
    assert {"r15c", "w13", "d4", "x1", "f2"} <= ANCHORS
    assert {"R15c", "W13", "D4", "X1", "F2"} <= set(cited())


def test_a_document_that_is_named_is_there() -> None:
    named = {(path, name) for path, text in said() for name in set(_DOCUMENT.findall(text)) - _NO_DOCUMENT}
    assert len(named) > 50
    assert [
        (path, name)
        for path, name in sorted(named)
        if not any((folder / name).is_file() for folder in (ROOT, ROOT / "docs", path.parent))
    ] == []


def test_a_module_that_is_named_is_there() -> None:
    paths = [path.as_posix() for path in files(".py")]
    named = {(name, path) for path, text in said() for name in _MODULE.findall(text)}
    assert [(name, path) for name, path in named if not any(each.endswith(f"/{name}") for each in paths)] == []


def test_nothing_is_cited_by_the_number_of_an_issue() -> None:
    assert [(path, text) for path, text in said() if _ISSUE.search(text)] == []
