"""What the clone at a path lacks of its repository, so that an answer from it may be wrong."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gto_action.git.program import ask_git_here

_KEYS: Final = r"^(extensions\.partialclone|remote\..*\.(promisor|tagopt|url|fetch))$"
_ASKED: Final = ("--absolute-git-dir", "--git-common-dir", "--is-shallow-repository")
_partial = re.compile(r"^(?:extensions\.partialclone .|remote\..*\.promisor (?:true|yes|on|1)$)", re.MULTILINE)
_no_tags = re.compile(r"^remote\.origin\.tagopt --no-tags$", re.MULTILINE)
_cloned = re.compile(r"^remote\..*\.url .", re.MULTILINE)
_fetched = re.compile(r"^remote\.origin\.fetch (.+)$", re.MULTILINE)
# As a mirror has it, in which git 2.53 sets `--no-tags` too.
_with_tags = re.compile(r"\+?refs/(?P<tags>tags/)?\*:refs/(?(tags)tags/)\*")


@dataclass(frozen=True, slots=True)
class Gaps:
    """What a clone lacks."""

    git_dir: Path
    """The folder with the work tree's HEAD."""
    common_dir: Path
    """The folder with the objects and refs, shared by all work trees."""
    cloned: bool
    """Whether it has a remote, which may have more than it."""
    shallow: bool
    """Whether history is cut, as actions/checkout does, which brings one tag only."""
    no_tags: bool
    """Whether tags were left out on purpose, and are not among the refs that are fetched all the same."""
    narrow: bool
    """Whether it has named refs only, as Jenkins fetches them: no pattern, with which git would bring all branches."""
    partial: bool
    """Whether files were left out (`--filter`), as every sparse checkout of actions/checkout does."""

    @property
    def kind(self) -> str:
        """What clone it is, if tags may be missing; empty if none should be."""
        kinds = {
            "a shallow clone": self.shallow,
            "a clone without tags": self.no_tags,
            "a clone of single branches or tags": self.narrow,
        }
        return next((kind for kind, is_so in kinds.items() if is_so), "")

    @property
    def may_lack_tags(self) -> bool:
        """Whether it is a clone of which nothing says so, but tags may be missing all the same."""
        return self.cloned and not self.kind

    def warning(self, place: str) -> str:
        """Why tags may be missing, in a sentence; empty if none should be."""
        if not self.kind:
            return ""
        return f"The repository at {place!r} is {self.kind}, so tags may be missing. Bring them: git fetch --tags"


def gaps_of(place: str) -> Gaps | None:
    """What the clone at a path lacks; None if there is no repository."""
    path = Path(place)
    answers = _answers(path, *_ASKED)
    if len(answers) != len(_ASKED):  # there is none, or the name of a folder has a line end
        answers = ["\n".join(_answers(path, option)) for option in _ASKED]
    git_dir, common_dir, shallow = answers
    if not git_dir:
        return None
    listed = ask_git_here(path, "config", "--local", "--get-regexp", _KEYS)[1]
    settings = listed.decode("utf-8", "replace")
    fetched = _fetched.findall(settings)
    return Gaps(
        Path(git_dir),
        path.resolve() / common_dir,  # absolute, or as from there
        cloned=_cloned.search(settings) is not None,
        shallow=shallow == "true",
        no_tags=_no_tags.search(settings) is not None and not any(map(_with_tags.fullmatch, fetched)),
        narrow=bool(fetched) and not any("*" in refspec for refspec in fetched),
        partial=_partial.search(settings) is not None,
    )


def _answers(path: Path, *options: str) -> list[str]:
    """What `git rev-parse` prints, line by line; nothing if there is no repository."""
    status, out, _ = ask_git_here(path, "rev-parse", *options)
    return [] if status else out.decode("utf-8", "surrogateescape").removesuffix("\n").split("\n")
