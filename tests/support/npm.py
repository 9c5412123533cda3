"""Files of npm's packages, each fetched the first time it is asked for, by version and hash; and a Node to run them."""

import base64
import hashlib
import os
import shutil
import subprocess
import tarfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tests.support.machine import ENVIRON, ROOT

# The machine's own, or else the one that `make node` makes.
_PATH: Final = f"{ENVIRON['PATH']}{os.pathsep}{ROOT / '.cache/node/bin'}"
_OLDEST_NODE: Final = 22


class NpmError(AssertionError):
    """It is not here and cannot be fetched, or what came is not what is expected."""


@cache
def node() -> str:
    """The path of a Node that will do.

    :raises NpmError: if there is none.
    """
    for folder in _PATH.split(os.pathsep):
        if path := shutil.which("node", path=folder):
            said = subprocess.run([path, "--version"], env=ENVIRON, capture_output=True, text=True, check=False).stdout
            if said.startswith("v") and int(said[1:].partition(".")[0]) >= _OLDEST_NODE:
                return path
    raise NpmError(f"there is no Node {_OLDEST_NODE} or later: run `make node`")


@dataclass(frozen=True, slots=True)
class NpmFile:
    """A file of a published package."""

    package: str
    version: str
    integrity: str
    """Of the package's archive, as npm writes it: `sha512-` and base64."""
    path: str
    """In the package."""
    cached_as: str
    """The name below `.cache`."""

    def fetch(self) -> Path:
        """Where the file is.

        :raises NpmError: if npm does not bring it.
        """
        file = ROOT / ".cache" / self.cached_as
        if file.exists():
            return file
        if not (npm := shutil.which("npm", path=_PATH)):
            raise NpmError(f"there is no `npm` command to fetch {self.package} with: run `make node`")
        file.parent.mkdir(exist_ok=True)
        with TemporaryDirectory(dir=file.parent) as folder:
            command = [npm, "pack", f"{self.package}@{self.version}", "--silent", "--pack-destination", folder]
            try:
                process = subprocess.run(command, env=ENVIRON, capture_output=True, text=True, timeout=120, check=False)
            except subprocess.TimeoutExpired as error:
                raise NpmError(f"npm did not bring {self.package} within two minutes") from error
            archives = list(Path(folder).glob("*.tgz"))
            if process.returncode or not archives:
                raise NpmError(f"npm did not bring {self.package}: {process.stderr.strip().splitlines()[-1:]}")
            integrity = f"sha512-{base64.b64encode(hashlib.sha512(archives[0].read_bytes()).digest()).decode()}"
            if integrity != self.integrity:
                raise NpmError(f"npm brought a {self.package} {self.version} with {integrity}, not {self.integrity}")
            with tarfile.open(archives[0]) as archive:
                member = archive.extractfile(f"package/{self.path}")
                assert member
                part = Path(folder, "part")
                part.write_bytes(member.read())
            part.replace(file)  # whole or not at all, as other processes come here too
        return file
