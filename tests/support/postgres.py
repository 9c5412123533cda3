"""A PostgreSQL of Debian's, started for a test and ended with it."""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final, Self

from tests.support.ports import free_port

_PLACES: Final = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def missing() -> str:
    """Why there can be none; empty if there can."""
    return "" if _PLACES else "there is no PostgreSQL (as root: apt-get install postgresql)"


class Postgres:
    """A server on loopback, in a folder of its own. It does not run as root, which refuses."""

    def __init__(self) -> None:
        self.port = free_port()
        self._bin = _PLACES[0]
        self._folder = Path(tempfile.mkdtemp(prefix="gto-postgres-", dir="/tmp"))
        self._user = "nobody" if os.geteuid() == 0 else ""

    @property
    def url(self) -> str:
        return f"postgresql://gto@127.0.0.1:{self.port}/postgres"

    def __enter__(self) -> Self:
        if self._user:
            os.chown(self._folder, pwd.getpwnam(self._user).pw_uid, -1)
        data = str(self._folder / "data")
        self._run("initdb", "--username=gto", "--auth=trust", "--no-sync", "--encoding=UTF8", "-D", data)
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._control("stop", "-m", "immediate")
        shutil.rmtree(self._folder, ignore_errors=True)

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=''"
        self._control("start", "-l", str(self._folder / "log"), "-o", options)

    def restart(self) -> None:
        """As a crash does: nobody is asked to end anything."""
        self._control("stop", "-m", "immediate")
        self.start()

    def _control(self, *arguments: str) -> None:
        self._run("pg_ctl", *arguments, "-w", "-D", str(self._folder / "data"))

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._bin / program), *arguments]
        process = subprocess.run(
            command,
            user=self._user or None,
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # the server would hold a pipe open
            stderr=subprocess.DEVNULL,
            check=False,
        )
        assert process.returncode == 0, command
