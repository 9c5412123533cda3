"""Next week's releases, today: the tests with the newest release of everything that the project allows.

Writes all locks anew in a clone of the last commit, makes its environments from them, and runs there the tests that
need no Docker. Prints what is newer than what is locked, and what failed; exits with 1 if something did.
Call: tools/canary.py [OPTION OF PYTEST…]
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

ROOT: Final = Path(__file__).parents[1]
CLONE: Final = ROOT / ".cache/canary"
_PIN: Final = re.compile(r"^([a-z0-9._-]+)==(\S+)", re.MULTILINE)


def main() -> int:
    """Runs it all; gives the exit code."""
    shutil.rmtree(CLONE, ignore_errors=True)
    subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", ROOT, CLONE], check=True)
    subprocess.run(["make", "-C", CLONE, "lock", f"BIN={ROOT / '.venv/bin'}"], check=True)
    results = CLONE / "results.xml"
    arguments = shlex.join(["-m", "not container", f"--junitxml={results}", *sys.argv[1:]])
    status = subprocess.run(["make", "-C", CLONE, "test", f"ARGS={arguments}"], check=False, env=_environ()).returncode
    print("\n".join(("", *table(versions(ROOT), versions(CLONE)), "")))
    if not status:
        print("Nothing failed with the newest releases.")
        return 0
    failed = list(failures(results.read_text())) if results.exists() else []
    print(f"With the newest releases {len(failed) or 'not all'} tests failed; see above why:")
    print("\n".join(f"- {name}" for name in failed))
    return 1


def _environ() -> dict[str, str]:
    """The variables of the tests: those of an outer make would name its targets and options."""
    return {name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "MFLAGS", "MAKELEVEL"}}


def versions(root: Path) -> dict[str, dict[str, str]]:
    """The versions in each lock of a checkout, by the lock's name; several where they depend on the Python."""
    found: dict[str, dict[str, str]] = {}
    for lock in sorted([*root.glob("requirements/*.txt"), *root.glob("gto_action/pull/locks/*.txt")]):
        pins = found[str(lock.relative_to(root))] = {}
        for name, version in _PIN.findall(lock.read_text()):
            pins[name] = f"{pins[name]}, {version}" if name in pins else version
    return found


def table(locked: dict[str, dict[str, str]], newest: dict[str, dict[str, str]]) -> Iterator[str]:
    """The lines of a Markdown table: what differs, and in which locks; those of `pull` count as one."""
    changes: dict[tuple[str, str, str], list[str]] = {}
    for lock in sorted({*locked, *newest}):
        before, after = locked.get(lock, {}), newest.get(lock, {})
        for name in sorted({*before, *after}):
            old, new = before.get(name, "-"), after.get(name, "-")
            if old != new:
                changes.setdefault((name, old, new), []).append(lock)
    if not changes:
        yield "Everything that is locked is the newest."
        return
    yield from ("| package | locked | newest | in |", "| --- | --- | --- | --- |")
    for (name, old, new), locks in sorted(changes.items()):
        where = {"pull" if lock.startswith("gto_action/") else Path(lock).stem for lock in locks}
        yield f"| {name} | {old} | {new} | {', '.join(sorted(where))} |"


def failures(junit: str) -> Iterator[str]:
    """The tests that failed, from pytest's report in JUnit's format."""
    for case in ET.fromstring(junit).iter("testcase"):  # noqa: S314 - our own file
        if case.find("failure") is not None or case.find("error") is not None:
            yield f"{case.get('classname')}::{case.get('name')}"


if __name__ == "__main__":
    raise SystemExit(main())
