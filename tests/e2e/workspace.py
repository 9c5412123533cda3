"""A workspace: as it is, to the byte; and as an attacker would have it."""

import hashlib
import os
import stat
import subprocess
from pathlib import Path
from typing import Final


def snapshot(folder: Path) -> dict[str, tuple[object, ...]]:
    """Everything of a folder that a program could change: content, kind, mode, owner, times."""
    return {str(path.relative_to(folder)): _entry(path) for path in (folder, *folder.rglob("*"))}


def _entry(path: Path) -> tuple[object, ...]:
    status = path.lstat()
    if stat.S_ISREG(status.st_mode):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
    elif stat.S_ISLNK(status.st_mode):
        content = str(path.readlink())
    else:
        content = ""
    return (content, status.st_mode, status.st_uid, status.st_gid, status.st_size, status.st_mtime_ns)


PROOF: Final = "/github/home/attacked"
"""What is there in the container after an attack that worked; each attack adds its name."""


def checkout(source: Path, folder: Path, ref: str, origin: str) -> None:
    """What actions/checkout up to v6.0.1 leaves of a tag: a lightweight one, on a shallow commit."""
    name = ref.split("/", 2)[2]
    commit = _git(source, "rev-parse", f"{name}^{{commit}}")
    folder.mkdir(parents=True)
    _git(folder, "init", "-q")
    _git(folder, "remote", "add", "origin", f"file://{source}")
    options = ("--no-tags", "--prune", "--no-recurse-submodules", "--depth=1")
    _git(folder, "-c", "protocol.version=2", "fetch", "-q", *options, "origin", f"+{commit}:{ref}")
    _git(folder, "checkout", "-q", "--force", ref)
    _git(folder, "remote", "set-url", "origin", origin)


def make_hostile(folder: Path) -> None:
    """Lays every trap that is known for a program that runs git or Python in a checkout."""
    python = 'open("{proof}", "a").write("{name}\\n")\n'
    for name in ("yaml", "git", "semver", "gto_action", "sitecustomize", "usercustomize", "os", "signal"):
        (folder / f"{name}.py").write_text(python.format(proof=PROOF, name=f"{name}.py"))
    (folder / "hostile.pth").write_text("import yaml\n")
    shell = "#!/bin/sh\necho '{name}' >> " + PROOF + "\n"
    programs = (
        "main",
        "churn#prod#2",
        "git",
        "git-remote-http",
        "git-upload-pack",
        "git-remote-https",
        "ssh",
        "python",
    )
    hooks = ("post-checkout", "reference-transaction", "fsmonitor-watchman", "post-index-change", "pre-auto-gc")
    for program in (*programs, *(f".git/hooks/{hook}" for hook in hooks)):
        path = folder / program
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(shell.format(name=program))
        path.chmod(0o755)
    commands = {
        "core.fsmonitor": "fsmonitor",
        "core.sshCommand": "sshCommand",
        "core.gitProxy": "gitProxy",
        "core.askPass": "askPass",
        "core.pager": "pager",
        "core.editor": "editor",
        "credential.helper": "credential",
        "diff.external": "diff",
        "filter.x.smudge": "smudge",
        "remote.origin.uploadpack": "uploadpack",
        "uploadpack.packObjectsHook": "packObjectsHook",
        "alias.fetch": "alias",
    }
    for key, name in commands.items():
        bang = "!" if key in {"credential.helper", "alias.fetch"} else ""
        _git(folder, "config", key, f"{bang}echo {name} >> {PROOF}; false")
    _git(folder, "config", "core.hooksPath", ".git/hooks")
    (folder / ".gitattributes").write_text("* filter=x diff=x\n")


def _git(folder: Path, *arguments: str) -> str:
    environ = {"PATH": os.environ["PATH"], "HOME": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    command = ["git", "-C", str(folder), *arguments]
    process = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=120, check=False)
    assert process.returncode == 0, process.stderr
    return process.stdout.strip()
