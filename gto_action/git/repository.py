"""The repository as git sees it: the remote is read through scratch repositories of our own."""

import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

from gto_action.errors import FilterError, RemoteError, TooLargeError
from gto_action.git.clone import LITTLE, MUCH, Clone, refspecs_of
from gto_action.git.commit_files import CommitFiles
from gto_action.git.objects import NOTES_FORMAT, parse_notes
from gto_action.git.program import FOR_FILES
from gto_action.git.records import read_records
from gto_action.git.remote import Remote
from gto_action.git.scratch import Scratch
from gto_action.git.surroundings import ORIGIN
from gto_action.gto.names import ArtifactName
from gto_action.gto.record import Notes, TagRecord
from gto_action.system.attempts import NORMAL, Attempts, Pace
from gto_action.system.process import Process

TIMEOUT: Final = 120.0
_MOVES: Final = 3
_PATIENCE: Final = 3.0
# No file and no folder; no file; whatever there is.
_FILTERS: Final[tuple[tuple[str, ...], ...]] = (("--filter=tree:0",), ("--filter=blob:none",), ())
_MOST_FILE: Final = 2**20 + 1  # one more than yaml12 takes


class Repository:
    """A scratch copy of every tag of a remote: a context that leaves nothing behind."""

    def __init__(  # noqa: PLR0913 - most have defaults
        self,
        remote: Remote,
        *,
        log: Callable[[str], None],
        debug: Callable[[str], None] = lambda _: None,
        timeout: float = TIMEOUT,
        own_config: bool = False,
        pace: Pace = NORMAL,
    ) -> None:
        """Asks and writes nothing yet.

        Args:
            remote: what to fetch from.
            log: takes a line for people.
            debug: takes what git is told to do.
            timeout: the seconds, from now, that everything asked of the remote may take together.
            own_config: whether the user's git configuration counts; it does not in a workflow.
            pace: how soon the remote is asked again, and how often `log` hears of what takes long.
        """
        self.remote = remote
        self._log = log
        self._attempts = Attempts(timeout, log, pace=pace)
        self._scratch = Scratch(own_config=own_config, debug=debug)
        self.too_large: TooLargeError | None = None  # what kept tags away that are not needed
        self._own_refspecs: tuple[str, ...] = ()
        self._needed_refspecs: tuple[str, ...] = ()
        self._filters = list(_FILTERS)
        self._started = time.monotonic()
        self._patience = 0.0  # the seconds that are waited for what only makes the run faster
        self._cloning: tuple[Process, Clone] | None = None
        self._fetched: Clone | None = None
        self._cloning_files: tuple[Process, Clone] | None = None
        self._files: tuple[set[str], Clone] | None = None  # commits, and the clone from which their files are read
        self._fetching_files: Process | None = None

    def __enter__(self) -> Self:
        self._scratch.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._scratch.__exit__(None, None, None)

    @property
    def time_left(self) -> float:
        """The seconds that are left to ask the remote."""
        return self._attempts.left

    def start(self, tag_name: str = "", only: ArtifactName | None = None, needed: ArtifactName | None = None) -> None:
        """Starts to fetch, and returns while git works.

        Args:
            tag_name: the tag whose files will be asked for; empty if nobody knows yet.
            only: the artifact whose tags are enough; None for every tag.
            needed: the artifact whose tags are enough where all of them cannot be had.
        """
        self._own_refspecs = refspecs_of(only)
        self._needed_refspecs = refspecs_of(needed)
        self._started = time.monotonic()
        self._cloning = self._clone()
        if tag_name:
            # Beside it, for the time of the longer of the two: the files' folders, which the other leaves out.
            options = ("--single-branch", "--no-tags", f"--branch={tag_name}", "--filter=blob:none")
            clone = Clone(self._scratch, self.remote, self._attempts)
            self._cloning_files = clone.make(*options), clone
        self._scratch.ask_version()  # beside them, for no time of its own

    def fetch_tags(self) -> None:
        """Brings the tags, with the commits that they point to but no file of theirs.

        A clone writes all refs at once, many times faster than a fetch (F10). Where the filter cannot be
        used more is sent, and the answer is the same.

        :raises RemoteError: if the remote cannot be reached, or refuses.
        """
        try:
            self._attempts.make(self._finish_clone)
        except FilterError as error:
            self._fetch_more(error)
        except TooLargeError as error:
            if self._own_refspecs or not self._needed_refspecs:
                raise
            self._own_refspecs, self.too_large = self._needed_refspecs, error
            self.fetch_tags()
        self._patience = max(_PATIENCE, 3 * (time.monotonic() - self._started))

    def share(self, git_dir: Path, common_dir: Path) -> None:
        """Reads what a repository on this machine has, where it is (`Clone.share`)."""
        self._fetched = Clone(self._scratch, self.remote, self._attempts).share(git_dir, common_dir)

    def _fetch_more(self, error: FilterError) -> None:
        """Fetches with the next filter, and in the end without one: the files of all commits that tags point to."""
        self._filters.pop(0)
        if not self._filters:
            raise error
        self._log(f"{error.message} Fetching more of it.")
        self._files = None
        self.fetch_tags()

    @property
    def tags(self) -> Clone:
        """The clone that has every tag, with the commits that they point to."""
        assert self._fetched  # noqa: S101 - nothing can be read before `fetch_tags`
        return self._fetched

    def _clone(self) -> tuple[Process, Clone]:
        refspecs = (each for refspec in self._own_refspecs for each in ("-c", f"remote.{ORIGIN}.fetch={refspec}"))
        tags = ("--no-tags", *refspecs) if self._own_refspecs else ()
        clone = Clone(self._scratch, self.remote, self._attempts, memory=LITTLE if self._own_refspecs else MUCH)
        return clone.make("--no-single-branch", *tags, *self._filters[0]), clone

    def files_of(self, record: TagRecord) -> CommitFiles:
        """The files of the commit that a tag points to, which are brought as they are asked for."""

        def fetch(*options: str) -> Clone:
            clone = Clone(self._scratch, self.remote, self._attempts, memory=FOR_FILES)
            clone.fetch([f"refs/tags/{record.name}"], record.target, *options, bare=True)
            return clone

        commits, clone = self._files or (set(), None)
        known = record.target in commits and clone is not self._fetched  # which has no folders
        return CommitFiles(record.target, clone if known else None, fetch, self._attempts)

    def new_folder(self) -> Path:
        """An empty scratch folder, which is gone with the rest."""
        return self._scratch.new_folder()

    def _finish_clone(self) -> None:
        self._scratch.check_version(_PATIENCE)
        for _ in range(_MOVES + 1):
            (process, clone), self._cloning = self._cloning or self._clone(), None
            status, _, said = self._attempts.wait(process)
            if status is None:
                raise self._attempts.too_slow(self.remote.shown)
            replies = clone.replies()
            moved = self.remote.moved(said, replies) if status else None
            if not moved:
                break
            self._log(f"The repository has moved to {moved.shown}")
            self.remote = moved
        if error := self.remote.error(said, replies, status) if status else self.remote.not_git(replies):
            raise error
        self._fetched = clone

    def records(self) -> list[TagRecord]:
        """Every tag there is, in the order of the names.

        :raises GitError: if git cannot read what it has fetched.
        """
        return read_records(self.tags, self._scratch.folder)

    def notes(self) -> Notes:
        """What is written in every tag, and of the commits they point to: in one process, for those who want it all."""
        return parse_notes(self.tags.ask("for-each-ref", f"--format={NOTES_FORMAT}", "refs/tags"))

    def expect_files(self, commit: str, paths: Iterable[str]) -> None:
        """Starts to fetch files that will be read, all at once, and returns while git works.

        Nothing depends on it: a file that has not come is fetched when it is read.
        """
        clone = self._files_at(commit) or self.tags
        self._files = {commit}, clone
        self._fetching_files = clone.fetch_files(clone.ids_of(commit, paths, self._soon))

    def expect_commits(self, wanted: Mapping[TagRecord, Iterable[str]]) -> None:
        """Fetches files of the commits of one tag or many, in two requests; nothing depends on it either."""
        clone = Clone(self._scratch, self.remote, self._attempts)
        with suppress(RemoteError):
            tags = [f"refs/tags/{record.name}" for record in wanted]
            clone.fetch(tags, next(iter(wanted)).target, "--filter=blob:none", bare=True)
            oids = (clone.ids_of(record.target, paths, self._soon) for record, paths in wanted.items())
            self._files = {record.target for record in wanted}, clone
            self._fetching_files = clone.fetch_files(sorted({oid for each in oids for oid in each}))

    @property
    def _soon(self) -> float:
        """The seconds to wait for what only makes the run faster: there must be time left to do without it."""
        return min(self._patience, self._attempts.left / 2)

    def _files_at(self, commit: str) -> Clone | None:
        """The clone of the one tag, if it has come and the tag is still at the commit."""
        if not self._cloning_files:
            return None
        process, clone = self._cloning_files
        self._cloning_files = None
        if self._attempts.wait(process, self._soon)[0] != 0:
            return None
        status, found, _ = clone.start("rev-parse", "HEAD^{commit}").wait(timeout=self._soon)
        return clone if status == 0 and found.decode().strip() == commit else None

    def read_file(self, commit: str, path: str) -> bytes | None:
        """A file at a commit, through symbolic links within the commit; None if there is none.

        Of one that is larger than what anybody parses it is the beginning.

        :raises RemoteError: if the remote does not deliver it.
        """
        if "\n" in path or "\0" in path:  # would end the question below; no file is named so in a `dvc.yaml`
            return None
        if self._fetching_files:
            self._attempts.wait(self._fetching_files, self._soon)
            self._fetching_files = None

        def read() -> bytes | None:
            clone = self._files[1] if self._files and commit in self._files[0] else self.tags
            kind, size, content = clone.read(f"{commit}:{path}", _MOST_FILE)
            if size > _MOST_FILE:
                self._log(f"The file {path!r} has {size:,} bytes, of which {_MOST_FILE:,} are read.")
            return content if kind == "blob" else None

        while True:
            try:
                return self._attempts.make(read)
            except FilterError as error:
                self._fetch_more(error)
