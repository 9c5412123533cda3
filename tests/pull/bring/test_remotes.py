"""Remotes over HTTP, S3 and SSH."""

import getpass
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.support.dvc_artifacts import CHECKOUTS, OLD, failed
from tests.support.dvc_repo import AWS, SSHD, DvcRepo, ssh_server
from tests.support.pulls import Pull, check_out, content
from tests.support.skipping import skip


@contextmanager
def serving(handler: Callable[..., BaseHTTPRequestHandler]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


class _Silent(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def test_an_http_remote(pull: Pull, one: Callable[..., DvcRepo], workspace: Path, tmp_path: Path) -> None:
    repo = one(str(tmp_path / "store"))
    with serving(partial(_Silent, directory=str(tmp_path / "store"))) as url:
        repo.dvc("remote", "modify", "store", "url", url)
        repo.commit("churn@v2.0.0")
        run = pull("churn@v2.0.0", repo)
    assert run.code == 0, run.log
    assert content(workspace) == {"models/churn.pkl": OLD}


class _Answers(BaseHTTPRequestHandler):
    status = 200
    seconds = 0.0

    def do_GET(self) -> None:
        time.sleep(self.seconds)
        self.send_error(self.status)

    do_HEAD = do_GET  # noqa: N815 - its name for the standard library

    def log_message(self, *_: object) -> None:
        pass


@pytest.mark.parametrize(
    ("status", "seconds", "says"),
    [
        (401, 0.0, "The remote refuses the credentials"),
        (403, 0.0, "The remote refuses the credentials"),
        (404, 0.0, "The remote does not have the data"),
        (200, 60.0, "The remote did not answer in time"),
    ],
)
def test_an_http_remote_that_fails(
    pull: Pull, one: Callable[..., DvcRepo], workspace: Path, status: int, seconds: float, says: str
) -> None:
    handler = type("_Own", (_Answers,), {"status": status, "seconds": seconds})
    with serving(handler) as url:
        repo = one(f"{url.replace('://', '://user:hidden@')}", push=False)
        run = pull("churn@v1.0.0", repo, **{"INPUT_PULL-TIMEOUT": "15"})
    failed(run, workspace, says)
    assert "hidden" not in run.log


def test_a_closed_port(pull: Pull, one: Callable[..., DvcRepo], workspace: Path) -> None:
    with serving(_Answers) as url:
        pass
    run = pull("churn@v1.0.0", one(url, push=False), **{"INPUT_PULL-TIMEOUT": "60"})
    failed(run, workspace, "The remote cannot be reached")


def test_an_s3_remote(pull: Pull, one: Callable[..., DvcRepo], workspace: Path, s3: str) -> None:
    repo = one("s3://bucket/models", ("endpointurl", s3), **AWS)
    run = pull("churn@v1.0.0", repo, **AWS)
    assert run.code == 0, run.log
    assert content(workspace) == {"models/churn.pkl": OLD}
    assert run.document["pull"]["remote"] == "store"
    assert AWS["AWS_SECRET_ACCESS_KEY"] not in run.log


def test_an_s3_remote_without_credentials(pull: Pull, one: Callable[..., DvcRepo], workspace: Path, s3: str) -> None:
    repo = one("s3://bucket/models", ("endpointurl", s3), **AWS)
    run = pull("churn@v1.0.0", repo, AWS_EC2_METADATA_DISABLED="true", AWS_DEFAULT_REGION="us-east-1")
    failed(
        run,
        workspace,
        r"cannot be pulled from the remote 'store' \(s3://bucket/models\) at commit .* There are no credentials",
    )


def test_a_bucket_that_is_not_there(pull: Pull, one: Callable[..., DvcRepo], workspace: Path, s3: str) -> None:
    repo = one("s3://no-such-bucket/models", ("endpointurl", s3), push=False, **AWS)
    failed(pull("churn@v1.0.0", repo, **AWS), workspace, "The remote does not have the data")


@pytest.mark.parametrize("key", ["the right key", "another key"])
def test_an_ssh_remote(pull: Pull, one: Callable[..., DvcRepo], workspace: Path, tmp_path: Path, key: str) -> None:
    if not SSHD:
        skip("pull over SSH", "there is no sshd (as root: apt-get install openssh-server)")
    repo = one(str(tmp_path / "store"))
    with ssh_server(tmp_path / "ssh") as (port, user):
        keyfile = user if key == "the right key" else tmp_path / "ssh/host"
        url = f"ssh://{getpass.getuser()}@127.0.0.1:{port}{tmp_path}/store"
        for name, value in {"url": url, "keyfile": str(keyfile), "allow_agent": "false"}.items():
            repo.dvc("remote", "modify", "store", name, value)
        repo.commit("churn@v2.0.0")
        run = pull("churn@v2.0.0", repo)
    if key == "the right key":
        assert run.code == 0, run.log
        assert content(workspace) == {"models/churn.pkl": OLD}
    else:
        failed(run, workspace, "The remote refuses the credentials")


@pytest.mark.parametrize("option", ["configpath", "credentialpath"])
@pytest.mark.parametrize("checkout", CHECKOUTS[:2])
def test_no_program_of_the_repository_is_run(
    pull: Pull, one: Callable[..., DvcRepo], workspace: Path, tmp_path: Path, s3: str, option: str, checkout: str
) -> None:
    repo = one("s3://bucket/models", ("endpointurl", s3), **AWS)
    repo.write({"aws.cfg": f"[default]\ncredential_process = touch {tmp_path}/touched\n"})
    repo.dvc("remote", "modify", "store", option, "aws.cfg")
    repo.commit("churn@v2.0.0")
    if checkout != "none":
        check_out(repo, workspace, "churn@v2.0.0")
    run = pull("churn@v2.0.0", repo)
    assert run.code == 1
    assert "an option that could let the repository run programs" in run.told("error")[0]
    assert not (tmp_path / "touched").exists()
