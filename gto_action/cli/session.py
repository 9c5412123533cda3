"""An open repository: its tags, its registry, its configuration."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gto_action.errors import Problem
from gto_action.git.address import address_of
from gto_action.git.gaps import Gaps, gaps_of
from gto_action.git.location import remote_at
from gto_action.git.remote import Remote
from gto_action.git.repository import Repository
from gto_action.git.tags import Tags
from gto_action.gto.config import FILE as CONFIG
from gto_action.gto.config import Config, read_config
from gto_action.gto.record import TagRecord
from gto_action.gto.registry import Registry


@dataclass(frozen=True, slots=True)
class Session:
    """What was read, and access to more."""

    tags: Tags
    records: list[TagRecord]
    registry: Registry
    config: Config
    misconfigured: tuple[Problem, ...]
    """What is wrong with the configuration."""
    partial: bool
    """Whether it is a clone that lacks files; they count as missing."""
    may_lack_tags: bool
    """Whether it is a clone that may lack tags, although nothing says so."""


@contextmanager
def open_session(place: str, variables: Mapping[str, str], log: Callable[[str], None]) -> Iterator[Session]:
    """Reads the tags of a repository, and the configuration at its HEAD.

    Args:
        place: a path or an address.
        variables: the environment variables.
        log: writes a line for people, such as a warning.

    :raises GitError: if the repository cannot be read.
    """
    with open_tags(place, log) as (tags, gaps):
        partial = bool(gaps and gaps.partial)
        data = tags.files.read("HEAD", CONFIG)
        if partial and data is None and tags.files.lacks("HEAD", CONFIG):
            log(f"warning: The repository at {place!r} is a partial clone that lacks {CONFIG!r}, so it is ignored.")
        config, misconfigured = read_config(data, variables)
        registry, may_lack_tags = Registry(tags.records), bool(gaps and gaps.may_lack_tags)
        yield Session(tags, tags.records, registry, config, misconfigured, partial, may_lack_tags)


@contextmanager
def open_tags(place: str, log: Callable[[str], None]) -> Iterator[tuple[Tags, Gaps | None]]:
    """Reads the tags of a repository; also returns what a repository on this machine lacks.

    :raises GitError: if the repository cannot be read.
    """
    gaps = gaps_of(place) if Path(place).is_dir() else None
    remote = Remote(address_of(gaps.git_dir)) if gaps else remote_at(place)
    if gaps and (warning := gaps.warning(place)):
        log(f"warning: {warning}")
    with Repository(remote, log=log, own_config=True) as repository:
        if gaps:
            yield repository.share(gaps.git_dir, gaps.common_dir), gaps
        else:
            yield repository.fetch(), gaps
