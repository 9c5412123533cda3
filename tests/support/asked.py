"""A remote that is asked by `git/wire`: what is found, and what is left behind."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from gto_action.git.remote import Remote
from gto_action.git.scratch import Scratch
from gto_action.git.wire.asking import Asking
from gto_action.git.wire.brought_tags import BroughtTags
from gto_action.git.wire.connection import Connection
from gto_action.git.wire.folders import Content, Folders
from gto_action.git.wire.reading import read_tags, read_target
from gto_action.git.workshop import Workshop
from gto_action.gto.record import TagRecord
from gto_action.system.attempts import Attempts, Pace
from tests.support.git_server import GitServer
from tests.support.wire import TAG, TOKEN, ended

QUICK: Final = Pace(pause=0.01)


@dataclass(frozen=True, slots=True)
class Found:
    """What the wire brings for an answer."""

    tags: BroughtTags
    target: str
    files: dict[str, Content]

    @property
    def records(self) -> list[TagRecord]:
        return self.tags.records


@contextmanager
def asking(
    url: str,
    log: list[str] | None = None,
    *,
    token: str = TOKEN,
    timeout: float = 20,
    pace: Pace = QUICK,
    own_config: bool = False,
    debug: list[str] | None = None,
) -> Iterator[Asking]:
    """Asks a remote, and sees to it that nothing stays of that."""
    said: list[str] = [] if log is None else log
    told: list[str] = [] if debug is None else debug
    with Scratch(own_config=own_config, debug=told.append) as scratch:
        folder = scratch.folder
        workshop = Workshop(scratch, Attempts(timeout, said.append, pace=pace), said.append)
        with Asking(workshop, Remote(url, token=token)) as asked:
            yield asked
        assert ended(url), "a git is left"
    assert not folder.exists(), "left in the temporary folder"
    assert TOKEN not in "\n".join((*said, *told))


def ask(
    server: GitServer | str,
    log: list[str] | None = None,
    *,
    tag: str = TAG,
    paths: tuple[str, ...] = ("dvc.yaml", ".gto"),
    timeout: float = 20,
    pace: Pace = QUICK,
) -> Found:
    """All that an answer needs."""
    url = server if isinstance(server, str) else f"{server.url}/o/r"
    with asking(url, log, timeout=timeout, pace=pace) as asked:
        tags = asked.ask(read_tags)
        target = asked.ask(lambda connection: read_target(connection, tag))
        files = asked.ask(lambda connection: read_files(connection, target, paths))
        return Found(tags, target, files)


def read_files(connection: Connection, commit: str, paths: Iterable[str]) -> dict[str, Content]:
    """The files of a commit that there are, through links within it."""
    folders, wanted = Folders(), tuple(paths)
    folders.bring(connection, {commit: wanted})
    found = ((path, folders.file(commit, path)) for path in wanted)
    return {path: content for path, content in found if content}
