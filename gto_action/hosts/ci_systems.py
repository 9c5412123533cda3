"""The CI systems: for each, what its variables say about a run, and how later steps read values."""

from dataclasses import dataclass, field, replace
from typing import Final

from gto_action.hosts.formats import Format
from gto_action.render.links import BITBUCKET, GITEA, GITHUB, GITLAB, Forge

_TOKEN_ENV: Final = "name a variable that holds a token with --token-env"  # noqa: S105 - advice
USER: Final = "x-access-token"
"""The user name for a token where any will do; the word is GitHub's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """A CI system; it does not have what is empty."""

    key: str
    """As `--ci` takes it."""
    name: str
    """For people."""
    run: str = "build"
    """Its word for a run."""
    markers: tuple[str, ...] = ()
    """Variables, each of which identifies the system: `NAME` with any value, `NAME=VALUE` with this one in any case."""
    also: tuple[str, ...] = ()
    """The systems whose variables are set too, because it copies them or its runs happen inside theirs."""
    ref: str = ""
    """The variable with the tag's name, or with the full ref."""
    full: bool = False
    """Whether it has the full ref. Otherwise a name may begin with `refs/tags/` itself."""
    how: str = ""
    """Where no variable has the tag: how it is given, and not pasted into the text of a script."""
    others: tuple[tuple[str, str], ...] = ()
    """What a run without a tag is for: variables, and the words for their values."""
    commit: str = ""
    """The variable with the commit that the tag pointed to when it started the run."""
    commit_if: tuple[str, tuple[str, ...]] = ("", ())
    """A variable, and its values with which `commit` is that commit; by default it always is."""
    address: str = ""
    """The repository's address, with `{NAME}` for variables. If one is not set, the clone's `origin` counts."""
    token: str = ""
    """The variable with a token that may read the repository."""
    token_if: tuple[str, tuple[str, ...]] = ("", ())
    """A variable, and its values with which the token may read this repository; by default it always may."""
    user: str = USER
    """The user name for a token, for git over HTTP."""
    user_in: str = ""
    """The variable with the user name for the system's own token."""
    certificates: str = ""
    """The variable with the path of the certificates to trust."""
    access: str = ""
    """What to do if the repository cannot be read."""
    format: Format = Format.JSON
    """How later steps read values, unless an option says otherwise."""
    output: str = ""
    """The variable with the path of the file from which the system reads values; they are appended."""
    summary: str = ""
    """The variable with the path of the file that the system shows on the run's page; the summary is appended."""
    shows: str = ""
    """The command in the log that makes the system show a file there, before the file's path."""
    scratch: str = ""
    """The variable with the folder for that file."""
    forge: Forge | None = field(default=None, repr=False)
    """Whose pages the repository has; None if that is not known."""


_BRANCH: Final = "the branch {!r}"
_GITHUB: Final = System(
    key="github",
    name="GitHub Actions",
    run="workflow",
    markers=("GITHUB_ACTIONS=true",),
    also=("codebuild",),  # CodeBuild can be its runner
    ref="GITHUB_REF",
    full=True,
    commit="GITHUB_SHA",
    commit_if=("GITHUB_EVENT_NAME", ("push", "create", "workflow_dispatch")),  # F2
    address="{GITHUB_SERVER_URL}/{GITHUB_REPOSITORY}",
    token="GITHUB_TOKEN",  # noqa: S106 - the name of a variable
    access=(
        "Give the step 'env: GITHUB_TOKEN: ${{ github.token }}', and the job 'permissions: contents: read'; "
        f"or {_TOKEN_ENV}."
    ),
    summary="GITHUB_STEP_SUMMARY",
    forge=GITHUB,
)
SYSTEMS: Final = (
    System(
        key="gitlab",
        name="GitLab",
        run="pipeline",
        markers=("GITLAB_CI=true",),
        also=("codebuild",),
        ref="CI_COMMIT_TAG",
        others=(("CI_MERGE_REQUEST_IID", "the merge request !{}"), ("CI_COMMIT_BRANCH", _BRANCH)),
        commit="CI_COMMIT_SHA",
        address="{CI_PROJECT_URL}.git",  # without it GitLab redirects
        token="CI_JOB_TOKEN",  # noqa: S106 - the name of a variable
        user="gitlab-ci-token",
        certificates="CI_SERVER_TLS_CA_FILE",
        access=(
            "CI_JOB_TOKEN reads its own project, and those whose settings let it in "
            f"(CI/CD > Job token permissions); or {_TOKEN_ENV}."
        ),
        format=Format.DOTENV,
        forge=GITLAB,
    ),
    System(
        key="bitbucket",
        name="Bitbucket",
        run="pipeline",
        markers=("BITBUCKET_BUILD_NUMBER",),
        ref="BITBUCKET_TAG",
        others=(("BITBUCKET_PR_ID", "the pull request #{}"), ("BITBUCKET_BRANCH", _BRANCH)),
        commit="BITBUCKET_COMMIT",
        address="{BITBUCKET_GIT_HTTP_ORIGIN}",
        user="x-token-auth",
        access=f"Run it in the step's own clone, where its proxy needs no token (pipes have none), or {_TOKEN_ENV}.",
        format=Format.BITBUCKET,
        output="BITBUCKET_PIPELINES_VARIABLES_PATH",
        forge=BITBUCKET,
    ),
    System(
        key="azure",
        name="Azure Pipelines",
        run="run",
        markers=("TF_BUILD=true",),
        ref="BUILD_SOURCEBRANCH",
        full=True,
        commit="BUILD_SOURCEVERSION",
        address="{BUILD_REPOSITORY_URI}",
        token="SYSTEM_ACCESSTOKEN",  # noqa: S106 - the name of a variable
        token_if=("BUILD_REPOSITORY_PROVIDER", ("TfsGit",)),
        access=(
            "Give the step 'env: SYSTEM_ACCESSTOKEN: $(System.AccessToken)', or let 'checkout: self' have "
            f"'persistCredentials: true'; or {_TOKEN_ENV}."
        ),
        format=Format.AZURE,
        shows="##vso[task.uploadsummary]",
        scratch="AGENT_TEMPDIRECTORY",
    ),
    System(
        key="jenkins",
        name="Jenkins",
        markers=("JENKINS_URL", "JENKINS_HOME"),
        ref="TAG_NAME",
        others=(("CHANGE_ID", "the pull request {}"), ("BRANCH_NAME", _BRANCH)),
        commit="GIT_COMMIT",
        address="{GIT_URL}",
        token="GIT_PASSWORD",  # noqa: S106 - the name of a variable
        user_in="GIT_USERNAME",
        access=f"Run it within 'withCredentials([gitUsernamePassword(…)])' or 'sshagent', or {_TOKEN_ENV}.",
    ),
    System(
        key="circleci",
        name="CircleCI",
        run="job",
        markers=("CIRCLECI=true",),
        ref="CIRCLE_TAG",
        others=(("CIRCLE_PULL_REQUEST", "the pull request {}"), ("CIRCLE_BRANCH", _BRANCH)),
        commit="CIRCLE_SHA1",
        address="{CIRCLE_REPOSITORY_URL}",
        access=f"Run it after 'checkout', whose key git uses; or {_TOKEN_ENV}.",
        format=Format.SH,
        output="BASH_ENV",
    ),
    System(
        key="buildkite",
        name="Buildkite",
        markers=("BUILDKITE=true",),
        also=("codebuild",),
        ref="BUILDKITE_TAG",
        others=(("BUILDKITE_PULL_REQUEST", "the pull request {}"), ("BUILDKITE_BRANCH", _BRANCH)),
        commit="BUILDKITE_COMMIT",
        address="{BUILDKITE_REPO}",
        access=f"Run it where the agent's own git can read the repository, or {_TOKEN_ENV}.",
    ),
    System(
        key="woodpecker",
        name="Woodpecker",
        run="pipeline",
        markers=("CI=woodpecker",),
        ref="CI_COMMIT_TAG",
        others=(("CI_COMMIT_PULL_REQUEST", "the pull request {}"), ("CI_COMMIT_BRANCH", _BRANCH)),
        commit="CI_COMMIT_SHA",
        address="{CI_REPO_CLONE_URL}",
        access=f"Give the step a secret with a token, and {_TOKEN_ENV}.",
        format=Format.SH,
    ),
    System(
        key="drone",
        name="Drone",
        markers=("DRONE=true",),
        ref="DRONE_TAG",
        others=(("DRONE_PULL_REQUEST", "the pull request {}"), ("DRONE_BRANCH", _BRANCH)),
        commit="DRONE_COMMIT_SHA",
        address="{DRONE_GIT_HTTP_URL}",
        access=f"Give the step a secret with a token, and {_TOKEN_ENV}.",
        format=Format.SH,
    ),
    System(
        key="codebuild",
        name="AWS CodeBuild",
        markers=("CODEBUILD_BUILD_ID",),
        ref="CODEBUILD_WEBHOOK_HEAD_REF",
        full=True,
        commit="CODEBUILD_RESOLVED_SOURCE_VERSION",
        address="{CODEBUILD_SOURCE_REPO_URL}",
        access=f"Let the buildspec's 'env' have 'git-credential-helper: yes', or {_TOKEN_ENV}.",
        format=Format.SH,
    ),
    System(
        key="cloudbuild",
        name="Google Cloud Build",
        how="Let the step have 'automapSubstitutions: true', and give $TAG_NAME as REF.",
        access=f"{_TOKEN_ENV.capitalize()}: a 'secretEnv' of the step.",
        format=Format.SH,
    ),
    System(
        key="tekton",
        name="Tekton",
        how="Let GTO_ACTION_EVENT_REF be $(params.tag) in the step's 'env'.",
        access=f"Run it in a workspace that holds the clone and its credentials, or {_TOKEN_ENV}.",
        format=Format.DIR,
    ),
    System(
        key="teamcity",
        name="TeamCity",
        markers=("TEAMCITY_VERSION",),
        how="Let the parameter env.GTO_ACTION_EVENT_REF be %teamcity.build.branch%.",
        access=f"{_TOKEN_ENV.capitalize()}: a parameter 'env.NAME'.",
    ),
    _GITHUB,
    # Both set what GitHub sets and a variable of their own; Forgejo's runner sets Gitea's too.
    replace(_GITHUB, key="gitea", name="Gitea Actions", markers=("GITEA_ACTIONS=true",), also=("github",), forge=GITEA),
    replace(
        _GITHUB,
        key="forgejo",
        name="Forgejo Actions",
        markers=("FORGEJO_ACTIONS=true",),
        also=("gitea", "github"),
        forge=GITEA,
    ),
)
"""Each once, in any order."""

BY_KEY: Final = {system.key: system for system in SYSTEMS}
