"""Real repositories for the tests, made by real git: every commit and tag has the time the test says."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

PERSON = "Ada Lovelace <ada@example.com>"


class Repo:
    """A bare repository, and what tests need to put in it: also what git's own commands would not make."""

    def __init__(self, path: Path, *, object_format: str = "sha1") -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(path.parent),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
        }
        options = ("--bare", "--template=", "-b", "main", f"--object-format={object_format}")
        if not (path / "HEAD").exists():  # a copy of one that was made before
            subprocess.run(["git", "init", "-q", *options, str(path)], check=True, env=self._environment)

    def git(self, *arguments: str, stdin: bytes = b"") -> str:
        command = ["git", "-C", str(self.path), *arguments]
        result = subprocess.run(command, input=stdin, capture_output=True, check=False, env=self._environment)
        assert result.returncode == 0, result.stderr.decode()
        return result.stdout.decode().strip()

    def commit(
        self,
        files: Mapping[str, str | bytes] | None = None,
        *,
        time: int = 1000,
        ref: str = "refs/heads/main",
        message: str = ".",
    ) -> str:
        """A new commit on `ref` with exactly these files; gives its id."""
        lines = [f"commit {ref}\ncommitter {PERSON} {time} +0000\ndata {len(message.encode())}\n{message}\n".encode()]
        if parent := self.git("for-each-ref", "--format=%(objectname)", ref):
            lines.append(f"from {parent}\n".encode())
        lines.append(b"deleteall\n")
        for name, content in (files or {"README.md": str(time)}).items():
            data = content if isinstance(content, bytes) else content.encode()
            mode = "100755" if name.endswith(".sh") else "100644"
            lines.append(f'M {mode} inline "{name}"\ndata {len(data)}\n'.encode() + data + b"\n")
        self.git("fast-import", "--quiet", stdin=b"".join(lines))
        return self.git("rev-parse", ref)

    def tag(
        self,
        name: str,
        target: str = "main",
        *,
        time: int = 1000,
        message: str | bytes = "a message",
        inner_name: str | None = None,
        tagger: str | bytes | None = None,
        kind: str = "commit",
    ) -> str:
        """An annotated tag; gives the tag object's id. An empty `tagger` leaves the line out."""
        target = self.git("rev-parse", "--verify", target)
        who = f"{PERSON} {time} +0000" if tagger is None else tagger
        who = who if isinstance(who, bytes) else who.encode()
        message = message if isinstance(message, bytes) else message.encode()
        raw = f"object {target}\ntype {kind}\ntag {inner_name or name}\n".encode()
        raw += (b"tagger " + who + b"\n" if who else b"") + b"\n" + message + b"\n"
        oid = self.git("hash-object", "-t", "tag", "-w", "--literally", "--stdin", stdin=raw)
        self.git("update-ref", f"refs/tags/{name}", oid)
        return oid

    def lightweight(self, name: str, target: str = "main") -> str:
        """A lightweight tag; gives the commit's id."""
        oid = self.git("rev-parse", "--verify", f"{target}^{{commit}}")
        self.git("update-ref", f"refs/tags/{name}", oid)
        return oid
