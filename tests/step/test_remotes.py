"""Where the tags come from: a server, with or without a token, or the remote of the working directory."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.action import Action
from tests.support.git_server import GitServer
from tests.support.repo import Repo


def test_over_http_with_a_token(registry: Repo, action: Action, http: Callable[..., GitServer]) -> None:
    with http(token="s3cret") as server:
        run = action("refs/tags/churn#prod#4", GITHUB_SERVER_URL=server.url, INPUT_TOKEN="s3cret")
    assert run.document["description"] == "They leaves"
    assert {request.tokens for request in server.requests} == {("s3cret",)}
    assert "s3cret" not in run.log


def test_over_http_without_a_token(registry: Repo, action: Action, http: Callable[..., GitServer]) -> None:
    with http() as server:
        run = action("refs/tags/churn#prod#4", GITHUB_SERVER_URL=server.url + "/")
    assert run.document["event"] == "assignment"
    assert {request.authorized for request in server.requests} == {False}


@pytest.mark.parametrize("refusal", [401, 403, 404])
@pytest.mark.parametrize("token", ["", "wrong"])
def test_a_refused_token(
    registry: Repo, action: Action, http: Callable[..., GitServer], refusal: int, token: str
) -> None:
    with http(token="s3cret", refusal=refusal) as server:
        run = action("refs/tags/churn#prod#4", GITHUB_SERVER_URL=server.url, INPUT_TOKEN=token)
    assert (run.code, run.outputs) == (1, None), run.log
    assert len(run.told("error")) == 1
    assert "contents: read" in run.told("error")[0]
    assert len(server.requests) <= 2  # not asked again


def test_an_unreachable_remote(registry: Repo, action: Action, http: Callable[..., GitServer]) -> None:
    with http() as server:
        url = server.url
    run = action("refs/tags/churn#prod#4", GITHUB_SERVER_URL=url)
    assert (run.code, run.outputs) == (1, None)
    assert re.search(f"Fetching from the remote '{url}/o/r' failed.*again", run.told("error")[0])
    assert run.log.count("Trying again in") == 3


@pytest.mark.parametrize("fault", ["cut", "503", "429"])
def test_a_fault_that_passes_is_mended(
    registry: Repo, action: Action, http: Callable[..., GitServer], fault: str
) -> None:
    with http() as server:
        if fault == "cut":
            server.cut(100, times=2)  # the clone of all tags, and that of the one tag
        else:
            server.answer(int(fault), times=2)
        run = action("refs/tags/churn#prod#4", GITHUB_SERVER_URL=server.url)
    assert run.document["version"] == "v3.1.0", run.log
    assert run.log.count("Trying again in") == 1


def test_a_fetch_that_breaks_off_each_time(registry: Repo, action: Action, http: Callable[..., GitServer]) -> None:
    with http() as server:
        server.cut(300)
        run = action("refs/tags/churn#prod#4", GITHUB_SERVER_URL=server.url)
    assert (run.code, run.outputs) == (1, None)
    assert len(run.told("error")) == 1


def test_a_redirect_does_not_take_the_token_along(
    registry: Repo, action: Action, http: Callable[..., GitServer]
) -> None:
    with http() as elsewhere, http() as server:
        server.redirect(elsewhere.url)
        run = action("refs/tags/churn#prod#4", GITHUB_SERVER_URL=server.url, INPUT_TOKEN="s3cret")
    assert run.code == 1
    assert "has moved" in run.told("error")[0]
    assert elsewhere.requests == []


def test_the_origin_of_the_working_directory(registry: Repo, action: Action, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    registry.git("clone", "-q", "--no-tags", str(registry.path), str(clone))
    environ = {"GITHUB_REPOSITORY": "", "GITHUB_SERVER_URL": ""}
    run = action("refs/tags/churn#prod#4", cwd=clone, **environ)
    assert run.document["version"] == "v3.1.0"
    registry.git("-C", str(clone), "remote", "set-url", "origin", "../srv/o/r")
    (clone / "sub").mkdir()
    assert action("refs/tags/churn#prod#4", cwd=clone / "sub", **environ).document["version"] == "v3.1.0"


def test_a_git_environment_of_somebody_elses(registry: Repo, action: Action, tmp_path: Path) -> None:
    """As inside a hook, or set by the job: none of it reaches our git."""
    bad = dict.fromkeys(("GIT_DIR", "GIT_WORK_TREE", "GIT_OBJECT_DIRECTORY", "GIT_INDEX_FILE"), "/nowhere")
    bad |= {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "url.ext::touch x.insteadOf", "GIT_CONFIG_VALUE_0": "file:"}
    bad |= {"GIT_TRACE": "1", "GIT_TRACE_CURL": "1", "GIT_ASKPASS": "/nowhere", "SSH_ASKPASS": "/nowhere"}
    assert action("refs/tags/churn#prod#4", **bad).document["version"] == "v3.1.0"
