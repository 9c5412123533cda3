"""Where an action finds the repository that it is asked about."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gto_action.git.location import origin
from gto_action.git.remote import Remote
from gto_action.git.repository import Fetching, Repository
from gto_action.git.tags import Tags
from gto_action.hosts.host import Host
from gto_action.job.environment import Environment


def remote_of(environment: Environment, token: str) -> Remote:
    """The remote whose tags count: the workflow's repository, or the `origin` of the working directory.

    :raises GitError: if there is neither.
    """
    return Remote(environment.repository_url or origin(Path.cwd()), token)


def repository_of(remote: Remote, environment: Environment, timeout: float, host: Host) -> Repository:
    """The repository at a remote, of which nothing has been fetched yet.

    Args:
        remote: where it is.
        environment: says whether the user's own git configuration counts.
        timeout: the seconds that everything asked of it may take together.
        host: takes what is said.
    """
    return Repository(
        remote,
        log=host.log,
        debug=host.debug,
        timeout=timeout,
        own_config=not environment.repository_url,
        pace=host.pace,
    )


@dataclass(frozen=True, slots=True)
class Coming:
    """All tags of the repository that an action is asked about, on their way."""

    repository: Repository
    _fetching: Fetching
    _environment: Environment
    _host: Host

    def tags(self) -> Tags:
        """Waits for them. Most of the program is imported before this is called, while git works.

        :raises RemoteError: if the remote cannot be reached, or refuses.
        """
        self._host.debug("imported")
        tags = self._fetching.finish()
        self._host.debug("fetched")
        return tags

    def page(self, tags: Tags) -> str:
        """The page of the repository on its server; empty for the `origin` of a folder."""
        return tags.remote.page if self._environment.repository_url else ""


@contextmanager
def all_tags(environment: Environment, token: str, timeout: float, host: Host) -> Iterator[Coming]:
    """Starts fetching all tags of the repository that an action is asked about.

    :raises GitError: if there is no repository.
    """
    with repository_of(remote_of(environment, token), environment, timeout, host) as repository:
        fetching = repository.start()
        host.log(f"Fetching the tags of {repository.remote.shown}")
        yield Coming(repository, fetching, environment, host)
