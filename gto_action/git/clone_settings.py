"""The settings with which a clone asks its `origin`: a CI system keeps there what lets its jobs read the repository.

Bitbucket has a proxy in them, Azure Pipelines and actions/checkout a header, GitLab's runner a certificate.
"""

import os
import re
from pathlib import Path
from typing import Final

from gto_action.git.program import ask_git
from gto_action.git.surroundings import Settings

_ASKING: Final = r"^(http\..*|credential\..*|url\..*\.insteadof|core\.sshcommand|ssh\.variant)$"
# Git is asked for an address without a user, and what Azure Pipelines has is for one with a user.
_user = re.compile(r"^(http\.https?://)[^/@]*@")


def settings_of(directory: Path) -> Settings:
    """What the clone that a directory is in says of how servers are asked; nothing if there is no clone."""
    status, out, _ = ask_git(directory, "config", "--local", "--includes", "-z", "--get-regexp", _ASKING)
    if status:
        return ()
    entries = (entry.partition("\n") for entry in os.fsdecode(out).split("\0") if entry)
    return tuple((_user.sub(r"\1", name), value if is_set else "true") for name, is_set, value in entries)


def for_token(settings: Settings, url: str) -> Settings:
    """The settings where somebody brings a token for an address: servers refuse two headers with credentials."""
    kept = tuple(
        (name, value)
        for name, value in settings
        if not name.startswith("credential.") and not name.endswith(".extraheader")
    )
    return (*kept, (f"http.{url}.extraheader", ""))  # forgets those of the user's own configuration
