"""A release from its first stage to its last, on this machine: the same programs as in the workflow, in a clone."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from tests.e2e.docker_registry import DockerRegistry
from tests.e2e.engine import BASE, ENVIRON, ROOT, build, docker, remove, with_buildkit

_NAMES: Final = (
    *("action.yml", "catch-up", "deployment", "native", "Dockerfile", ".dockerignore", "entrypoint.py", "gto_action"),
    *("page", "requirements", "tools"),
)
_STAND_IN: Final = """\
FROM scratch
COPY action.yml /
LABEL {label}
"""


class StageError(AssertionError):
    """A stage that failed, with what it said."""


@dataclass
class Rehearsal:
    """A clone whose main is to be released, and the registry that takes its images."""

    folder: Path
    registry: DockerRegistry
    arm64: str = ""
    """The base for arm64, if this machine is to build the image for it by emulation; else something stands for it."""
    variants: str = ""
    """Those that are built, too."""
    _pushed: list[str] = field(default_factory=list)

    def prepare(self) -> None:
        """Makes the clone, of this checkout's files."""
        self.folder.mkdir()
        for name in _NAMES:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, self.folder / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy2(source, self.folder / name)
        (self.folder / ".gitignore").write_text("__pycache__/\n.cache/\n")
        self.git("init", "-q", "-b", "main")
        subprocess.run(["git", "init", "-q", "--bare", self.origin], check=True)

    @property
    def origin(self) -> Path:
        """The repository that tags are pushed to."""
        return self.folder.with_name(f"{self.folder.name}.git")

    def git(self, *arguments: str) -> str:
        identity = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "gc.auto=0")
        return self.run(("git", *identity, *arguments))

    def run(self, command: Sequence[str | Path], environ: Mapping[str, str] | None = None) -> str:
        """What a program prints.

        :raises StageError: if it fails.
        """
        ran = subprocess.run(
            [*map(str, command)],
            cwd=self.folder,
            env={
                **ENVIRON,
                "IMAGE": self.registry.image,
                "VARIANTS": self.variants,
                "PYTHONDONTWRITEBYTECODE": "1",
                **(environ or {}),
            },
            capture_output=True,
            text=True,
            timeout=3600,  # in emulation
            check=False,
        )
        if ran.returncode:
            raise StageError(f"{ran.stderr}{ran.stdout}")
        return ran.stdout.strip()

    def is_to_be(self, version: str) -> str:
        """Commits to main what makes it this version; gives the commit."""
        today = datetime.now(UTC).date()
        (self.folder / "gto_action/__init__.py").write_text(f'"""A package."""\n\n__version__ = "{version}"\n')
        (self.folder / "CHANGELOG.md").write_text(
            f"# Changelog\n\n## [Unreleased]\n\n## [{version}] - {today}\n\n### Added\n\n- All of {version}.\n"
        )
        self.git("add", "--all")
        self.git("commit", "-q", "-m", f"{version} is ready")
        return self.git("rev-parse", "HEAD")

    def tool(self, *arguments: str) -> str:
        """What tools/release.py prints."""
        where = ("--image", self.registry.image, "--main", "main")
        return self.run((sys.executable, "tools/release.py", *arguments, *where))

    def build(self, name: str, base: str = BASE) -> list[str]:
        """The digests of the images, one for each architecture."""
        other = f"{name}-arm64"
        found = [self._built(f"{name}-amd64", base)]
        if not self.arm64:
            return [*found, self._other(other)]
        emulated = {**with_buildkit(), "DOCKER_DEFAULT_PLATFORM": "linux/arm64", "VARIANTS": ""}
        return [*found, self._built(other, self.arm64, emulated)]

    def _built(self, name: str, base: str, environ: Mapping[str, str] | None = None) -> str:
        printed = self.run(("tools/container/publish", "build", name, base), environ)
        found = dict(line.split() for line in printed.splitlines())
        self._pushed += [f"{self.registry.image}:{name}{'' if each == 'action' else f'-{each}'}" for each in found]
        return found["action"]

    def _other(self, name: str) -> str:
        """What stands for the image for arm64, which this machine could only build by emulation, in minutes."""
        tag = f"{self.registry.image}:{name}"
        place = self.folder.with_name("stand-in")
        place.mkdir(exist_ok=True)
        shutil.copy2(self.folder / "action.yml", place)
        revision = f"org.opencontainers.image.revision={self.git('rev-parse', 'HEAD')}"
        (place / "Dockerfile").write_text(_STAND_IN.format(label=revision))
        build(place, tag, buildkit=True, platform="linux/arm64")
        docker("push", "--quiet", tag, timeout=120)
        self._pushed.append(tag)
        return self.registry.digest(name)

    def index(self, name: str, digests: Sequence[str], only: str = "") -> str:
        return self.run(("tools/container/publish", "index", name, *digests), {"ONLY": only}).splitlines()[-1]

    def publish(self, version: str, digest: str, digests: Sequence[str]) -> str:
        """Gives the image its name, and the release commit its tags; gives the commit."""
        commit = self.tool("commit", digest)
        self.index(f"v{version}", digests, digest)
        self.git("push", "--quiet", str(self.origin), f"{commit}:refs/tags/v{version}")
        self.git("fetch", "--quiet", str(self.origin), "refs/tags/*:refs/tags/*")
        for name in self.tool("moving", f"v{version}").split():
            self.git("tag", "--force", name, commit)
        return commit

    def tried(self, image: str, folder: Path) -> str:
        """What an image says of the push of a tag, or of nothing: it runs."""
        folder.mkdir(exist_ok=True)
        (folder / "output").write_bytes(b"")
        options = ("--env=GITHUB_OUTPUT=/files/output", f"--volume={folder}:/files")
        return self.run(("docker", "run", "--rm", *options, image))

    def forget(self) -> None:
        """Makes the engine forget the images, so that whoever wants one pulls it."""
        for tag in self._pushed:
            remove(tag)
        self._pushed.clear()
        found = docker("images", "--digests", "--format", "{{.Repository}}@{{.Digest}}", self.registry.image)
        for each in {line for line in found.split() if "<none>" not in line}:
            remove(each)

    def checkout(self, ref: str) -> Path:
        """The files of the action as a runner has them that resolves `ref`."""
        place = self.folder.with_name(f"action-{ref}-{os.urandom(4).hex()}")
        self.git("worktree", "add", "--quiet", "--detach", str(place), f"{ref}^{{commit}}")
        return place
