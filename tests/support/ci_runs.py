"""Runs of CI systems for a tag, with the variables that they set, and what later steps read then."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner, Result

from gto_action.answer.document import NAMES as OUTPUTS
from gto_action.cli import commands
from tests.support import ci_readers

Read = Callable[[Path, Result], Mapping[str, str]]
Event = Callable[..., Result]


def run_event(*arguments: str, variables: Mapping[str, str]) -> Result:
    """The command in this process, in whose environment there are these variables too."""
    return CliRunner().invoke(commands.group, ["event", *arguments], obj=variables, env=variables)


@dataclass(frozen=True, kw_only=True)
class CiRun:
    """A run in a CI system."""

    variables: Callable[[str, str, Path], Mapping[str, str]]
    """From the server's address, the tag and the workspace: the repository is `o/r`."""
    read: Read
    """What later steps read, in the workspace."""
    user: str = ""
    """Whom the token belongs to that the system gives; empty if it gives none."""
    arguments: tuple[str, ...] = ()


def _shell(file: str) -> Read:
    def read(workspace: Path, _: Result) -> Mapping[str, str]:
        names = [f"GTO_{name}" for name in NAMES]
        return ci_readers.shell("dash", (workspace / file).read_text(), names, workspace)

    return read


def _actions(server: str, tag: str) -> dict[str, str]:
    return {
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_NAME": "push",
        "GITHUB_REF": f"refs/tags/{tag}",
        "GITHUB_REPOSITORY": "o/r",
        "GITHUB_SERVER_URL": server,
        "GITHUB_TOKEN": "s3cret",
    }


def _document(workspace: Path, _: Result) -> Mapping[str, str]:
    return ci_readers.document((workspace / "gto.json").read_text())


def _folder(workspace: Path, _: Result) -> Mapping[str, str]:
    texts = {each.name: each.read_bytes().decode() for each in (workspace / "results").iterdir()}
    return {f"GTO_{name.replace('-', '_').upper()}": text for name, text in texts.items()}


NAMES = tuple(name.replace("-", "_").upper() for name in OUTPUTS if name not in ci_readers.DOCUMENTS)
RUNS = {
    "gitlab": CiRun(
        variables=lambda server, tag, _: {
            "GITLAB_CI": "true",
            "CI_COMMIT_TAG": tag,
            "CI_JOB_TOKEN": "s3cret",
            "CI_PROJECT_URL": f"{server}/o/r",
        },
        read=lambda workspace, _: ci_readers.gitlab((workspace / "gto.env").read_bytes()),
        user="gitlab-ci-token",
    ),
    "bitbucket": CiRun(
        variables=lambda server, tag, workspace: {
            "BITBUCKET_BUILD_NUMBER": "1",
            "BITBUCKET_GIT_HTTP_ORIGIN": f"{server}/o/r",
            "BITBUCKET_PIPELINES_VARIABLES_PATH": str(workspace / "variables"),
            "BITBUCKET_TAG": tag,
        },
        read=lambda workspace, _: ci_readers.bitbucket((workspace / "variables").read_bytes()),
    ),
    "azure": CiRun(
        variables=lambda server, tag, _: {
            "TF_BUILD": "True",
            "BUILD_REPOSITORY_PROVIDER": "TfsGit",
            "BUILD_REPOSITORY_URI": f"{server.replace('://', '://acme@')}/o/r",
            "BUILD_SOURCEBRANCH": f"refs/tags/{tag}",
            "SYSTEM_ACCESSTOKEN": "s3cret",
        },
        read=lambda _, result: ci_readers.azure(result.stdout)[1],
        user="x-access-token",
    ),
    "jenkins": CiRun(
        variables=lambda server, tag, _: {
            "GIT_PASSWORD": "s3cret",
            "GIT_URL": f"{server}/o/r",
            "GIT_USERNAME": "ada",
            "JENKINS_URL": "https://j",
            "TAG_NAME": tag,
        },
        read=_document,
        user="ada",
    ),
    "circleci": CiRun(
        variables=lambda server, tag, workspace: {
            "CIRCLECI": "true",
            "BASH_ENV": str(workspace / "bash_env"),
            "CIRCLE_REPOSITORY_URL": f"{server}/o/r",
            "CIRCLE_TAG": tag,
        },
        read=_shell("bash_env"),
    ),
    "buildkite": CiRun(
        variables=lambda server, tag, _: {
            "BUILDKITE": "true",
            "BUILDKITE_COMMIT": "HEAD",
            "BUILDKITE_REPO": f"{server}/o/r",
            "BUILDKITE_TAG": tag,
        },
        read=_document,
    ),
    "woodpecker": CiRun(
        variables=lambda server, tag, _: {
            "CI": "woodpecker",
            "CI_COMMIT_TAG": tag,
            "CI_REPO_CLONE_URL": f"{server}/o/r.git",
        },
        read=_shell("gto.sh"),
    ),
    "drone": CiRun(
        variables=lambda server, tag, _: {"DRONE": "true", "DRONE_TAG": tag, "DRONE_GIT_HTTP_URL": f"{server}/o/r.git"},
        read=_shell("gto.sh"),
    ),
    "codebuild": CiRun(
        variables=lambda server, tag, _: {
            "CODEBUILD_BUILD_ID": "b:1",
            "CODEBUILD_SOURCE_REPO_URL": f"{server}/o/r",
            "CODEBUILD_WEBHOOK_HEAD_REF": f"refs/tags/{tag}",
        },
        read=_shell("gto.sh"),
    ),
    "cloudbuild": CiRun(
        variables=lambda *_: {},
        read=_shell("gto.sh"),
        arguments=("--ci", "cloudbuild", "{tag}"),
    ),
    "tekton": CiRun(
        variables=lambda *_: {},
        read=_folder,
        arguments=("--ci", "tekton", "--output", "results", "{tag}"),
    ),
    "teamcity": CiRun(
        variables=lambda *_: {"TEAMCITY_VERSION": "2025.11"},
        read=_document,
        arguments=("{tag}",),
    ),
    "github": CiRun(variables=lambda server, tag, _: _actions(server, tag), read=_document, user="x-access-token"),
    "gitea": CiRun(
        variables=lambda server, tag, _: _actions(server, tag) | {"GITEA_ACTIONS": "true"},
        read=_document,
        user="x-access-token",
    ),
    "forgejo": CiRun(
        variables=lambda server, tag, _: _actions(server, tag) | {"GITEA_ACTIONS": "true", "FORGEJO_ACTIONS": "true"},
        read=_document,
        user="x-access-token",
    ),
}
