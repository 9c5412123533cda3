"""GitLab's pipelines, run by gitlab-ci-local: real rules, includes, needs and shells, but no server and no limits.

Its parser of dotenv reports is another one than GitLab's: it ends a value at `#` and takes quotes away. What GitLab
reads is in `ci_readers`.
"""

import functools
import importlib
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from tests.support.machine import ENVIRON, ROOT
from tests.support.npm import NpmError, NpmFile, node
from tests.support.skipping import skip

_PROGRAM: Final = NpmFile(
    "gitlab-ci-local",
    "4.75.1",
    "sha512-ArmGX576uKqTgs4PMCH3FNPED+JhxDLb2Ocb893+aY88RA2sx9gP6L7GvpuHQJkFJRvA5KSq9fD0yyRLaLEydw==",
    "dist/index.js",
    "gitlab-ci-local-4.75.1.mjs",
)
_LINE: Final = re.compile(r"^(?P<job>\S+) +> (?P<said>.*)$", re.MULTILINE)
_END: Final = re.compile(r"^ (?P<how>PASS|WARN|FAIL)  (?!Avoid )(?P<job>\S+)", re.MULTILINE)
_RAW: Final = "https://raw.githubusercontent.com"


@functools.cache
def missing() -> str:
    """What this machine has not that a run needs; empty if it has all."""
    if not shutil.which("rsync", path=ENVIRON["PATH"]):
        return "there is no rsync, which gitlab-ci-local copies with"
    try:
        node()
        _PROGRAM.fetch()
    except NpmError as error:
        return str(error)
    return ""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """What a pipeline did."""

    jobs: Mapping[str, str]
    """How each job ended: PASS, WARN for an exit code that may be, FAIL."""
    said: Mapping[str, list[str]]
    """The lines of each job."""
    log: str


def run_pipeline(project: Path, *jobs: str, programs: Path, variables: Mapping[str, str]) -> Pipeline:
    """Runs the `.gitlab-ci.yml` of a project.

    Args:
        project: the working tree of a repository; what is not committed counts.
        jobs: those to run; all by default.
        programs: the folder with what the jobs start.
        variables: those that GitLab has, beside what gitlab-ci-local says of the project.
    """
    options = [each for name, value in variables.items() for each in ("--variable", f"{name}={value}")]
    command = [node(), str(_PROGRAM.fetch()), *jobs, "--force-shell-executor", *options]
    environment = {**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "NO_COLOR": "1"}
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):  # which would get what is asked of loopback
        environment.pop(name, None)
    process = subprocess.run(
        command, cwd=project, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    log = process.stdout + process.stderr
    said: dict[str, list[str]] = {}
    for line in _LINE.finditer(log):
        said.setdefault(line["job"], []).append(line["said"])
    return Pipeline({end["job"]: end["how"] for end in _END.finditer(process.stdout)}, said, log)


def matches_in_rules(pattern: str, text: str) -> bool:
    """Whether `$TEXT =~ /pattern/` holds in `rules`: GitLab asks RE2."""
    if not find_spec("re2"):
        skip("GitLab's patterns", "there is no google-re2 for this Python (requirements/dev.in)")
    re2 = importlib.import_module("re2")  # no wheel for the newest Python, where only this is missed
    inner = pattern.removeprefix("/").removesuffix("/")
    assert f"/{inner}/" == pattern
    return re2.search(inner, text) is not None


@contextmanager
def raw_files(version: str, path: str) -> Iterator[str]:
    """Serves the files of this repository as GitHub does, at any version; gives what stands for GitHub's address."""
    prefix = f"/{path}/{version}/"

    class Handler(SimpleHTTPRequestHandler):
        def translate_path(self, path: str) -> str:
            return str(ROOT / path.removeprefix(prefix)) if path.startswith(prefix) else "/nowhere"

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def from_here(text: str, address: str) -> str:
    """A pipeline that includes what GitHub has from another address."""
    return text.replace(_RAW, address)
