"""What a CI system's variables say: a row of real ones for each, with where they are described."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from gto_action.errors import InputError
from gto_action.hosts.ci_run import Credentials, address_of, credentials_of, system_of, trigger_of
from gto_action.hosts.ci_systems import BY_KEY, SYSTEMS
from gto_action.job.trigger import OfNothing, OfTag

TAG, SHA = "churn#prod#4", "8a1e" * 10


@dataclass(frozen=True, kw_only=True)
class Run:
    """The variables of a run for a tag, and what is read from them."""

    source: str
    variables: Mapping[str, str]
    address: str = "https://git.example.com/acme/models"
    token: str = ""
    user: str = "x-access-token"
    sha: str = SHA
    other: Mapping[str, str] = field(default_factory=dict)
    """What is there instead in a run without a tag; an empty variable is not there."""
    reason: str = ""


GITHUB = {
    "CI": "true",
    "GITHUB_ACTIONS": "true",
    "GITHUB_EVENT_NAME": "push",
    "GITHUB_REF": f"refs/tags/{TAG}",
    "GITHUB_SHA": SHA,
    "GITHUB_SERVER_URL": "https://git.example.com",
    "GITHUB_REPOSITORY": "acme/models",
    "GITHUB_TOKEN": "t0ken",
}
BRANCH = {"GITHUB_REF": "refs/heads/main"}
NO_TAG = "GITHUB_REF is 'refs/heads/main', which is not a tag."
RUNS = {
    "gitlab": Run(
        source="https://docs.gitlab.com/ci/variables/predefined_variables/",
        variables={
            "CI": "true",
            "GITLAB_CI": "true",
            "CI_COMMIT_REF_NAME": TAG,
            "CI_COMMIT_SHA": SHA,
            "CI_COMMIT_TAG": TAG,
            "CI_JOB_TOKEN": "t0ken",
            "CI_PROJECT_URL": "https://git.example.com/acme/models",
            "CI_REPOSITORY_URL": "https://gitlab-ci-token:t0ken@git.example.com/acme/models.git",
        },
        address="https://git.example.com/acme/models.git",
        token="t0ken",
        user="gitlab-ci-token",
        other={"CI_COMMIT_TAG": "", "CI_COMMIT_BRANCH": "main"},
        reason="CI_COMMIT_TAG is not set: this pipeline is for the branch 'main'.",
    ),
    "bitbucket": Run(
        source="https://support.atlassian.com/bitbucket-cloud/docs/variables-and-secrets/",
        variables={
            "CI": "true",
            "BITBUCKET_BUILD_NUMBER": "12",
            "BITBUCKET_COMMIT": SHA,
            "BITBUCKET_GIT_HTTP_ORIGIN": "http://bitbucket.org/acme/models",
            "BITBUCKET_REPO_FULL_NAME": "acme/models",
            "BITBUCKET_TAG": TAG,
        },
        address="http://bitbucket.org/acme/models",
        user="x-token-auth",
        other={"BITBUCKET_TAG": "", "BITBUCKET_BRANCH": "main"},
        reason="BITBUCKET_TAG is not set: this pipeline is for the branch 'main'.",
    ),
    "azure": Run(
        source="https://learn.microsoft.com/azure/devops/pipelines/build/variables",
        variables={
            "TF_BUILD": "True",
            "BUILD_REASON": "IndividualCI",
            "BUILD_REPOSITORY_PROVIDER": "TfsGit",
            "BUILD_REPOSITORY_URI": "https://acme@dev.azure.com/acme/ml/_git/models",
            "BUILD_SOURCEBRANCH": f"refs/tags/{TAG}",
            "BUILD_SOURCEBRANCHNAME": TAG,
            "BUILD_SOURCEVERSION": SHA,
            "SYSTEM_ACCESSTOKEN": "t0ken",
        },
        address="https://acme@dev.azure.com/acme/ml/_git/models",
        token="t0ken",
        other={"BUILD_SOURCEBRANCH": "refs/pull/7/merge"},
        reason="BUILD_SOURCEBRANCH is 'refs/pull/7/merge', which is not a tag.",
    ),
    "jenkins": Run(
        source="https://www.jenkins.io/doc/book/pipeline/multibranch/ and https://plugins.jenkins.io/git/",
        variables={
            "BUILD_NUMBER": "12",
            "GIT_COMMIT": SHA,
            "GIT_URL": "https://git.example.com/acme/models",
            "GIT_PASSWORD": "t0ken",  # within withCredentials([gitUsernamePassword(…)])
            "GIT_USERNAME": "ada",
            "JENKINS_URL": "https://jenkins.example.com/",
            "TAG_NAME": TAG,
            "BRANCH_NAME": TAG,
        },
        token="t0ken",
        user="ada",
        other={"TAG_NAME": "", "BRANCH_NAME": "PR-7", "CHANGE_ID": "7"},
        reason="TAG_NAME is not set: this build is for the pull request 7.",
    ),
    "circleci": Run(
        source="https://circleci.com/docs/reference/variables/",
        variables={
            "CI": "true",
            "CIRCLECI": "true",
            "CIRCLE_REPOSITORY_URL": "git@github.com:acme/models.git",
            "CIRCLE_SHA1": SHA,
            "CIRCLE_TAG": TAG,
        },
        address="git@github.com:acme/models.git",
        other={"CIRCLE_TAG": "", "CIRCLE_BRANCH": "main"},
        reason="CIRCLE_TAG is not set: this job is for the branch 'main'.",
    ),
    "buildkite": Run(
        source="https://buildkite.com/docs/pipelines/configure/environment-variables",
        variables={
            "CI": "true",
            "BUILDKITE": "true",
            "BUILDKITE_BRANCH": TAG,
            "BUILDKITE_COMMIT": "HEAD",
            "BUILDKITE_PULL_REQUEST": "false",
            "BUILDKITE_REPO": "git@git.example.com:acme/models.git",
            "BUILDKITE_TAG": TAG,
        },
        address="git@git.example.com:acme/models.git",
        sha="",
        other={"BUILDKITE_TAG": "", "BUILDKITE_BRANCH": "main"},
        reason="BUILDKITE_TAG is not set: this build is for the branch 'main'.",
    ),
    "woodpecker": Run(
        source="https://woodpecker-ci.org/docs/usage/environment",
        variables={
            "CI": "woodpecker",
            "CI_COMMIT_SHA": SHA,
            "CI_COMMIT_TAG": TAG,
            "CI_PIPELINE_EVENT": "tag",
            "CI_REPO_CLONE_URL": "https://git.example.com/acme/models.git",
        },
        address="https://git.example.com/acme/models.git",
        other={"CI_COMMIT_TAG": "", "CI_COMMIT_PULL_REQUEST": "7", "CI_COMMIT_BRANCH": "main"},
        reason="CI_COMMIT_TAG is not set: this pipeline is for the pull request 7.",
    ),
    "drone": Run(
        source="https://docs.drone.io/pipeline/environment/reference/",
        variables={
            "CI": "true",
            "DRONE": "true",
            "DRONE_BRANCH": "main",
            "DRONE_COMMIT_SHA": SHA,
            "DRONE_GIT_HTTP_URL": "https://git.example.com/acme/models.git",
            "DRONE_TAG": TAG,
        },
        address="https://git.example.com/acme/models.git",
        other={"DRONE_TAG": ""},
        reason="DRONE_TAG is not set: this build is for the branch 'main'.",
    ),
    "codebuild": Run(
        source="https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-env-vars.html",
        variables={
            "CODEBUILD_BUILD_ID": "models:b1e6661e-e4f2-4156-9ab9-82a19EXAMPLE",
            "CODEBUILD_RESOLVED_SOURCE_VERSION": SHA,
            "CODEBUILD_SOURCE_REPO_URL": "https://git.example.com/acme/models",
            "CODEBUILD_WEBHOOK_HEAD_REF": f"refs/tags/{TAG}",
        },
        other={"CODEBUILD_WEBHOOK_HEAD_REF": ""},
        reason="CODEBUILD_WEBHOOK_HEAD_REF is not set: this build is not for a tag.",
    ),
    "github": Run(
        source="https://docs.github.com/actions/reference/workflows-and-actions/variables",
        variables=GITHUB,
        token="t0ken",
        other=BRANCH,
        reason=NO_TAG,
    ),
    "gitea": Run(
        source="https://gitea.com/gitea/act_runner/src/branch/main/internal/app/run/runner.go",
        variables=GITHUB | {"GITEA_ACTIONS": "true"},
        token="t0ken",
        other=BRANCH,
        reason=NO_TAG,
    ),
    "forgejo": Run(
        source="https://code.forgejo.org/forgejo/runner/src/branch/main/internal/app/run/runner.go",
        variables=GITHUB | {"GITEA_ACTIONS": "true", "FORGEJO_ACTIONS": "true"},
        token="t0ken",
        other=BRANCH,
        reason=NO_TAG,
    ),
}
WITHOUT_REF = {
    # https://cloud.google.com/build/docs/configuring-builds/substitute-variable-values: not in the environment
    "cloudbuild": ("Google Cloud Build", "Let the step have 'automapSubstitutions: true', and give $TAG_NAME as REF."),
    # https://tekton.dev/docs/pipelines/tasks/: whatever the task declares
    "tekton": ("Tekton", "Let GTO_ACTION_EVENT_REF be $(params.tag) in the step's 'env'."),
    # https://www.jetbrains.com/help/teamcity/predefined-build-parameters.html
    "teamcity": ("TeamCity", "Let the parameter env.GTO_ACTION_EVENT_REF be %teamcity.build.branch%."),
}


def test_every_system_has_a_row() -> None:
    advice = "give these a run in RUNS or WITHOUT_REF here, with the variables that the vendor documents"
    assert {*RUNS, *WITHOUT_REF} == {*BY_KEY}, f"{advice}: {sorted({*RUNS, *WITHOUT_REF} ^ {*BY_KEY})}"
    assert len(BY_KEY) == len(SYSTEMS), "two rows of hosts/ci_systems.py have the same key"


@pytest.mark.parametrize("key", RUNS)
def test_a_run_for_a_tag(key: str) -> None:
    run = RUNS[key]
    system = system_of("auto", run.variables)
    assert system is BY_KEY[key], run.source
    assert trigger_of("", system, run.variables) == OfTag(TAG, run.sha)
    assert address_of(system, run.variables) == run.address
    assert credentials_of(system, "", run.variables) == Credentials(token=run.token, user=run.user)


@pytest.mark.parametrize("key", RUNS)
def test_a_run_without_a_tag(key: str) -> None:
    run = RUNS[key]
    variables = {name: value for name, value in {**run.variables, **run.other}.items() if value}
    system = system_of("auto", variables)
    assert system is BY_KEY[key]
    assert trigger_of("", system, variables) == OfNothing(run.reason)


@pytest.mark.parametrize("key", RUNS)
def test_a_tag_that_somebody_asks_for(key: str) -> None:
    run = RUNS[key]
    for asked in ("m@v1.0.0", "refs/tags/m@v1.0.0"):
        assert trigger_of(asked, BY_KEY[key], run.variables) == OfTag("m@v1.0.0")
    for same in (TAG, f"refs/tags/{TAG}"):
        assert trigger_of(same, BY_KEY[key], run.variables) == OfTag(TAG, run.sha)
    assert trigger_of("refs/heads/main", BY_KEY[key], run.variables) == OfNothing(
        "The ref 'refs/heads/main' is not a tag."
    )


@pytest.mark.parametrize("key", RUNS)
def test_a_tag_whose_name_begins_as_a_ref(key: str) -> None:
    """Git has them: the tag is none of those that its name is after."""
    run, odd = RUNS[key], f"refs/tags/{TAG}"
    own = BY_KEY[key].ref
    given = f"refs/tags/{odd}" if run.variables[own].startswith("refs/") else odd
    assert trigger_of("", BY_KEY[key], {**run.variables, own: given}) == OfTag(odd, run.sha)


@pytest.mark.parametrize("key", RUNS)
def test_a_system_is_named_against_the_variables(key: str) -> None:
    assert system_of(key, {}) is BY_KEY[key]
    assert system_of(key, RUNS["gitlab"].variables) is BY_KEY[key]


@pytest.mark.parametrize("key", WITHOUT_REF)
def test_a_system_that_does_not_say_the_tag(key: str) -> None:
    name, how = WITHOUT_REF[key]
    with pytest.raises(InputError) as caught:
        trigger_of("", BY_KEY[key], {})
    assert str(caught.value) == f"{name} has no variable that says which tag this is. {how}"
    assert trigger_of(TAG, BY_KEY[key], {}) == OfTag(TAG)


@pytest.mark.parametrize("key", ["cloudbuild", "tekton"])
def test_a_system_without_a_marker_is_never_found(key: str) -> None:
    assert not BY_KEY[key].markers


def test_teamcity_is_found() -> None:
    assert system_of("auto", {"TEAMCITY_VERSION": "2025.11"}) is BY_KEY["teamcity"]


def test_an_agent_of_jenkins_without_an_address() -> None:
    assert system_of("auto", {"JENKINS_HOME": "/var/jenkins_home"}) is BY_KEY["jenkins"]


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"CI": "true"},
        {"GITLAB_CI": "false"},  # gitlab-ci-local, which has --ci gitlab
        {"GITHUB_ACTIONS": ""},
        {"DRONE": "0"},
    ],
    ids=str,
)
def test_no_system(variables: dict[str, str]) -> None:
    assert system_of("auto", variables) is None


def test_nobody_says_which_tag() -> None:
    with pytest.raises(InputError) as caught:
        trigger_of("", None, {})
    assert str(caught.value) == (
        "No variable says which tag this run is about, nor which CI system this is. "
        "Give the tag, gto-action event REF, or name the system with --ci."
    )
    assert trigger_of(TAG, None, {}) == OfTag(TAG)


def test_two_systems_at_once() -> None:
    with pytest.raises(InputError) as caught:
        system_of("auto", {**RUNS["gitlab"].variables, **RUNS["jenkins"].variables})
    assert str(caught.value) == (
        "The environment looks like 2 CI systems: GitLab by GITLAB_CI and Jenkins by JENKINS_URL. "
        "Choose one: --ci gitlab or --ci jenkins."
    )


@pytest.mark.parametrize("key", ["github", "gitlab", "buildkite"])
def test_codebuild_may_be_the_runner_of_others(key: str) -> None:
    assert system_of("auto", {**RUNS["codebuild"].variables, **RUNS[key].variables}) is BY_KEY[key]


def test_an_unknown_system() -> None:
    with pytest.raises(InputError, match=r"^There is no CI system 'gitlabb'. Use one of gitlab, bitbucket, "):
        system_of("gitlabb", RUNS["gitlab"].variables)


@pytest.mark.parametrize("event", ["release", "workflow_run", ""])
def test_a_tag_of_which_github_does_not_say_the_commit(event: str) -> None:
    variables = GITHUB | {"GITHUB_EVENT_NAME": event}
    assert trigger_of("", BY_KEY["github"], variables) == OfTag(TAG)


def test_a_merge_request() -> None:
    variables = {"CI_MERGE_REQUEST_IID": "7", "CI_COMMIT_BRANCH": "main"}
    reason = "CI_COMMIT_TAG is not set: this pipeline is for the merge request !7."
    assert trigger_of("", BY_KEY["gitlab"], variables) == OfNothing(reason)


@pytest.mark.parametrize("key", BY_KEY)
def test_an_address_of_which_a_part_is_missing(key: str) -> None:
    assert not address_of(BY_KEY[key], {})
    assert not address_of(BY_KEY["github"], {"GITHUB_SERVER_URL": "https://github.com"})


def test_a_token_of_azure_is_for_its_own_repositories() -> None:
    variables = {**RUNS["azure"].variables, "BUILD_REPOSITORY_PROVIDER": "GitHub"}
    assert not credentials_of(BY_KEY["azure"], "", variables).token


def test_jenkins_without_credentials() -> None:
    assert credentials_of(BY_KEY["jenkins"], "", {"GIT_URL": "x"}) == Credentials()


def test_the_user_of_another_token_is_not_that_of_jenkins_own() -> None:
    variables = {"GIT_USERNAME": "ada", "GIT_PASSWORD": "other", "READ_TOKEN": "t0ken"}
    assert credentials_of(BY_KEY["jenkins"], "READ_TOKEN", variables) == Credentials(token="t0ken")


def test_a_token_that_is_not_mapped() -> None:
    assert not credentials_of(BY_KEY["azure"], "", {"BUILD_REPOSITORY_PROVIDER": "TfsGit"}).token


@pytest.mark.parametrize(
    ("key", "user"),
    [
        ("gitlab", "gitlab-ci-token"),
        ("bitbucket", "x-token-auth"),
        ("circleci", "x-access-token"),
        (None, "x-access-token"),
    ],
)
def test_a_variable_with_a_token(key: str | None, user: str) -> None:
    system = BY_KEY[key] if key else None
    variables = {"READ_TOKEN": " t0ken\n", "CI_JOB_TOKEN": "other"}
    assert credentials_of(system, "READ_TOKEN", variables) == Credentials(token="t0ken", user=user)


@pytest.mark.parametrize("variables", [{}, {"READ_TOKEN": ""}, {"READ_TOKEN": " "}], ids=str)
def test_a_variable_without_the_token_that_it_should_hold(variables: dict[str, str]) -> None:
    with pytest.raises(InputError) as caught:
        credentials_of(BY_KEY["gitlab"], "READ_TOKEN", {**variables, "CI_JOB_TOKEN": "other"})
    assert str(caught.value) == "The variable 'READ_TOKEN', which --token-env names, is not set. Set it to a token."


def test_a_token_is_not_told() -> None:
    assert "t0ken" not in repr(credentials_of(BY_KEY["gitlab"], "", RUNS["gitlab"].variables))
