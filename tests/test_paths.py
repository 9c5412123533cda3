"""What a page, a script, a workflow or a test names of our files is there."""

import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Final

from tests.support.action import ROOT

SPEAKING: Final = (
    *("*.md", "docs/*.md", "Makefile", "Dockerfile", "*.toml", ".ci/*", ".github/**/*.yml", "examples/*.yml"),
    *("tools/**/*", "benchmarks/*.py"),
)
# a path from the root, with `*` and `{a,b}` as shells have them, and a test in it
_PATH: Final = re.compile(
    r"(?<![\w./$}-]) (?:tests|tools|gto_action|docs|examples)/ (?:[\w./*-]|\{\w+(?:,\w+)+\})* (?:::\w+)?", re.VERBOSE
)
_TEST: Final = re.compile(r"(?<![\w/])test_\w+\.py")


def named() -> Iterator[tuple[Path, str]]:
    """Each file, with what it names. Tests speak of files in repositories of their own, too, but not below `tests`."""
    for file in sorted(path for pattern in SPEAKING for path in ROOT.glob(pattern)):
        if file.is_file() and "__pycache__" not in file.parts:
            text = file.read_text()
            yield from ((file, name) for name in (*_PATH.findall(text), *_TEST.findall(text)))
    for file in sorted(ROOT.glob("tests/**/*.py")):
        text = file.read_text()
        of_tests = (name for name in _PATH.findall(text) if name.startswith(("tests/", "tools/")))
        yield from ((file, name) for name in (*of_tests, *_TEST.findall(text)))


def spelled_out(pattern: str) -> list[str]:
    """`{a,b}` as `a` and as `b`."""
    parts = [part.split(",") for part in re.split(r"[{}]", pattern)]
    return ["".join(each) for each in product(*parts)]


def is_there(name: str) -> bool:
    path, _, test = name.partition("::")
    path = path.rstrip("./") if "/" in path else f"tests/**/{path}"
    found = [[*ROOT.glob(each)] for each in spelled_out(path)]
    return all(found) and (not test or all(f"def {test}(" in each.read_text() for each in found[0]))


def test_what_is_named_is_there() -> None:
    found = [*named()]
    assert {"tests/support", "tools/test-future.sh", "docs/gto.md"} <= {name.rstrip("/") for _, name in found}
    assert [f"{file.relative_to(ROOT)}: {name}" for file, name in found if not is_there(name)] == []
