"""What GitHub's runner says of a run in the variables of the environment: `INPUT_*`, `GITHUB_*` and a few more."""

import re
from collections.abc import Mapping
from typing import Final, TypeVar
from urllib.parse import urlsplit

from gto_action.errors import InputError
from gto_action.git.address import shown
from gto_action.job.declared import IsInputs, inputs_of, read
from gto_action.job.environment import Environment
from gto_action.job.inputs import AnswerInputs, CatchUpInputs, DeploymentInputs

_GITHUB: Final = "https://github.com"
_API: Final = "https://api.github.com"
_Inputs = TypeVar("_Inputs", bound=IsInputs)
_ACTION: Final = "gto-action/gto-action"
_FOLDERS: Final[dict[type[IsInputs], str]] = {
    AnswerInputs: _ACTION,
    CatchUpInputs: f"{_ACTION}/catch-up",
    DeploymentInputs: f"{_ACTION}/deployment",
}
# Inputs that there were when all was one action.
_GONE: Final = {
    "catch-up": f"Use the action {_ACTION}/catch-up@v3.",
    "deployments": f"Use the action {_ACTION}/deployment@v3.",
    "scope": "Leave it out: what is fetched follows from what 'show' and 'history' ask for.",
    "remote": "The name of a DVC remote goes into the input 'dvc-remote'.",
}
_repository = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)


def read_inputs(kind: type[_Inputs], environ: Mapping[str, str]) -> _Inputs:
    """Reads `INPUT_*` as an action declares them; the runner names them in upper case, hyphens kept.

    As variables and not as `args`, which a backslash breaks (F1).

    :raises InputError: if an input does not take its text, or is another action's.
    """
    own = {declared.name for declared in inputs_of(kind)}
    for name, hint in _elsewhere().items():
        if name not in own and (text := environ.get(_variable(name), "").strip()):
            raise InputError(f"This action has no input {name!r}, which is {text!r}.", hint)
    return read(kind, {name: environ[_variable(name)] for name in own if _variable(name) in environ})


def _elsewhere() -> dict[str, str]:
    """What to do about each input that an action has, or had: the runner only warns of those it does not know."""
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
        certificates=environ.get("GIT_SSL_CAINFO", ""),  # as git has it
        # OWNER/NAME/.github/workflows/FILE@REF
        workflow=environ.get("GITHUB_WORKFLOW_REF", "").partition("@")[0].rpartition("/")[2],
        cache_path=environ.get("XDG_CACHE_HOME", "") or _below(environ.get("HOME", ""), ".cache"),
        variables=environ,
        gto={name: value for name, value in environ.items() if name.startswith("GTO_")},
    )


def api_address(environment: Environment) -> str:
    """The address of GitHub's REST API, for those who ask it.

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
        raise InputError(f"GITHUB_API_URL cannot be {shown(url)!r}.", "It takes an address with https://.")
    return shown(url)


def _below(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else ""


def _repository_url(server: str, repository: str) -> str:
    if not repository:
        return ""
    if not _repository.fullmatch(repository) or {".", ".."} & set(repository.split("/")):
        raise InputError(f"GITHUB_REPOSITORY cannot be {repository!r}.", "It takes 'OWNER/NAME'.")
    try:
        scheme, host, *_ = urlsplit(server)
    except ValueError:
        scheme = host = ""
    if scheme not in {"http", "https", "file"} or (scheme != "file" and not host):
        raise InputError(
            f"GITHUB_SERVER_URL cannot be {shown(server)!r}.", "It takes an address with https://, http:// or file://."
        )
    return f"{scheme}{server.rstrip('/')[len(scheme) :]}/{repository}"  # git does not know HTTP://
