"""Asks DVC for the data at a path: in its own environment, with only the variables that it needs."""

import json
import os
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from gto_action.errors import PullError
from gto_action.gto.words import short
from gto_action.pull.dvc_config import EXTRAS, DvcRemote, extra_of
from gto_action.pull.installation import dvc_python
from gto_action.pull.placement import size_of
from gto_action.system.process import Process, start

_WORKER: Final = Path(__file__).parent / "worker.py"
# The variables that DVC gets from this process, with the credentials of its remotes; and those that installers get.
_MACHINE: Final = r"PATH|HOME|USER|LOGNAME|LANG|LANGUAGE|TZ|TMPDIR|LD_LIBRARY_PATH|NETRC|(?:LC|XDG|SSL_CERT)_.*"
_NETWORK: Final = r"(?:ALL|HTTPS?|NO)_PROXY|(?:REQUESTS|CURL)_CA_BUNDLE"
_CLOUDS: Final = (
    "NO_GCE_CHECK|STORAGE_EMULATOR_HOST|KRB5CCNAME|KRB5_CONFIG"
    "|(?:AWS|BOTO|S3|GOOGLE|GCLOUD|GCE|GCS|GCP|CLOUDSDK|AZURE|MSI|IDENTITY|IMDS|SSH|FSSPEC|DVC)_.*"
)
_FOR_DVC: Final = re.compile(rf"(?:{_MACHINE}|{_NETWORK}|{_CLOUDS})", re.IGNORECASE)
_FOR_INSTALLING: Final = re.compile(rf"(?:{_MACHINE}|{_NETWORK}|(?:PIP|UV)_.*)", re.IGNORECASE)
_SECRET: Final = re.compile(r"KEY|SECRET|TOKEN|PASSWORD|PASSPHRASE|CONNECTION_STRING|CREDENTIAL", re.IGNORECASE)
_SHORTEST_SECRET: Final = 8
_LONGEST_ANSWER: Final = 2**31
"""In bytes: an answer names every file of a folder, and there may be millions."""

# Message and hint for each kind of failure in worker.py.
_FAILURES: Final = {
    "path": (
        "Neither git nor DVC has this path.",
        "Correct the path in dvc.yaml, or add the data with 'dvc add'.",
    ),
    "root": ("It is neither in git nor in a DVC repository.", "Run 'dvc init', and commit the folder '.dvc'."),
    "remote missing": ("DVC has no remote.", "Add one with 'dvc remote add', and commit '.dvc/config'."),
    "no default": (
        "DVC has no default remote.",
        "Set one with 'dvc remote default', or name one in the input 'dvc-remote'.",
    ),
    "remote unknown": ("DVC has no remote with that name.", "Correct the input 'dvc-remote'."),
    "no credentials": ("There are no credentials.", "Set them in the step's 'env' (docs/pull.md)."),
    "refused": ("The remote refuses the credentials.", "Check those in the step's 'env', and what they may read."),
    "object missing": (
        "The remote does not have the data.",
        "Run 'dvc push' where the data is, then run this job again.",
    ),
    "changed": (
        "The data does not match the checksum that DVC recorded.",
        "Run 'dvc push' where the data is, then run this job again.",
    ),
    "time": ("The remote did not answer in time.", "Run the job again later."),
    "connection": ("The remote cannot be reached.", "Check its address in '.dvc/config', or run the job again later."),
    "config": ("DVC's configuration is wrong.", "Correct '.dvc/config'."),
    "option": (
        "The remote has an option that could let the repository run programs.",
        "Remove it, and set the credentials in the step's 'env' (docs/pull.md).",
    ),
    "no checksum": (
        "DVC recorded no checksum for the data, so it could be anything.",
        "Run 'dvc update' or 'dvc add', then 'dvc push'.",
    ),
    "names": (
        "The data has a file name that leads out of its folder, or into '.git'.",
        "Run 'dvc add' and 'dvc push' again.",
    ),
    "hidden": (
        "'.dvcignore' hides a file that DVC needs to find the data, so some of it would be missing.",
        "Remove the pattern from '.dvcignore', or give the artifact another path.",
    ),
    "ignored": (
        "DVC tracks data that '.dvcignore' tells it to ignore, and refuses to continue.",
        "Remove the pattern from '.dvcignore'.",
    ),
    "both": (
        "Git and DVC both track a file in it.",
        "Keep it in one of them: run 'git rm --cached' or 'dvc remove'.",
    ),
    "disk": ("The disk is full.", "Free space on the runner, or use a larger one."),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What to pull, and with what."""

    path: str
    """From the root of the git repository."""
    commit: str
    remote: str
    """The name of a DVC remote; empty for the default."""
    variables: Mapping[str, str]
    """The step's environment, with the credentials that DVC takes."""
    cache: str
    """A folder that may be kept between runs; empty if there is none."""
    timeout: float
    """For everything together, in seconds."""


class Dvc:
    """Asks DVC about one path of one commit."""

    def __init__(self, asked: Asked, log: Callable[[str], None]) -> None:
        """Asks nothing yet, but starts the clock; `log` writes a line for people."""
        self._asked = asked
        self._log = log
        self._deadline = time.monotonic() + asked.timeout
        self._environ = _only(_FOR_DVC, asked.variables) | {
            "DVC_NO_ANALYTICS": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_ALLOW_PROTOCOL": "http:https:ssh",
        }

    def bring(self, question: Mapping[str, Any], remote: DvcRemote | None) -> dict[str, Any]:
        """Has the worker write the data to the question's `out`; returns what it found.

        :raises PullError: if the data cannot be pulled.
        """
        extras = {remote.extra} - {""} if remote else set()
        variables = _only(_FOR_INSTALLING, self._asked.variables)
        while True:
            python = dvc_python(frozenset(extras), self._asked.cache, variables, self._log, self._left)
            reply = self._ask(python, question)
            if "found" in reply:
                found: dict[str, Any] = reply["found"]
                return found
            kind, text = reply["error"]["kind"], reply["error"]["text"]
            extra = extra_of(text) if kind == "package" else ""
            if not extra or extra in extras:
                raise self.failure(kind, text, remote)
            extras.add(extra)

    @property
    def _left(self) -> float:
        return max(self._deadline - time.monotonic(), 0)

    def _ask(self, python: Path, question: Mapping[str, Any]) -> dict[str, Any]:
        text = json.dumps({**question, "remote": self._asked.remote, "parent": os.getpid()}).encode()
        out = Path(question["out"])

        def tell(passed: float) -> None:
            self._log(f"Still pulling after {passed:.0f} seconds: {size_of(out) / 1e6:,.1f} MB so far")

        command = (str(python), "-I", str(_WORKER))
        process = start(
            command, self._environ, text, cwd=Path(question["top"]), kind=partial(Process, most=_LONGEST_ANSWER)
        )
        status, answer, said = process.wait(timeout=self._left, alive=tell)
        if status is None:
            raise self.failure("time", f"{self._asked.timeout:.0f} seconds, from the input 'pull-timeout', are up")
        try:
            reply: dict[str, Any] = json.loads(answer)
        except ValueError:
            lines = said.strip().splitlines()
            raise self.failure("unknown", lines[-1] if lines else f"status {status}") from None
        return reply

    def failure(self, kind: str, text: str = "", remote: DvcRemote | None = None) -> PullError:
        """The error: what failed, with the path, the remote and the commit, and what to do."""
        if kind == "package":
            schemes = ", ".join(sorted(EXTRAS))
            what, hint = f"The scheme {text!r} is not one of {schemes}, http and local.", "Use another remote."
        else:
            what, hint = _FAILURES.get(kind, ("DVC failed.", "Try 'dvc pull' by hand."))
        where = f" from the remote {remote.shown}" if remote else ""
        said = f" Details: {self._without_secrets(text)}" if text and kind != "package" else ""
        what = f"{self._asked.path!r} cannot be pulled{where} at commit {short(self._asked.commit)}. {what}"
        return PullError(what, f"{hint}{said}")

    def _without_secrets(self, text: str) -> str:
        for name, value in self._asked.variables.items():
            if _SECRET.search(name) and len(value) >= _SHORTEST_SECRET:
                text = text.replace(value, "***")
        return re.sub(r"(://)[^/@\s]*@|\?[^\s'\"]*", r"\1", text)


def _only(names: re.Pattern[str], variables: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in variables.items() if names.fullmatch(name)}
