"""Repositories whose data the real dvc has put somewhere, and an S3 server that has it."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.support.ports import free_port, wait_until_open

ROOT: Final = Path(__file__).parents[2]
CACHE: Final = ROOT / ".cache/pull"
"""Where `make pull` has put DVC, as the action installs it."""
SSHD: Final = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin") or ""
AWS: Final = {
    "AWS_ACCESS_KEY_ID": "AKIA-OF-THE-TESTS",
    "AWS_SECRET_ACCESS_KEY": "s3cret-of-the-tests",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}


class DvcRepo:
    """A working tree with git and dvc, and a bare repository that it is pushed to."""

    def __init__(self, path: Path, origin: Path, variables: Mapping[str, str] | None = None) -> None:
        self.path = path
        self.origin = origin
        self._environ = {
            "PATH": f"{_dvc().parent}:{os.environ['PATH']}",
            "HOME": str(path.parent),
            "GIT_CONFIG_NOSYSTEM": "1",
            "DVC_NO_ANALYTICS": "1",
            "NO_PROXY": "127.0.0.1",
            **(variables or {}),
        }
        for who in ("AUTHOR", "COMMITTER"):
            self._environ |= {f"GIT_{who}_NAME": "Ada", f"GIT_{who}_EMAIL": "ada@example.com"}
        path.mkdir(parents=True)
        origin.mkdir(parents=True)
        self.run("git", "init", "-q", "-b", "main")
        self.run("git", "init", "-q", "--bare", "-b", "main", str(origin))

    def run(self, *command: str, cwd: str = ".") -> str:
        result = subprocess.run(
            command, cwd=self.path / cwd, env=self._environ, capture_output=True, text=True, check=False
        )
        assert result.returncode == 0, f"{command}: {result.stdout}{result.stderr}"
        return result.stdout.strip()

    def dvc(self, *arguments: str, cwd: str = ".") -> None:
        self.run("dvc", *arguments, "--quiet", cwd=cwd)

    def write(self, files: Mapping[str, str | bytes]) -> None:
        for name, content in files.items():
            place = self.path / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content if isinstance(content, bytes) else content.encode())

    def commit(self, *tags: str) -> str:
        """A commit of everything, with these tags, pushed; gives its id."""
        self.run("git", "add", "--all")
        self.run("git", "commit", "-q", "--allow-empty", "-m", "Train")
        for tag in tags:
            self.run("git", "tag", "-a", tag, "-m", "made by a test")
        self.run("git", "push", "-q", str(self.origin), "main", "--tags")
        return self.run("git", "rev-parse", "HEAD")


def _dvc() -> Path:
    """A dvc that can speak to S3."""
    return next(each for each in sorted((CACHE / "gto-action").glob("dvc-*/bin/dvc")) if _has_s3(each))


def _has_s3(dvc: Path) -> bool:
    return any((dvc.parents[1] / "lib").glob("python*/site-packages/dvc_s3"))


@contextmanager
def s3_server(bucket: str) -> Iterator[str]:
    """A server with an empty bucket; gives its address."""
    port = free_port()
    server = subprocess.Popen(
        [str(ROOT / ".cache/moto/bin/moto_server"), "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={"PATH": os.environ["PATH"]},
    )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until_open(port, lambda: server.poll() is not None)
        program = "import boto3, sys; boto3.client('s3', endpoint_url=sys.argv[1]).create_bucket(Bucket=sys.argv[2])"
        python = ROOT / ".cache/moto/bin/python"
        subprocess.run([python, "-c", program, url, bucket], check=True, env={**AWS, "NO_PROXY": "127.0.0.1"})
        yield url
    finally:
        server.terminate()
        server.wait()


@contextmanager
def ssh_server(folder: Path) -> Iterator[tuple[int, Path]]:
    """An SSH server on the loopback; gives its port and the key that opens it."""
    folder.mkdir()
    for name in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True)
    shutil.copy(folder / "user.pub", folder / "authorized")
    port = free_port()
    settings = {
        "Port": port,
        "ListenAddress": "127.0.0.1",
        "HostKey": folder / "host",
        "AuthorizedKeysFile": folder / "authorized",
        "PidFile": "none",
        "StrictModes": "no",
        "UsePAM": "no",
        "PasswordAuthentication": "no",
        "PermitRootLogin": "yes",
        "Subsystem": "sftp internal-sftp",
    }
    (folder / "config").write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    # Under datefudge it starts and does not listen: the server stays in the present.
    environ = {name: value for name, value in os.environ.items() if name != "LD_PRELOAD"}
    command = [SSHD, "-D", "-e", "-f", str(folder / "config")]
    server = subprocess.Popen(command, stderr=subprocess.DEVNULL, env=environ)
    try:
        wait_until_open(port, lambda: server.poll() is not None)
        yield port, folder / "user"
    finally:
        server.terminate()
        server.wait()
