"""The user's own configuration of DVC, and what DVC sees of the job."""

import base64
import functools
import http.server
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path

import pytest

from tests.support import workspaces
from tests.support.delivered import COMMITS, RNG, delivered, refused
from tests.support.naive_pull import Commit
from tests.support.pulls import Pull
from tests.support.repo import Repo
from tests.support.workspaces import STATES


class _WithPassword(http.server.SimpleHTTPRequestHandler):
    wanted = "Basic " + base64.b64encode(b"ada:of-the-tests").decode()

    def do_GET(self) -> None:
        if self.headers.get("Authorization") == self.wanted:
            super().do_GET()
        else:
            self.send_error(HTTPStatus.UNAUTHORIZED)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def http_store(folder: Path) -> Iterator[str]:
    handler = functools.partial(_WithPassword, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.mark.parametrize("state", ["none", "clean", "other_commit", "sparse"])
def test_the_users_own_configuration(
    made: Callable[[Commit], Repo], pull: Pull, workspace: Path, tmp_path: Path, state: str
) -> None:
    commit = COMMITS["a folder of DVC's"]
    STATES[state](workspace, commit, made(commit).path, RNG)
    (workspace / ".dvc").mkdir(exist_ok=True)
    with http_store(tmp_path / "store") as url:
        own = f"['remote \"store\"']\n    url = {url}\n"
        (workspace / ".dvc/config.local").write_text(own)
        refused(pull(), "The remote refuses the credentials")
        (workspace / ".dvc/config.local").write_text(
            f"{own}    auth = basic\n    user = ada\n    password = of-the-tests\n"
        )
        delivered(pull(), workspace, commit)
        moved = (workspace / ".dvc/config.local").rename(workspace / "elsewhere")
        (workspace / ".dvc/config.local").symlink_to(moved)
        (tmp_path / "store").rename(tmp_path / "moved")
        refused(pull(), "The remote does not have the data")  # as the commit's configuration says


@pytest.mark.parametrize("option", ["configpath = aws.cfg", "credentialpath = {0}/aws.cfg", "bearer_token_command = x"])
def test_no_program_is_run_for_the_users_configuration(
    made: Callable[[Commit], Repo], pull: Pull, workspace: Path, option: str
) -> None:
    commit = COMMITS["a file of DVC's"]
    workspaces.clean(workspace, commit, made(commit).path, RNG)
    scheme = "webdav://127.0.0.1:9/x" if "bearer" in option else "s3://bucket/x"
    (workspace / ".dvc/config.local").write_text(
        f"['remote \"store\"']\n    url = {scheme}\n    {option.format(workspace)}\n"
    )
    refused(pull(), "an option that could let the repository run programs")


def test_dvc_sees_what_it_needs(made: Callable[[Commit], Repo], pull: Pull, tmp_path: Path) -> None:
    made(COMMITS["a file of DVC's"])
    cache = tmp_path / "cache"
    (tried,) = re.findall(r"(\S*/dvc-\w+)", pull(XDG_CACHE_HOME=str(cache), **{"INPUT_PULL-TIMEOUT": "1"}).log)[:1]
    python = Path(tried) / "bin/python"
    python.parent.mkdir(parents=True)
    python.write_text(f"#!/bin/sh\nenv > {tmp_path}/seen\n")
    python.chmod(0o755)
    secrets = {
        "INPUT_TOKEN": "x",
        "ACTIONS_RUNTIME_TOKEN": "x",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "x",
        "SLACK_TOKEN": "x",
        "LANGCHAIN_API_KEY": "x",
        "HOMEBREW_GITHUB_API_TOKEN": "x",
    }
    needed = {
        "AWS_ACCESS_KEY_ID": "y",
        "GOOGLE_APPLICATION_CREDENTIALS": "y",
        "AZURE_CLIENT_ID": "y",
        "SSH_AUTH_SOCK": "y",
    }
    refused(pull(XDG_CACHE_HOME=str(cache), GITHUB_TOKEN="x", **secrets, **needed), "DVC failed")
    seen = dict(line.split("=", 1) for line in (tmp_path / "seen").read_text().splitlines())
    assert needed.items() <= seen.items()
    assert "x" not in seen.values()
