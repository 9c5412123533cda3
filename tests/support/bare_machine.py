"""Bare machines: a Debian with what the README asks for and nothing else, in which a command runs as a user would run it.

They are made by `tools/container/images`; a command has mounts, processes and, if it is told so, a network of its own.
"""

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.support.machine import ENVIRON, ROOT

IMAGES: Final = ROOT / "tools/container/images"
SOURCE: Final = "/srv/gto-action.git"
"""What is cloned in a machine: this checkout, as one commit."""
_AUTHORITIES: Final = "/etc/ssl/certs/ca-certificates.crt"
# Without the folder for temporary files, which is not there in what is made.
_OUTSIDE: Final = {name: value for name, value in ENVIRON.items() if name != "TMPDIR"}
# How the registries of packages are reached from here.
_REACHES: Final = (
    "PIP_INDEX_URL",
    "PIP_EXTRA_INDEX_URL",
    "npm_config_registry",
    "http_proxy",
    "https_proxy",
    "no_proxy",
)
# /dev as it is here; the rest is the machine's own.
_ENTER: Final = """
root=$1; shift
mount --rbind /dev "$root/dev"
mount -t proc proc "$root/proc"
ip link set lo up 2>/dev/null || true
user=$1; shift
exec chroot "$user" "$root" "$@"
"""


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended."""

    status: int
    said: str
    """All that it printed."""


class BareMachine:
    """A machine in a folder, which is changed by what runs in it."""

    def __init__(self, folder: Path) -> None:
        """Takes an unpacked machine."""
        self.root = folder
        # As Debian's installer writes it: a curl before 7.78 asks for this name as for any other.
        (folder / "etc/hosts").write_text("127.0.0.1\tlocalhost\n")

    def give_source(self, checkout: Path) -> None:
        """Makes `SOURCE` of the files of a checkout, as they are now."""
        with_git = {**ENVIRON, "GIT_CONFIG_GLOBAL": os.devnull}
        for who in ("AUTHOR", "COMMITTER"):
            with_git |= {f"GIT_{who}_NAME": "Ada", f"GIT_{who}_EMAIL": "ada@example.com"}

        def git(*arguments: str, cwd: Path) -> bytes:
            return subprocess.run(["git", *arguments], cwd=cwd, env=with_git, check=True, capture_output=True).stdout

        work = self.root / "srv/work"
        names = git("ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=checkout).split(b"\0")
        for name in filter(None, map(os.fsdecode, names)):
            if (checkout / name).is_symlink() or not (checkout / name).exists():
                continue
            (work / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(checkout / name, work / name)
        git("init", "-q", "-b", "main", cwd=work)
        git("add", "--all", "--force", cwd=work)
        git("commit", "-qm", "As it is", cwd=work)
        git("clone", "-q", "--bare", ".", str(self.root / SOURCE.removeprefix("/")), cwd=work)
        shutil.rmtree(work)

    def run(
        self,
        *command: str,
        user: str = "root",
        environ: Mapping[str, str] | None = None,
        network: bool = True,
        timeout: float = 60,
    ) -> Ran:
        """Runs a command in the home of a user, who has few variables.

        Args:
            command: found by the PATH.
            user: `root`, or `ada`, who may do nothing that others may not.
            environ: variables beside those that every user has.
            network: whether there is more of it than the loopback.
            timeout: in seconds.
        """
        home = "/root" if user == "root" else f"/home/{user}"
        variables = {
            "HOME": home,
            "USER": user,
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "LANG": "C.UTF-8",
            # whom this machine trusts, as it may reach the registries through a proxy of its own
            "PIP_CERT": _AUTHORITIES,
            "NODE_EXTRA_CA_CERTS": _AUTHORITIES,
            **{name: ENVIRON[name] for name in _REACHES if name in ENVIRON},
            **(environ or {}),
        }
        shutil.copy("/etc/resolv.conf", self.root / "etc/resolv.conf")
        alone = ("--mount", "--pid", "--fork", "--kill-child", *(() if network else ("--net",)))
        enter = (
            "unshare",
            *alone,
            "sh",
            "-euc",
            _ENTER,
            "enter",
            str(self.root),
        )
        inside = (
            f"--userspec={user}:",
            "/usr/bin/env",
            "-i",
            "-C",
            home,
            *(f"{name}={value}" for name, value in variables.items()),
        )
        try:
            process = subprocess.run(
                [*enter, *inside, *command],
                env={"PATH": f"{ENVIRON['PATH']}:/usr/sbin:/sbin"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=timeout,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            said = (error.stdout or b"").decode("utf-8", "replace")
            raise AssertionError(f"{command} took more than {timeout} s; it said:\n{said}") from error
        return Ran(process.returncode, process.stdout.decode("utf-8", "replace"))


def missing() -> str:
    """What is missing to make machines, or nothing."""
    if os.geteuid() != 0:
        return "only root can make a machine"
    for program in ("debootstrap", "unshare", "chroot", "apt-get"):
        if not shutil.which(program, path=f"{ENVIRON['PATH']}:/usr/sbin:/sbin"):
            return f"there is no `{program}` command to make a machine with"
    return ""


def unpack(suite: str, folder: Path) -> BareMachine:
    """A new machine with a suite of Debian, such as `bookworm`; the first time it takes a minute or two.

    :raises AssertionError: if it cannot be made.
    """
    for command in (("make", f"machine-{suite}"), ("unpack", f"machine-{suite}", str(folder))):
        process = subprocess.run([IMAGES, *command], env=_OUTSIDE, capture_output=True, text=True, check=False)
        assert process.returncode == 0, process.stdout + process.stderr
    return BareMachine(folder)
