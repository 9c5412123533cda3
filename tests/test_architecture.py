"""What may know of what: ARCHITECTURE.md, read from the imports."""

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

MODULES: Final = {path.stem: ast.parse(path.read_text()) for path in sorted(PACKAGE.glob("*.py"))}
NAMES: Final = sorted({*MODULES} - {"__init__"})
# The layout in ARCHITECTURE.md: a module may import those before it.
ORDER: Final = tuple(re.findall(r"^  (\w+)\.py ", (ROOT / "ARCHITECTURE.md").read_text(), re.MULTILINE))
EDGES: Final = {"github_api", "location", "repository", "runner", "workspace"}
COMMAND_LINE: Final = {"checking", "clone_gaps", "session", "terminal", "cli", "__main__"}
DVC: Final = {"dvc_download", "dvc_environment", "dvc_question", "dvc_worker", "lfs", "placement", "pull", "pulling"}
PROCESSES: Final = DVC | {
    "cancellation",
    "checked_copy",
    "clone",
    "commit_files",
    "git_process",
    "main",
    "process",
    "scratch",
    "tag_reading",
}
PURE: Final = {*NAMES} - EDGES - COMMAND_LINE - PROCESSES
DOORS: Final = {"entrypoint.py", "gto_action/__main__.py"}

# What others made has one module that uses it; what is not here (requests, cryptography and so on) has none.
ONLY_USER: Final = {
    "actions_toolkit": "runner",
    "click": "cli",
    "dvc": "dvc_worker",
    "dvc_data": "dvc_download",
    "git": "git_process",
    "github": "github_api",
    "rich": "terminal",
    "semver": "names",
    "yaml": "yaml12",
}
# What reaches out of the process: not for the pure modules.
OUTWARD: Final = {"http", "multiprocessing", "os", "pathlib", "shutil", "signal", "socket", "subprocess", "tempfile"}


def _imports(tree: ast.AST) -> Iterator[str]:
    """Every module that is imported anywhere, in functions too; `from a import b` as `a.b`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _own(tree: ast.AST) -> set[str]:
    return {name.split(".")[1] for name in _imports(tree) if name.startswith("gto_action.")} - {"__version__"}


def _others(tree: ast.AST) -> set[str]:
    return {name.partition(".")[0] for name in _imports(tree)} - {"gto_action"}


def _reads_environ(tree: ast.AST) -> bool:
    """Whether `os.environ` or one of its kin is named."""
    kin = {"environ", "environb", "getenv", "getenvb"}
    names = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    return bool(kin & names) or any(name in {f"os.{each}" for each in kin} for name in _imports(tree))


_LAST = ("main", "checking", "clone_gaps", "session", "terminal", "cli", "__main__")


def test_every_module_has_its_place() -> None:
    assert sorted(ORDER) == NAMES
    assert ORDER[ORDER.index("main") :] == _LAST


@pytest.mark.parametrize("name", sorted({*NAMES} - COMMAND_LINE))
def test_the_action_does_not_know_the_command_line(name: str) -> None:
    assert not _own(MODULES[name]) & COMMAND_LINE


@pytest.mark.parametrize("name", NAMES)
def test_imports_go_downward_only(name: str) -> None:
    assert _own(MODULES[name]) <= {*ORDER[: ORDER.index(name)]}


@pytest.mark.parametrize("name", sorted(EDGES))
def test_the_edges_do_not_know_each_other(name: str) -> None:
    assert not _own(MODULES[name]) & EDGES


@pytest.mark.parametrize("name", sorted(PURE))
def test_the_middle_is_pure(name: str) -> None:
    assert not _others(MODULES[name]) & OUTWARD


@pytest.mark.parametrize("name", sorted(MODULES))
def test_each_outside_thing_has_one_module(name: str) -> None:
    not_ours = {other for other in _others(MODULES[name]) if other not in sys.stdlib_module_names}
    assert not_ours <= {other for other, user in ONLY_USER.items() if user == name}


@pytest.mark.parametrize("name", sorted(MODULES))
def test_the_environment_is_read_at_the_door_only(name: str) -> None:
    # GitPython gives git all of the process's environment; what is not for git is taken away there.
    assert name in {"git_process", "__main__"} or not _reads_environ(MODULES[name])


@pytest.mark.parametrize("door", sorted(DOORS))
def test_the_doors_read_the_environment(door: str) -> None:
    assert _reads_environ(ast.parse((ROOT / door).read_text()))


def run_python(program: str) -> None:
    """Runs a program that sees nothing but itself: a measurement of coverage imports a lot in each process."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT, env=environ)


def test_the_action_runs_without_what_the_command_line_needs() -> None:
    program = (
        "import sys, gto_action.step.main\n"
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
    }
    program = f"import sys, gto_action.step.main\nassert not {late!r} & {{*sys.modules}}, {late!r} & {{*sys.modules}}"
    run_python(program)


def test_a_run_imports_no_library_that_it_does_not_use() -> None:
    unused = {"git", "github", "requests", "click", "rich"}
    program = f"import sys, gto_action.step.main, gto_action.answer.explain\nassert not {unused!r} & {{*sys.modules}}, 'imported'"
    run_python(program)


@pytest.mark.parametrize("name", sorted(MODULES))
def test_modules_are_small(name: str) -> None:
    assert len((PACKAGE / f"{name}.py").read_text().splitlines()) <= 250


def test_importing_the_package_imports_nothing() -> None:
    assert not list(_imports(MODULES["__init__"]))
