"""The real mermaid, of npm, which GitHub draws charts with."""

import base64
import hashlib
import shutil
import subprocess
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from support.machine import ENVIRON, ROOT

VERSION: Final = "12.3.0"
_INTEGRITY: Final = "sha512-4113TdXeLAsMruJ79OpFL5O8+LTFXhQqZ260rF3tgUmiNAtRm4Uume04I+65PRN6yZ69J4f8rVYWW8zRk65UYw=="
_FILE: Final = ROOT / ".cache" / f"mermaid-{VERSION}.min.js"


class NoMermaidError(AssertionError):
    """It is not here and cannot be fetched."""


def mermaid() -> Path:
    """The library as one file, fetched by npm the first time.

    :raises NoMermaidError: if that fails, or what comes is not what is expected.
    """
    if not _FILE.exists():
        _fetch()
    return _FILE


def _fetch() -> None:
    if not (npm := shutil.which("npm", path=ENVIRON["PATH"])):
        raise NoMermaidError("there is no `npm` command to fetch mermaid with")
    _FILE.parent.mkdir(exist_ok=True)
    with TemporaryDirectory(dir=_FILE.parent) as folder:
        command = [npm, "pack", f"mermaid@{VERSION}", "--silent", "--pack-destination", folder]
        try:
            process = subprocess.run(command, env=ENVIRON, capture_output=True, text=True, timeout=120, check=False)
        except subprocess.TimeoutExpired as error:
            raise NoMermaidError("npm did not bring mermaid within two minutes") from error
        archives = list(Path(folder).glob("*.tgz"))
        if process.returncode or not archives:
            raise NoMermaidError(f"npm did not bring mermaid: {process.stderr.strip().splitlines()[-1:]}")
        data = archives[0].read_bytes()
        integrity = f"sha512-{base64.b64encode(hashlib.sha512(data).digest()).decode()}"
        if integrity != _INTEGRITY:
            raise NoMermaidError(f"npm brought a mermaid {VERSION} with {integrity}, not {_INTEGRITY}")
        with tarfile.open(archives[0]) as archive:
            member = archive.extractfile("package/dist/mermaid.min.js")
            assert member
            part = Path(folder, "mermaid.min.js")
            part.write_bytes(member.read())
        part.replace(_FILE)  # whole or not at all, as other processes come here too
