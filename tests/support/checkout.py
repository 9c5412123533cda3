"""Checkouts as the versions of actions/checkout leave them (F8), made with git's commands."""

import base64
import hashlib
import subprocess
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from tests.support.repo import Repo


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout:
    """A step `uses: actions/checkout`, on the push of a tag."""

    keeps_tag: bool = True
    """v6.0.2 and later; those before put a lightweight tag in the place of an annotated one."""
    depth: int = 1
    """0 is everything."""
    include: bool = True
    """v6 and later keep the credentials in a file of RUNNER_TEMP; those before in `.git/config`."""
    persist: bool = True
    path: str = ""
    filter: str = ""

    def make(self, workspace: Path, url: str, tag: str, commit: str, *, token: str, temp: Path) -> Path:
        """Gives the folder of the clone."""
        folder = workspace / self.path
        folder.mkdir(parents=True, exist_ok=True)
        kind = ("--object-format=sha256",) if len(commit) == 64 else ()
        git(folder, "init", "-q", *kind)
        git(folder, "remote", "add", "origin", url)
        git(folder, "config", "--local", "gc.auto", "0")
        self._authenticate(folder, url, token, temp)
        options = ["--no-tags", "--prune", "--no-recurse-submodules"]
        options += [f"--filter={self.filter}"] if self.filter else []
        options += [f"--depth={self.depth}"] if self.depth else []
        triggering = f"+refs/tags/{tag}:refs/tags/{tag}" if self.keeps_tag else f"+{commit}:refs/tags/{tag}"
        if not self.depth:
            git(folder, *FETCH, *options, "origin", "+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*")
        if self.depth or not self.keeps_tag:
            git(folder, *FETCH, *options, "origin", triggering)
        git(folder, "checkout", "--progress", "--force", f"refs/tags/{tag}")
        if not self.persist:
            config = (folder / ".git/config").read_text()
            host = f"http.{_origin(url)}/.extraheader"
            if host in git(folder, "config", "--local", "--list"):
                git(folder, "config", "--local", "--unset-all", host)
            for line in git(folder, "config", "--local", "--list").splitlines():
                if line.startswith("includeif."):
                    git(folder, "config", "--local", "--unset-all", line.partition("=")[0])
            assert config != (folder / ".git/config").read_text()
        return folder

    def _authenticate(self, folder: Path, url: str, token: str, temp: Path) -> None:
        key = f"http.{_origin(url)}/.extraheader"
        header = "AUTHORIZATION: basic " + base64.b64encode(f"x-access-token:{token}".encode()).decode()
        if not self.include:
            git(folder, "config", "--local", key, header)
            return
        temp.mkdir(exist_ok=True)
        file = temp / f"git-credentials-{uuid.uuid4()}.config"
        git(folder, "config", "--file", str(file), key, header)
        inside = f"/github/workspace/{self.path}".rstrip("/")
        for gitdir, config in ((folder, file), (inside, f"/github/runner_temp/{file.name}")):
            for end in ("", "/worktrees/*"):
                git(folder, "config", "--local", f"includeIf.gitdir:{gitdir}/.git{end}.path", str(config))


FETCH: Final = ("-c", "protocol.version=2", "fetch")
_OLD: Final = Checkout(keeps_tag=False, include=False)

CHECKOUTS: Final[Mapping[str, Checkout | None]] = {
    "none": None,
    "v3, v4, v5": _OLD,
    "v4, fetch-depth 0": Checkout(keeps_tag=False, include=False, depth=0),
    "v4, persist-credentials false": Checkout(keeps_tag=False, include=False, persist=False),
    "v4, filter blob:none": Checkout(keeps_tag=False, include=False, filter="blob:none"),
    "v6.0.1": Checkout(keeps_tag=False),
    "v6.0.1, fetch-depth 0": Checkout(keeps_tag=False, depth=0),
    "v6.0.2": Checkout(),
    "v6.0.2, fetch-depth 2": Checkout(depth=2),
    "v6.0.2, fetch-depth 50": Checkout(depth=50),
    "v6.0.2, fetch-depth 0": Checkout(depth=0),
    "v6.0.2, persist-credentials false": Checkout(persist=False),
    "v6.0.2, path": Checkout(path="sub"),
    "v6.0.2, path of two folders": Checkout(path="a/b"),
    "v6.0.2, filter blob:none": Checkout(filter="blob:none"),
    "v6.0.2, filter blob:none, fetch-depth 0": Checkout(filter="blob:none", depth=0),
    "v6.0.2, filter tree:0": Checkout(filter="tree:0"),
}


def git(folder: Path, *arguments: str) -> str:
    """Git as a user of the workspace runs it."""
    done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def registry_of(repo: Repo, tag: str) -> str:
    """Fills a repository with a registry of ten commits on two branches; gives the commit of `tag`, churn#prod#2."""
    repo.commit({"dvc.yaml": "artifacts: {churn: {path: first}}", "data": "1"}, time=1)
    repo.tag("churn@v0.1.0", time=2)
    for time in range(3, 8):
        repo.commit({"dvc.yaml": f"artifacts: {{churn: {{path: at-{time}}}}}", "data": str(time)}, time=time)
    repo.tag("churn@v1.0.0", time=8)
    repo.tag(tag, time=9)
    repo.git("update-ref", "refs/heads/side", "main~2")
    repo.commit({"data": "side"}, time=10, ref="refs/heads/side")
    repo.tag("seg@v1.0.0", "side", time=11)
    repo.lightweight("light", "side")
    repo.commit({"dvc.yaml": "artifacts: {churn: {path: later}}", "data": "2"}, time=12)
    repo.tag("churn@v2.0.0", time=13)
    return repo.git("rev-parse", f"{tag}^{{commit}}")


def fingerprint(folder: Path) -> dict[str, tuple[int, int, int, str]]:
    """Everything below a folder: kind and rights, owner, time of change, content."""
    found = {}
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        content = str(path.readlink()) if path.is_symlink() else path.read_bytes().hex() if path.is_file() else ""
        digest = hashlib.sha256(content.encode()).hexdigest()
        found[str(path.relative_to(folder))] = (status.st_mode, status.st_uid, status.st_mtime_ns, digest)
    return found


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
