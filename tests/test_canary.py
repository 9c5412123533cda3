"""What the canary makes of locks and of pytest's report."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def canary() -> ModuleType:
    spec = importlib.util.spec_from_file_location("canary", ROOT / "tools/canary.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_what_differs_is_a_row_once(canary: ModuleType) -> None:
    locks = ("requirements/a.txt", "gto_action/pull/locks/s3.txt", "gto_action/pull/locks/ssh.txt")
    locked = dict(zip(locks, ({"one": "1", "two": "1", "gone": "3"}, {"two": "1"}, {"two": "1"}), strict=True))
    newest = dict(zip(locks, ({"one": "1", "two": "2", "new": "4"}, {"two": "2"}, {"two": "2"}), strict=True))
    assert list(canary.table(locked, newest)) == [
        "| package | locked | newest | in |",
        "| --- | --- | --- | --- |",
        "| gone | 3 | - | a |",
        "| new | - | 4 | a |",
        "| two | 1 | 2 | a, pull |",
    ]
    assert list(canary.table(locked, locked)) == ["Everything that is locked is the newest."]


def test_every_lock_is_read(canary: ModuleType) -> None:
    found = canary.versions(ROOT)
    assert {str(lock.relative_to(ROOT)) for lock in ROOT.glob("**/requirements/*.txt")} < {*found}
    assert "gto_action/pull/locks/tools.txt" in found
    assert all(found.values())
    assert found["requirements/dev.txt"]["pytest"][0].isdigit()


def test_what_failed_is_named(canary: ModuleType) -> None:
    report = (
        '<testsuites><testsuite><testcase classname="a" name="ok"/><testcase classname="a" name="bad[x]"><failure/>'
        '</testcase><testcase classname="b" name="worse"><error/></testcase><testcase classname="b" name="skipped">'
        "<skipped/></testcase></testsuite></testsuites>"
    )
    assert list(canary.failures(report)) == ["a::bad[x]", "b::worse"]
