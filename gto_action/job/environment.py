"""What the runner says of the run: read once, typed, validated."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from gto_action.errors import InputError
from gto_action.git.address import shown

_GITHUB: Final = "https://github.com"
_API: Final = "https://api.github.com"
_repository = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """What the runner says of the run; whatever it does not say is empty."""

    event_name: str
    event_path: str
    """The file with the payload of the event that triggered the run."""
    ref: str
    sha: str
    """The commit the run is for: that of the tag when it was pushed."""
    repository_url: str
    """Where the tags are; empty for the `origin` of the repository in the working directory."""
    repository: str
    """`OWNER/NAME`; empty if the runner does not say."""
    api_url: str
    """Of GitHub's REST API, whatever it is; see `api`."""
    certificates: str
    """The file with the certificates that are trusted beside no other; empty for those that the image has."""
    workflow: str
    """The name of the running workflow's file; empty if the runner does not say."""
    output_path: str
    summary_path: str
    debug: bool
    """Whether debug logging is on."""
    colour: bool
    """Whether lines of the log may be in colour or bold."""
    cache_path: str
    """A folder that may last from run to run; empty if there is none."""
    variables: Mapping[str, str] = field(repr=False)
    """All of them: for DVC, whose credentials they may be."""
    gto: Mapping[str, str]
    """The variables GTO_…, which are gto's own (R28)."""

    @property
    def api(self) -> str:
        """The address of GitHub's REST API, for those who ask it.

        :raises InputError: if it is none.
        """
        try:
            parts = urlsplit(self.api_url)
            known = parts.scheme in {"http", "https"} and bool(parts.hostname) and not parts.query + parts.fragment
            known = known and "@" not in parts.path
        except ValueError:
            known = False
        if not known:
            raise InputError(f"GITHUB_API_URL cannot be {shown(self.api_url)!r}.", "It takes an address with https://.")
        return shown(self.api_url)

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "Environment":
        """Reads `GITHUB_*`.

        :raises InputError: if one of them is missing or cannot be used.
        """
        output_path = environ.get("GITHUB_OUTPUT", "")
        if not output_path:
            raise InputError(
                "GITHUB_OUTPUT is not set, so the outputs have nowhere to go.",
                "Run the action as a step of a workflow, or set GITHUB_OUTPUT to the path of a file.",
            )
        return cls(
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
            output_path=output_path,
            summary_path=environ.get("GITHUB_STEP_SUMMARY", ""),
            debug=environ.get("RUNNER_DEBUG", "") == "1",
            colour=not environ.get("NO_COLOR", ""),
            cache_path=environ.get("XDG_CACHE_HOME", "") or _below(environ.get("HOME", ""), ".cache"),
            variables=environ,
            gto={name: value for name, value in environ.items() if name.startswith("GTO_")},
        )


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
