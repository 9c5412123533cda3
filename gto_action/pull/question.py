"""DVC, asked for what it has at a path: in an environment of its own, with what it needs of ours."""

import json
import os
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from gto_action.errors import PullError
from gto_action.gto.words import short
from gto_action.pull.dvc_config import EXTRAS, DvcRemote, extra_of
from gto_action.pull.installation import dvc_python
from gto_action.pull.placement import size_of
from gto_action.system.process import start

_WORKER: Final = Path(__file__).parent / "worker.py"
# What programs need of this process; and DVC, whose remotes take their credentials from there; and installers.
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
"""In bytes: it names every file of a folder, of which there may be millions."""

# What is said of each kind of failure of worker.py.
_FAILURES: Final = {
    "path": (
        "There is no such path, for git or for DVC.",
        "Correct the path in dvc.yaml, or add the data with 'dvc add'.",
    ),
    "root": ("No folder around it is a DVC repository.", "Run 'dvc init' there, and commit the folder '.dvc'."),
    "remote missing": ("DVC has no remote.", "Add one with 'dvc remote add', and commit '.dvc/config'."),
    "no default": (
        "DVC has no default remote.",
        "Set one with 'dvc remote default', or name one in the input 'dvc-remote'.",
    ),
    "remote unknown": ("DVC has no remote of that name.", "Correct the input 'dvc-remote'."),
    "no credentials": ("There are no credentials.", "Give them in the step's 'env' (docs/pull.md)."),
    "refused": ("The remote refuses the credentials.", "Check the ones in the step's 'env', and what they may read."),
    "object missing": (
        "The remote does not have the data.",
        "Run 'dvc push' where the data is, then run this job again.",
    ),
    "changed": ("The data is not what DVC has noted.", "Run 'dvc push' where the data is, then run this job again."),
    "time": ("The remote did not answer in time.", "Run the job again later."),
    "connection": ("The remote cannot be reached.", "Check its address in '.dvc/config', or run the job again later."),
    "config": ("DVC's configuration is wrong.", "Correct '.dvc/config'."),
    "option": (
        "The remote has an option by which the repository could run programs.",
        "Take it out, and give the credentials in the step's 'env' (docs/pull.md).",
    ),
    "no checksum": (
        "DVC has noted no checksum of the data, so it could be anything.",
        "Run 'dvc update' or 'dvc add', then 'dvc push'.",
    ),
    "names": (
        "The data has a name that leads out of its folder, or is git's own.",
        "Run 'dvc add' and 'dvc push' again.",
    ),
    "hidden": (
        "A file in '.dvcignore' hides from DVC where data of it is, which would be left out.",
        "Take that out of '.dvcignore', or give the artifact another path.",
    ),
    "ignored": (
        "DVC has data where '.dvcignore' says that it should not look, and does nothing then.",
        "Take that out of '.dvcignore'.",
    ),
    "both": (
        "Git and DVC both have a file of it.",
        "Keep it in one of them: 'git rm --cached' or 'dvc remove'.",
    ),
    "disk": ("The disk is full.", "Free space on the runner, or take a larger one."),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What DVC is asked for."""

    path: str
    """From the root of the git repository."""
    commit: str
    remote: str
    """The name of a DVC remote; empty for the default."""
    variables: Mapping[str, str]
    """The step's environment, with the credentials that DVC takes."""
    cache: str
    """A folder that may last from run to run; empty if there is none."""
    timeout: float
    """In seconds, for everything."""


class Dvc:
    """DVC, for one path of one commit."""

    def __init__(self, asked: Asked, log: Callable[[str], None]) -> None:
        """Asks nothing yet, but the time begins; `log` takes a line for people."""
        self._asked = asked
        self._log = log
        self._deadline = time.monotonic() + asked.timeout
        self._environ = _only(_FOR_DVC, asked.variables) | {
            "DVC_NO_ANALYTICS": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_ALLOW_PROTOCOL": "http:https:ssh",
        }

    def bring(self, question: Mapping[str, Any], remote: DvcRemote | None) -> dict[str, Any]:
        """What the worker has found, and written to the question's `out`.

        :raises PullError: if it cannot be brought.
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
        process = start(command, self._environ, text, cwd=Path(question["top"]), most=_LONGEST_ANSWER)
        status, answer, said = process.wait(timeout=self._left, alive=tell)
        if status is None:
            raise self.failure("time", f"after {self._asked.timeout:.0f} seconds, the input 'pull-timeout'")
        try:
            reply: dict[str, Any] = json.loads(answer)
        except ValueError:
            lines = said.strip().splitlines()
            raise self.failure("unknown", lines[-1] if lines else f"status {status}") from None
        return reply

    def failure(self, kind: str, text: str = "", remote: DvcRemote | None = None) -> PullError:
        """One sentence with the remote, the path and the commit, and what to do."""
        if kind == "package":
            schemes = ", ".join(sorted(EXTRAS))
            what, hint = f"The scheme {text!r} is none of {schemes}, http and local.", "Use another remote."
        else:
            what, hint = _FAILURES.get(kind, ("DVC failed.", "Try 'dvc pull' by hand."))
        where = f" from the remote {remote.shown}" if remote else ""
        said = f" It says: {self._without_secrets(text)}" if text and kind != "package" else ""
        what = f"{self._asked.path!r} cannot be pulled{where} at commit {short(self._asked.commit)}. {what}"
        return PullError(what, f"{hint}{said}")

    def _without_secrets(self, text: str) -> str:
        for name, value in self._asked.variables.items():
            if _SECRET.search(name) and len(value) >= _SHORTEST_SECRET:
                text = text.replace(value, "***")
        return re.sub(r"(://)[^/@\s]*@|\?[^\s'\"]*", r"\1", text)


def _only(names: re.Pattern[str], variables: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in variables.items() if names.fullmatch(name)}
