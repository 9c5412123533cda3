"""Reads what GitHub's runner says about a run in environment variables: `INPUT_*`, `GITHUB_*` and a few more."""

import re
from collections.abc import Mapping
from typing import Final, TypeVar
from urllib.parse import urlsplit

from gto_action.errors import InputError
from gto_action.git.address import shown
from gto_action.job.declared import IsInputs, inputs_of, read
from gto_action.job.environment import Environment
from gto_action.job.inputs import AnswerInputs, CatchUpInputs, DeploymentInputs, PageInputs
from gto_action.published import REPOSITORY

_GITHUB: Final = "https://github.com"
_API: Final = "https://api.github.com"
_Inputs = TypeVar("_Inputs", bound=IsInputs)
_FOLDERS: Final[dict[type[IsInputs], str]] = {
    AnswerInputs: REPOSITORY,
    CatchUpInputs: f"{REPOSITORY}/catch-up",
    DeploymentInputs: f"{REPOSITORY}/deployment",
    PageInputs: f"{REPOSITORY}/page",
}
# Inputs from the time when there was only one action.
_GONE: Final = {
    "catch-up": f"Use the action {REPOSITORY}/catch-up@v3.",
    "deployments": f"Use the action {REPOSITORY}/deployment@v3.",
    "scope": "Remove it; 'show' and 'history' decide which tags are fetched.",
    "remote": "Use the input 'dvc-remote' for the name of a DVC remote.",
}
_repository = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)


def read_inputs(kind: type[_Inputs], environ: Mapping[str, str]) -> _Inputs:
    """Reads `INPUT_*` as an action declares them; the runner writes their names in upper case and keeps hyphens.

    They come as variables, not as `args`, which a backslash breaks (F1).

    :raises InputError: if the text of an input is not allowed, or the input belongs to another action.
    """
    own = {declared.name for declared in inputs_of(kind)}
    for name, hint in _elsewhere().items():
        if name not in own and (text := environ.get(_variable(name), "").strip()):
            raise InputError(f"The input {name!r} is {text!r}, but this action has no such input.", hint)
    return read(kind, {name: environ[_variable(name)] for name in own if _variable(name) in environ})


def _elsewhere() -> dict[str, str]:
    """The hint for every input that an action has or had; the runner itself only warns about unknown inputs."""
    owners: dict[str, list[str]] = {}
    for kind, folder in _FOLDERS.items():
        for declared in inputs_of(kind):
            owners.setdefault(declared.name, []).append(f"{folder}@v3")
    others = {name: f"It is an input of {' and '.join(folders)}." for name, folders in owners.items()}
    return others | _GONE


def _variable(name: str) -> str:
    return f"INPUT_{name.upper()}"


def read_environment(environ: Mapping[str, str]) -> Environment:
    """Reads `GITHUB_*`.

    :raises InputError: if one of them is missing or cannot be used.
    """
    if not environ.get("GITHUB_OUTPUT", ""):
        raise InputError(
            "GITHUB_OUTPUT is not set, so the outputs have nowhere to go.",
            "Run the action as a step of a workflow, or set GITHUB_OUTPUT to the path of a file.",
        )
    return Environment(
        event_name=environ.get("GITHUB_EVENT_NAME", ""),
        event_path=environ.get("GITHUB_EVENT_PATH", ""),
        ref=environ.get("GITHUB_REF", ""),
        sha=environ.get("GITHUB_SHA", ""),
        repository_url=_repository_url(
            environ.get("GITHUB_SERVER_URL", "") or _GITHUB, environ.get("GITHUB_REPOSITORY", "")
        ),
        repository=environ.get("GITHUB_REPOSITORY", ""),
        api_url=(environ.get("GITHUB_API_URL", "") or _API).rstrip("/"),
        certificates=environ.get("GIT_SSL_CAINFO", ""),  # as in git
        # OWNER/NAME/.github/workflows/FILE@REF
        workflow=environ.get("GITHUB_WORKFLOW_REF", "").partition("@")[0].rpartition("/")[2],
        cache_path=environ.get("XDG_CACHE_HOME", "") or _below(environ.get("HOME", ""), ".cache"),
        variables=environ,
        gto={name: value for name, value in environ.items() if name.startswith("GTO_")},
    )


def api_address(environment: Environment) -> str:
    """The address of GitHub's REST API, checked.

    :raises InputError: if it is not an address.
    """
    url = environment.api_url
    try:
        parts = urlsplit(url)
        known = parts.scheme in {"http", "https"} and bool(parts.hostname) and not parts.query + parts.fragment
        known = known and "@" not in parts.path
    except ValueError:
        known = False
    if not known:
        raise InputError(f"GITHUB_API_URL cannot be {shown(url)!r}.", "Use an address with https://.")
    return shown(url)


def _below(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else ""


def _repository_url(server: str, repository: str) -> str:
    if not repository:
        return ""
    if not _repository.fullmatch(repository) or {".", ".."} & set(repository.split("/")):
        raise InputError(f"GITHUB_REPOSITORY cannot be {repository!r}.", "Use 'OWNER/NAME'.")
    try:
        scheme, host, *_ = urlsplit(server)
    except ValueError:
        scheme = host = ""
    if scheme not in {"http", "https", "file"} or (scheme != "file" and not host):
        raise InputError(
            f"GITHUB_SERVER_URL cannot be {shown(server)!r}.", "Use an address with https://, http:// or file://."
        )
    return f"{scheme}{server.rstrip('/')[len(scheme) :]}/{repository}"  # git does not know HTTP://
