"""The Docker engine, asked by the `docker` command: nothing here waits without a bound."""

import fcntl
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import gettempdir
from typing import Final

ROOT: Final = Path(__file__).parents[2]
BASE: Final = "python:3.15-slim-trixie"
"""The Dockerfile's default."""
JOB_IMAGE: Final = os.environ.get("GTO_ACTION_JOB_IMAGE", "gto-action-job:local")
"""What act runs jobs in: anything with bash, git and node."""

# As they were before the tests' guards changed them: the engine and act's builds live outside of those.
ENVIRON: Final[Mapping[str, str]] = {
    name: value
    for name, value in os.environ.items()
    if name in {"PATH", "HOME", "LANG", "XDG_RUNTIME_DIR"} or name.startswith("DOCKER_")
}


class EngineError(AssertionError):
    """A `docker` command failed."""


def docker(
    *arguments: str, program: str = "docker", timeout: float = 300, environ: Mapping[str, str] | None = None
) -> str:
    """What a `docker` command prints, without the white space around it.

    :raises EngineError: if it fails or takes longer than `timeout` seconds.
    """
    command = [program, *arguments]
    try:
        process = subprocess.run(
            command, env={**ENVIRON, **(environ or {})}, capture_output=True, text=True, timeout=timeout, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise EngineError(f"{command} took more than {timeout} s") from error
    if process.returncode:
        raise EngineError(f"{command} failed:\n{process.stdout}{process.stderr}")
    return process.stdout.strip()


@contextmanager
def alone(what: str) -> Iterator[None]:
    """Keeps other processes of the tests from doing the same at the same time."""
    with Path(gettempdir(), f"gto-action-e2e-{os.geteuid()}-{what}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def missing() -> str:
    """What of an engine is not there, or nothing."""
    if not shutil.which("docker", path=ENVIRON["PATH"]):
        return "there is no Docker engine (no `docker` command)"
    try:
        docker("version", "--format", "{{.Server.Version}}", timeout=60)
    except EngineError as error:
        return f"there is no Docker engine ({str(error).splitlines()[-1]})"
    return ""


def build(
    folder: Path,
    tag: str,
    *,
    buildkit: bool,
    arguments: tuple[str, ...] = (),
    file: str = "Dockerfile",
    target: str = "",
    platform: str = "",
) -> None:
    """Builds an image; the runner does so without build arguments, from the one that is the last of the Dockerfile.

    :raises EngineError: if it cannot be built.
    """
    environ = {"DOCKER_BUILDKIT": "1" if buildkit else "0"}
    program = program_with_buildkit() if buildkit else "docker"
    options = [option for each in arguments for option in ("--build-arg", each)]
    options += ["--target", target] if target else []
    options += ["--platform", platform] if platform else []
    command = ("build", *options, "--tag", tag, "--file", str(folder / file), str(folder))
    docker(*command, program=program, timeout=1200, environ=environ)


def remove(tag: str) -> None:
    """Removes an image's name; its layers stay, so that the next build finds them."""
    docker("rmi", "--force", "--no-prune", tag)


def size(image: str) -> int:
    """The bytes of an image."""
    return int(docker("image", "inspect", "--format", "{{.Size}}", image))


def is_there(image: str) -> bool:
    """Whether the engine has an image."""
    return bool(docker("image", "ls", "--quiet", image))


def with_buildkit() -> dict[str, str]:
    """The variables by which a script builds with BuildKit."""
    return {"DOCKER_BUILDKIT": "1", "PATH": f"{Path(program_with_buildkit()).parent}{os.pathsep}{ENVIRON['PATH']}"}


def image_id(image: str) -> str:
    """The digest of an image."""
    return docker("image", "inspect", "--format", "{{.Id}}", image)


def program_with_buildkit() -> str:
    """A `docker` command that can: newer ones need a plugin for it, and of several the first may lack it."""
    for folder in ENVIRON["PATH"].split(os.pathsep):
        program = Path(folder, "docker")
        if program.exists():
            version = docker("version", "--format", "{{.Client.Version}}", program=str(program))
            try:
                docker("buildx", "version", program=str(program))
            except EngineError:
                if int(version.split(".")[0]) >= 23:  # the last without BuildKit inside
                    continue
            return str(program)
    raise EngineError("No `docker` command here has BuildKit.")
