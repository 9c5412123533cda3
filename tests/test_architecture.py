"""What may know of what: the contracts of pyproject.toml, and what they cannot say."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[1]
PACKAGE: Final = ROOT / "gto_action"

FILES: Final = {
    path.relative_to(ROOT).with_suffix("").as_posix().replace("/", "."): path for path in sorted(PACKAGE.rglob("*.py"))
}
MODULES: Final = {name: ast.parse(path.read_text()) for name, path in FILES.items()}
ROOMS: Final = sorted(path.parent.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*/__init__.py"))
DOORS: Final = {"entrypoint.py", "gto_action/__main__.py"}

# What others made has one module that uses it; what is not here (requests, cryptography and so on) has none.
ONLY_USER: Final = {
    "actions_toolkit": {"hosts.github.runner"},
    "click": {  # what is asked
        *(f"cli.{name}" for name in ("commands", "doctor", "elsewhere", "event", "options", "page", "place")),
        *(f"service.{name}" for name in ("commands", "delivery_commands", "opened")),
        "__main__",
    },
    "dbos": {"service.engine"},
    "dvc": {"pull.worker"},
    "dvc_data": {"pull.download"},
    "git": {"git.program"},
    "github": {"hosts.github.api"},
    "jinja2": {"page.templates"},
    "prometheus_client": {"service.metrics"},
    "rich": {"cli.terminal"},
    "semver": {"gto.names"},
    "sqlalchemy": {f"service.state.{name}" for name in ("database", "deliveries", "repositories", "seen", "tables")},
    "starlette": {"service.receiver"},
    "urllib3": {"service.sinks.http"},
    "uvicorn": {"service.receiver"},
    "yaml": {"yaml12.parser"},
}


def _imports(tree: ast.AST) -> Iterator[str]:
    """Every module that is imported anywhere, in functions too; `from a import b` as `a.b`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _others(tree: ast.AST) -> set[str]:
    return {name.partition(".")[0] for name in _imports(tree)} - {"gto_action"}


def _reads_environ(tree: ast.AST) -> bool:
    """Whether `os.environ` or one of its kin is named."""
    kin = {"environ", "environb", "getenv", "getenvb"}
    names = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    return bool(kin & names) or any(name in {f"os.{each}" for each in kin} for name in _imports(tree))


def test_the_contracts_are_kept() -> None:
    linter = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    found = subprocess.run(linter, cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout + found.stderr


def test_every_room_has_a_line_in_the_picture() -> None:
    rows = re.findall(r"^\| `([a-z0-9_/]+)/` \| (.*)", (ROOT / "ARCHITECTURE.md").read_text(), re.MULTILINE)
    described = [room for room, _ in rows]
    for room, said in rows:  # a row may describe the rooms in its room
        described += [f"{room}/{inner}" for inner in re.findall(r"`([a-z0-9_]+)/`", said) if f"{room}/{inner}" in ROOMS]
    assert sorted(described) == [room for room in ROOMS if room != "."]


def test_every_room_is_in_the_layers() -> None:
    layers = re.findall(r'"gto_action\.([a-z0-9_]+)', (ROOT / "pyproject.toml").read_text())
    assert {room.partition("/")[0] for room in ROOMS if room != "."} <= {*layers}


@pytest.mark.parametrize("room", ROOMS)
def test_entering_a_room_imports_nothing(room: str) -> None:
    assert not list(_imports(ast.parse((PACKAGE / room / "__init__.py").read_text())))


@pytest.mark.parametrize("name", sorted(MODULES))
def test_each_outside_thing_has_one_module(name: str) -> None:
    not_ours = {other for other in _others(MODULES[name]) if other not in sys.stdlib_module_names}
    assert not_ours <= {other for other, users in ONLY_USER.items() if name.removeprefix("gto_action.") in users}


@pytest.mark.parametrize("name", sorted(MODULES))
def test_the_environment_is_read_at_the_door_only(name: str) -> None:
    # GitPython gives git all of the process's environment; what is not for git is taken away there.
    assert name in {"gto_action.git.surroundings", "gto_action.__main__"} or not _reads_environ(MODULES[name])


@pytest.mark.parametrize("door", sorted(DOORS))
def test_the_doors_read_the_environment(door: str) -> None:
    assert _reads_environ(ast.parse((ROOT / door).read_text()))


def run_python(program: str) -> None:
    """Runs a program that sees nothing but itself: a measurement of coverage imports a lot in each process."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT, env=environ)


def test_the_action_runs_without_what_the_command_line_needs() -> None:
    program = (
        "import sys, gto_action.step.main, gto_action.step.root\n"
        "assert not {'click', 'rich', 'gto_action.cli.commands', 'gto_action.cli.terminal'} & {*sys.modules}, 'imported'"
    )
    run_python(program)


def test_what_takes_long_to_import_waits_until_git_works() -> None:
    late = {
        "git",
        "github",
        "requests",
        "traceback",
        "yaml",
        "gto_action.pull.bring",
        "gto_action.answer.explain",
        "gto_action.git.workspace_tags",
        "gto_action.git.wire.connection",
        "gto_action.git.protocol.pack",
        "hashlib",
    }
    program = f"import sys, gto_action.step.main, gto_action.step.root\nassert not {late!r} & {{*sys.modules}}, {late!r} & {{*sys.modules}}"
    run_python(program)


@pytest.mark.parametrize("name", sorted(MODULES))
def test_modules_are_small(name: str) -> None:
    assert len(FILES[name].read_text().splitlines()) <= 250
