"""A repository that is opened for questions: its tags, its registry, what the team allows."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from gto_action.config import FILE as CONFIG
from gto_action.config import Config, read_config
from gto_action.errors import Problem
from gto_action.location import remote_at
from gto_action.record import TagRecord
from gto_action.registry import Registry
from gto_action.repository import Repository


@dataclass(frozen=True, slots=True)
class Session:
    """What has been read, and the repository to read more from."""

    repository: Repository
    records: list[TagRecord]
    registry: Registry
    config: Config
    misconfigured: tuple[Problem, ...]
    """What is wrong with the configuration."""


@contextmanager
def open_session(place: str, variables: Mapping[str, str], log: Callable[[str], None]) -> Iterator[Session]:
    """Reads the tags of a repository, and the configuration of the commit that it is at.

    Args:
        place: a path or an address.
        variables: those of the environment.
        log: takes a line for people.

    :raises GitError: if it cannot be read.
    """
    with Repository(remote_at(place), log=log, own_config=True) as repository:
        repository.fetch_tags()
        records = list(repository.records())
        config, misconfigured = read_config(repository.read_file("HEAD", CONFIG), variables)
        yield Session(repository, records, Registry(records), config, misconfigured)
