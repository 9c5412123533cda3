"""The settings with which a clone reaches its `origin`: a CI system keeps its jobs' access to the repository there.

Bitbucket sets a proxy, Azure Pipelines and actions/checkout a header, GitLab's runner a certificate.
"""

import os
import re
from pathlib import Path
from typing import Final

from gto_action.git.program import ask_git
from gto_action.git.surroundings import Settings

_ASKING: Final = r"^(http\..*|credential\..*|url\..*\.insteadof|core\.sshcommand|ssh\.variant)$"
# Git is given an address without a user, but the settings of Azure Pipelines are for one with a user.
_HARMLESS: Final = {"lowspeedlimit", "lowspeedtime", "postbuffer", "version", "sslversion", "sslcert", "sslkey"}
_user = re.compile(r"^(http\.https?://)[^/@]*@")


def settings_of(directory: Path) -> Settings:
    """The settings for reaching servers, from the clone that a directory is in; none if it is in no clone."""
    status, out, _ = ask_git(directory, "config", "--local", "--includes", "-z", "--get-regexp", _ASKING)
    if status:
        return ()
    entries = (entry.partition("\n") for entry in os.fsdecode(out).split("\0") if entry)
    return tuple((_user.sub(r"\1", name), value if is_set else "true") for name, is_set, value in entries)


def for_token(settings: Settings, url: str, *, own: bool = False) -> Settings:
    """The settings to use with a token for an address: servers refuse a second header with credentials.

    Args:
        settings: those of a clone.
        url: the address.
        own: whether the system gives the token and the address, so that the clone need not lead there. Then it may
            not lead elsewhere: an earlier job may have left it in the folder (`GIT_STRATEGY: none`).
    """
    kept = tuple(
        (name, value)
        for name, value in settings
        if not name.startswith("credential.") and not name.endswith(".extraheader") and not (own and _leads(name))
    )
    return (*kept, (f"http.{url}.extraheader", ""))  # clears those of the user's own configuration


def _leads(name: str) -> bool:
    """Whether a setting may say where requests go, or who answers: all that are not known to be harmless."""
    return not name.startswith("http.") or name.rpartition(".")[2] not in _HARMLESS
