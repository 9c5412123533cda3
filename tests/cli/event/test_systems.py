"""Every CI system gives the same answer: with its variables, its credentials, and its way to later steps."""

import base64
import json
import subprocess
from pathlib import Path

import pytest

from gto_action.hosts.ci_systems import BY_KEY
from tests.support.certificates import Authority
from tests.support.ci_runs import NAMES, RUNS, run_event
from tests.support.git_server import GitServer
from tests.support.repo import Repo

TAG = "churn#prod#2"
SENTENCE = "churn v1.1.0 was assigned to stage prod (tag churn#prod#2, commit {})"


def expected(registry: Repo) -> dict[str, str]:
    return {
        "GTO_EVENT": "assignment",
        "GTO_NAME": "churn",
        "GTO_VERSION": "v1.1.0",
        "GTO_STAGE": "prod",
        "GTO_TYPE": "model",
        "GTO_PATH": "models/churn.pkl",
        "GTO_DESCRIPTION": "Who will leave?",
        "GTO_TAG": TAG,
        "GTO_SHA": registry.git("rev-parse", f"{TAG}^{{commit}}"),
        "GTO_PREVIOUS_VERSION": "v1.0.0",
        "GTO_CURRENT_VERSION": "v1.1.0",
        "GTO_LATEST_VERSION": "v1.1.0",
        "GTO_IS_CURRENT": "true",
        "GTO_MATCHED": "true",
    }


def test_every_system_is_here() -> None:
    advice = "give these a run in RUNS of tests/support/ci_runs.py"
    assert {*RUNS} == {*BY_KEY}, f"{advice}: {sorted({*RUNS} ^ {*BY_KEY})}"


@pytest.mark.parametrize("key", RUNS)
def test_the_same_answer_everywhere(key: str, registry: Repo, srv: Path, clone: Path) -> None:
    run = RUNS[key]
    with GitServer(srv, token="s3cret", user=run.user or "any") as server:
        if not run.user:  # it is in the clone's configuration that a job may read the repository
            header = f"AUTHORIZATION: basic {base64.b64encode(b'any:s3cret').decode()}"
            for name, value in (
                (f"http.{server.url}/.extraheader", header),
                ("remote.origin.url", f"{server.url}/o/r"),
            ):
                subprocess.run(["git", "config", name, value], check=True)
        arguments = [each.format(tag=TAG) for each in run.arguments]
        result = run_event(*arguments, variables=run.variables(server.url, TAG, clone))
    assert result.exit_code == 0, result.output
    assert run.read(clone, result) == expected(registry)
    assert result.stdout.splitlines()[0] == SENTENCE.format(expected(registry)["GTO_SHA"][:7])
    assert "Fetching the tags of " in result.stderr
    assert "s3cret" not in result.output
    document = json.loads((clone / "gto.json").read_text())
    assert (document["version"], document["stages"]["prod"]["version"]) == ("v1.1.0", "v1.1.0")


@pytest.mark.parametrize("key", [key for key, run in RUNS.items() if not run.arguments])
def test_the_wrong_credentials_are_told_in_the_words_of_the_system(
    key: str, registry: Repo, srv: Path, clone: Path
) -> None:
    run = RUNS[key]
    with GitServer(srv, token="another", user=run.user or "any") as server:
        result = run_event(variables=run.variables(server.url, TAG, clone))
    what = "refused the token" if run.user else "asks for a token"
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.splitlines()[-1].startswith(
        f"error: The remote '{server.url}/o/r{'.git' if key in {'gitlab', 'woodpecker', 'drone'} else ''}' {what}. "
        f"{BY_KEY[key].access} Git says: "
    )
    assert "s3cret" not in result.output
    assert [each.name for each in clone.iterdir()] == [".git"]


@pytest.mark.parametrize("key", ["gitlab", "github"])
def test_a_repository_that_is_hidden_is_told_in_the_words_of_the_system(
    key: str, registry: Repo, srv: Path, job: Path
) -> None:
    with GitServer(srv, token="another", refusal=404) as server:
        result = run_event(variables=RUNS[key].variables(server.url, TAG, job))
    assert f"was not found. Check the address. {BY_KEY[key].access} Git says: " in result.stderr.splitlines()[-1]


def test_a_variable_that_holds_a_token(registry: Repo, srv: Path, job: Path) -> None:
    with GitServer(srv, token="another", user="x-token-auth") as server:
        variables = {**RUNS["bitbucket"].variables(server.url, TAG, job), "READ_TOKEN": "another"}
        result = run_event("--token-env", "READ_TOKEN", variables=variables)
        refused = run_event("--token-env", "NO_TOKEN", variables=variables)
    assert result.exit_code == 0, result.output
    assert refused.stderr == "error: The variable 'NO_TOKEN', which --token-env names, is not set. Set it to a token.\n"


def test_the_token_of_a_system_goes_to_no_other_repository(registry: Repo, srv: Path, job: Path) -> None:
    with GitServer(srv) as server:
        variables = RUNS["gitlab"].variables("https://gitlab.invalid", TAG, job)
        result = run_event("--repo", f"{server.url}/o/r", variables=variables)
        assert result.exit_code == 0, result.output
        assert not any(request.authorized for request in server.requests)
        own = run_event("--repo", f"{server.url}/o/r", "--token-env", "CI_JOB_TOKEN", variables=variables)
        assert own.exit_code == 0, own.output
    assert any(request.authorized for request in server.requests)


def test_a_token_is_for_a_server(registry: Repo, job: Path) -> None:
    result = run_event("--repo", str(registry.path), "--token-env", "READ_TOKEN", TAG, variables={"READ_TOKEN": "t"})
    assert result.stderr.startswith(
        f"error: The repository at {str(registry.path)!r} is on this machine, so no token is "
    )


@pytest.mark.parametrize("known", [True, False])
def test_the_certificates_of_a_gitlab_of_ones_own(
    known: bool, registry: Repo, srv: Path, job: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GIT_SSL_CAINFO", raising=False)
    authority = Authority(tmp_path / "authority")
    with GitServer(srv, token="s3cret", user="gitlab-ci-token", tls=authority.server()) as server:
        variables = RUNS["gitlab"].variables(server.url, TAG, job)
        result = run_event(variables={**variables, **({"CI_SERVER_TLS_CA_FILE": str(authority.file)} if known else {})})
    assert (result.exit_code, "certificate" in result.stderr) == (0 if known else 1, not known)


def test_a_token_is_for_http(job: Path) -> None:
    variables = {**RUNS["circleci"].variables("ssh://git@git.invalid", TAG, job), "READ_TOKEN": "t"}
    result = run_event("--token-env", "READ_TOKEN", variables=variables)
    assert result.stderr == (
        "error: The address 'ssh://git.invalid/o/r' does not use HTTP, so no token can be sent to it. "
        "Name the https:// address with --repo, or leave out --token-env.\n"
    )


def test_origin_is_asked_where_no_variable_has_the_address(registry: Repo, clone: Path) -> None:
    subprocess.run(["git", "config", "remote.origin.url", registry.path.as_uri()], check=True)
    result = run_event(variables={"JENKINS_HOME": "/j", "TAG_NAME": TAG})
    assert result.exit_code == 0, result.output


def test_neither_an_address_nor_an_origin(job: Path) -> None:
    result = run_event(variables={"JENKINS_HOME": "/j", "TAG_NAME": TAG})
    assert result.exit_code == 1
    assert result.stderr == (
        f"error: There is no repository with a remote 'origin' at {str(job)!r}. "
        "Run it in a clone, or name the repository with --repo.\n"
    )


def test_a_tag_that_was_moved_since_it_started_the_run(registry: Repo, srv: Path, job: Path) -> None:
    with GitServer(srv, token="s3cret", user="gitlab-ci-token") as server:
        variables = {**RUNS["gitlab"].variables(server.url, TAG, job), "CI_COMMIT_SHA": "a" * 40}
        moved = run_event(variables=variables)
        asked = run_event("churn#prod#1", variables=variables)
    assert moved.exit_code == 1
    assert f"The tag {TAG!r} has been moved since it triggered this run, from commit aaaaaaa to " in moved.stderr
    assert asked.exit_code == 0


def test_a_tag_that_is_not_there(registry: Repo, srv: Path, job: Path) -> None:
    with GitServer(srv, token="s3cret", user="gitlab-ci-token") as server:
        result = run_event(variables=RUNS["gitlab"].variables(server.url, "churn@v7.0.0", job))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.splitlines()[-1] == (
        f"error: The repository '{server.url}/o/r.git' has no tag 'churn@v7.0.0': it was deleted, or never pushed. "
        "Push the tag, or name another REF."
    )


def test_a_server_that_is_none(srv: Path, job: Path) -> None:
    with GitServer(srv) as server:
        server.answer(200, headers={"Content-Type": "text/html"}, body=b"<html>")
        result = run_event(variables=RUNS["gitlab"].variables(server.url, TAG, job))
    assert result.exit_code == 1
    assert "does not answer like a git server, but with 'text/html'" in result.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"CI_COMMIT_BRANCH": "main"}, "CI_COMMIT_TAG is not set: this pipeline is for the branch 'main'."),
        ({"CI_MERGE_REQUEST_IID": "7"}, "CI_COMMIT_TAG is not set: this pipeline is for the merge request !7."),
        ({"CI_COMMIT_TAG": "v1.0.0"}, "The tag 'v1.0.0' is not a GTO tag."),
        (
            {"CI_COMMIT_TAG": "churn@1.0.0"},
            "The tag 'churn@1.0.0' is not a GTO tag. All outputs are empty. If you meant 'churn@v1.0.0', make it with gto, ",
        ),
    ],
    ids=str,
)
def test_no_event_is_an_answer_and_nobody_is_asked(variables: dict[str, str], said: str, job: Path) -> None:
    result = run_event(variables={"GITLAB_CI": "true", "CI_PROJECT_URL": "https://gitlab.invalid/o/r", **variables})
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith(said)
    assert (job / "gto.env").read_text() == "".join(f"GTO_{name}=\n" for name in NAMES)
    assert json.loads((job / "gto.json").read_text())["event"] == ""


@pytest.mark.parametrize(
    ("variables", "arguments", "code", "said"),
    [
        ({}, (), 1, "No variable says which tag this run is about, nor which CI system this is."),
        (
            {"GITLAB_CI": "true", "JENKINS_URL": "x"},
            (),
            1,
            "The environment looks like 2 CI systems: GitLab by GITLAB_CI ",
        ),
        (
            {"TEAMCITY_VERSION": "1"},
            (),
            1,
            "TeamCity has no variable that says which tag this is. Let the parameter env.GTO_ACTION_EVENT_REF be ",
        ),
        ({}, ("--ci", "gitlabb", "x"), 2, "Invalid value for '--ci': 'gitlabb' is not one of 'auto', 'gitlab', "),
    ],
    ids=str,
)
def test_nobody_knows_which_system(
    variables: dict[str, str], arguments: tuple[str, ...], code: int, said: str, job: Path
) -> None:
    result = run_event(*arguments, variables=variables)
    assert (result.exit_code, result.stdout) == (code, "")
    assert said in result.stderr
    assert not [*job.iterdir()]


@pytest.mark.parametrize("key", ["gitlab", "azure", "jenkins", "github"])
@pytest.mark.parametrize("setting", ["url.{}/.insteadof", "http.proxy"])
def test_what_an_earlier_job_left_in_the_clone_gets_no_token(
    key: str, setting: str, registry: Repo, srv: Path, clone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """GitLab's component has `GIT_STRATEGY: none`: the folder is as the job before left it."""
    for name in ("no_proxy", "NO_PROXY", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    run = RUNS[key]
    with GitServer(srv, token="s3cret", user=run.user) as server, GitServer(srv) as elsewhere:
        value = elsewhere.url if setting == "http.proxy" else f"{server.url}/"
        subprocess.run(["git", "config", setting.format(elsewhere.url), value], check=True)
        result = run_event(variables=run.variables(server.url, TAG, clone))
        assert result.exit_code == 0, result.output
        assert elsewhere.requests == []
