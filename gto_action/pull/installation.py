"""DVC's own Python environment, created from locks when it is needed, with the packages that a remote needs."""

import hashlib
import importlib.util
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from gto_action.errors import PullError
from gto_action.pull.dvc_config import EXTRAS
from gto_action.system.cancellation import unbroken
from gto_action.system.folders import passing_folder
from gto_action.system.process import start

LOCKS: Final = Path(__file__).parent / "locks"
"""One complete lock for each extra of dvc, and `base` for dvc alone."""
# Makes uv trust the machine's certificates, as pip does.
_TRUST: Final = {"UV_SYSTEM_CERTS": "true", "UV_NATIVE_TLS": "true"}
_AS_PIP: Final = {"UV_DEFAULT_INDEX": "PIP_INDEX_URL", "UV_INDEX": "PIP_EXTRA_INDEX_URL", "SSL_CERT_FILE": "PIP_CERT"}
_SOURCE: Final = "antlr4-python3-runtime"
PREBUILT: Final = Path(sys.prefix) / "dvc"
"""Where an image may have DVC with all extras (the variant `dvc`)."""


def dvc_python(
    extras: frozenset[str], cache: str, variables: Mapping[str, str], log: Callable[[str], None], timeout: float
) -> Path:
    """The Python of an environment with DVC and these extras; creates the environment if needed.

    Args:
        extras: such as `s3`; empty for dvc alone.
        cache: a folder that may be kept between runs; if it is not writable, a temporary one is used.
        variables: the environment variables of the installers.
        log: writes a line for people.
        timeout: in seconds.

    :raises PullError: if DVC cannot be installed.
    """
    if (python := PREBUILT / "bin/python").exists():
        return python
    locks = [LOCKS / f"{extra}.txt" for extra in sorted(extras)] or [LOCKS / "base.txt"]
    content = b"".join(lock.read_bytes() for lock in locks) + sys.version.encode()
    place = _folder(cache) / f"dvc-{hashlib.sha256(content).hexdigest()[:16]}"
    python = place / "bin/python"
    if python.exists():
        log(f"DVC is already installed in {place}.")
        return python
    log(f"Installing DVC in {place}, with support for: {', '.join(sorted(extras)) or 'http and folders'}")
    # A virtual environment cannot be moved, so a link, which is made last, marks it as complete.
    work, leftover = passing_folder(f"{place.name}-", place.parent)
    with leftover:
        _install(work, locks, variables, log, timeout)
        with unbroken():
            if place.is_dir() and not place.is_symlink():  # not created by us
                shutil.rmtree(place)
            place.unlink(missing_ok=True)
            os.symlink(work.name, place)  # noqa: PTH211 - the name of a sibling, not a path
            leftover.forget()
    return python


def prebuild(variables: Mapping[str, str]) -> None:
    """Creates the environment that an image may contain, with all extras.

    :raises PullError: if DVC cannot be installed.
    """
    _install(PREBUILT, [LOCKS / f"{extra}.txt" for extra in sorted(EXTRAS)], variables, print, 900)


def _folder(cache: str) -> Path:
    if cache:
        try:
            folder = Path(cache) / "gto-action"
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                return folder.resolve()
        except OSError:
            pass
    return Path(tempfile.mkdtemp(prefix="gto-action-dvc-"))


def _install(
    place: Path, locks: list[Path], variables: Mapping[str, str], log: Callable[[str], None], timeout: float
) -> None:
    python = str(place / "bin/python")
    base = str(getattr(sys, "_base_executable", sys.executable))
    place.mkdir(exist_ok=True)  # where all is run: a workspace may have a module "venv", or settings of uv's
    pip = (*_pip(base), "--python", python, "--disable-pip-version-check", "--no-input", "--quiet")
    # A lock is complete: nothing else needs to be found.
    hashed = ("--require-hashes", "--no-deps", "--only-binary", ":all:")
    files = [part for lock in locks for part in ("--requirement", str(lock))]
    uv = (python, "-Im", "uv", "pip", "install", "--quiet", "--python", python, "--no-cache", "--link-mode", "copy")
    # The one package without a wheel is built with a setuptools that is locked too.
    source = ("--no-binary", _SOURCE, "--no-build-isolation-package", _SOURCE)
    for command in (
        (base, "-Im", "venv", "--without-pip", str(place)),
        (*pip, "install", "--no-compile", "--no-cache-dir", *hashed, "--requirement", str(LOCKS / "tools.txt")),
        (*uv, *hashed, *source, "--no-config", *files),
        (*pip, "uninstall", "--yes", "uv"),
    ):
        _run(command, place, variables, log, timeout)


def _pip(base: str) -> tuple[str, ...]:
    """The command that runs pip: a virtual environment may have its own; an image has one on the PATH."""
    if importlib.util.find_spec("pip"):
        return (sys.executable, "-Im", "pip")
    program = shutil.which("pip")
    return (program,) if program else (base, "-Im", "pip")


def _run(
    command: tuple[str, ...],
    folder: Path,
    variables: Mapping[str, str],
    log: Callable[[str], None],
    timeout: float,
) -> None:
    as_pip = {name: variables[pips] for name, pips in _AS_PIP.items() if variables.get(pips)}  # uv ignores pip's
    process = start(command, {**_TRUST, **as_pip, **variables, "PYTHONNOUSERSITE": "1"}, cwd=folder)
    status, _, said = process.wait(timeout=timeout, alive=lambda passed: log(f"Still installing after {passed:.0f} s"))
    if status is None:
        raise PullError(f"DVC was not installed within {timeout:.0f} seconds.", "Raise the input 'pull-timeout'.")
    if status:
        lines = [line.strip() for line in said.splitlines() if line.strip()]
        cause = next((line for line in lines if "error" in line.lower()), lines[-1] if lines else "nothing")
        raise PullError(
            "DVC cannot be installed.",
            "The runner must reach a package index, or the image must include DVC (docs/pull.md). "
            f"The installer says: {cause[:300]}",
        )
