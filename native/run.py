"""Runs an action without Docker: run.py [catch-up|deployment|page].

What a lock in requirements/ has is installed into a folder in RUNNER_TEMP, once in a job, with the action beside it.
There it runs, with that folder and the standard library and nothing else. A virtual environment would take longer.
"""

import hashlib
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Final, NoReturn

ROOT: Final = Path(__file__).resolve().parents[1]
VERSION: Final = "{}.{}".format(*sys.version_info)


def fail(sentence: str) -> NoReturn:
    """Ends, with an error on the page of the run."""
    escaped = sentence.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    sys.stdout.write(f"::error title=gto-action::{escaped}\n")
    raise SystemExit(1)


def key_of(lock: Path) -> str:
    """Another lock, another Python or another action is another folder."""
    package = [
        path for path in (ROOT / "gto_action").rglob("*") if path.is_file() and path.parent.name != "__pycache__"
    ]
    files = [lock, ROOT / "entrypoint.py", *sorted(package)]
    key = hashlib.sha256(repr((sys.version, sys.base_prefix)).encode())
    for file in files:
        key.update(repr((file.relative_to(ROOT).parts, hashlib.sha256(file.read_bytes()).digest())).encode())
    return key.hexdigest()[:16]


def python_with_pip(stack: ExitStack, temporary: Path) -> str:
    """This Python, if it has pip; else that of an environment, which takes seconds."""
    if importlib.util.find_spec("pip"):
        return sys.executable
    place = stack.enter_context(tempfile.TemporaryDirectory(prefix="gto-action-pip-", dir=temporary))
    if subprocess.run([sys.executable, "-I", "-m", "venv", place], stdout=sys.stderr, check=False).returncode:
        fail(f"Python {VERSION} has no pip: install Debian's python3-pip, or run actions/setup-python before this.")
    return f"{place}/bin/python"


def install(lock: Path, folder: str, stack: ExitStack, temporary: Path) -> None:
    """Installs what the lock has, and nothing else, with a pip that may be older than the resolver.

    Wheels only, as building one would fetch what no hash locks.
    """
    options = ("--quiet", "--no-compile", "--only-binary", ":all:", "--require-hashes", "--no-deps")
    command = (python_with_pip(stack, temporary), "-I", ROOT / "native/install.py", *options)
    environ = {name: value for name, value in os.environ.items() if not name.startswith("INPUT_")}
    told = (*command, "--requirement", lock, "--target", folder)
    if subprocess.run(told, env=environ, stdout=sys.stderr, check=False).returncode:
        fail(
            "The packages of gto-action cannot be installed: is a package index reached? "
            "Set PIP_INDEX_URL for a mirror. What pip says is above."
        )
    wanted = {name.replace("-", "_") for name in re.findall(r"^([a-z0-9-]+)==[^;\n]+$", lock.read_text(), re.MULTILINE)}
    there = {path.name.partition("-")[0].lower() for path in Path(folder).glob("*.dist-info")}
    if missing := sorted(wanted - there):  # half of it would fail the rest of the job, too
        fail(f"pip says that it has installed the packages of gto-action, and there is no {missing[0]}.")


def is_whole(place: Path) -> bool:
    """Whether there is something to run: the last file that is made is there."""
    return (place / "__main__.py").is_file()


def refuse_strangers(place: Path) -> None:
    """Without RUNNER_TEMP, or with act's, the name could have been taken by another user of the machine."""
    if place.is_symlink() or (place.exists() and place.stat().st_uid != os.geteuid()):
        fail(
            f"'{place}' is not a folder of the user who runs gto-action. "
            "Delete it, or set RUNNER_TEMP to a folder of this user's."
        )


def make(place: Path, lock: Path) -> None:
    """Makes the folder; whole, or not at all."""
    sys.stdout.write(f"Making an environment for gto-action with Python {VERSION}, once in this job\n")
    sys.stdout.flush()
    try:
        work = tempfile.mkdtemp(prefix=f"{place.name}.", dir=place.parent)
    except OSError:
        fail(f"No folder can be made in RUNNER_TEMP, which is '{place.parent}'.")
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, work, ignore_errors=True)
        install(lock, work, stack, place.parent)
        try:
            shutil.copytree(ROOT / "gto_action", f"{work}/gto_action", ignore=shutil.ignore_patterns("__pycache__"))
            shutil.copyfile(ROOT / "entrypoint.py", f"{work}/__main__.py")
            if not is_whole(place):  # what a cleaner of old files has left
                shutil.rmtree(place, ignore_errors=True)
            Path(work).rename(place)
        except OSError:
            if not is_whole(place):  # else another step was quicker
                fail(f"gto-action cannot be copied to RUNNER_TEMP, which is '{place.parent}': is there space left?")


def main() -> None:
    """Becomes the action."""
    for number in (signal.SIGINT, signal.SIGTERM):  # what is half made goes
        signal.signal(number, lambda received, _: sys.exit(128 + received))
    # Who does not ask GitHub's API needs a third of the packages.
    lock = ROOT / "requirements" / ("action.txt" if sys.argv[1:] else "answer.txt")
    temporary = os.environ.get("RUNNER_TEMP") or os.environ.get("TMPDIR") or "/tmp"  # noqa: S108 - `refuse_strangers`
    place = Path(temporary, f"gto-action-{key_of(lock)}")
    refuse_strangers(place)
    if not is_whole(place):
        make(place, lock)
        refuse_strangers(place)
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-ISu", "-X", "utf8", str(place), *sys.argv[1:]])  # noqa: S606 - no shell


if __name__ == "__main__":
    main()
