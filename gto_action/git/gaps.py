"""What the clone at a path lacks of its repository, so that an answer from it may be wrong."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gto_action.git.program import ask_git

_KEYS: Final = r"^(extensions\.partialclone|remote\..*\.(promisor|tagopt))$"
_partial = re.compile(r"^(?:extensions\.partialclone .|remote\..*\.promisor (?:true|yes|on|1)$)", re.MULTILINE)
_no_tags = re.compile(r"^remote\.origin\.tagopt --no-tags$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Gaps:
    """What is not there."""

    git_dir: Path
    """Where the HEAD of the work tree is that is asked about."""
    common_dir: Path
    """Where the objects and the refs are, whatever work tree is asked about."""
    shallow: bool
    """Whether history is cut, as actions/checkout does, which brings one tag only."""
    no_tags: bool
    """Whether tags were left out on purpose."""
    partial: bool
    """Whether files were left out (`--filter`), as every sparse checkout of actions/checkout does."""

    def warning(self, place: str) -> str:
        """Why tags may be missing, in a sentence; empty if none should be."""
        if not self.shallow and not self.no_tags:
            return ""
        kind = "a shallow clone" if self.shallow else "a clone without tags"
        return f"The repository at {place!r} is {kind}, so tags may be missing. Bring them: git fetch --tags"


def gaps_of(place: str) -> Gaps | None:
    """What the clone at a path lacks; None if there is no repository."""
    path = Path(place)
    asked = ("--absolute-git-dir", "--git-common-dir", "--is-shallow-repository")
    status, out, _ = ask_git(path, "rev-parse", *asked)
    if status:
        return None
    git_dir, common_dir, shallow = out.decode("utf-8", "surrogateescape").splitlines()
    listed = ask_git(path, "config", "--local", "--get-regexp", _KEYS)[1]
    settings = listed.decode("utf-8", "replace")
    return Gaps(
        Path(git_dir),
        path.resolve() / common_dir,  # absolute, or as from there
        shallow == "true",
        _no_tags.search(settings) is not None,
        _partial.search(settings) is not None,
    )
