"""Where an action finds the repository that it is asked about."""

from pathlib import Path

from gto_action.git.location import origin
from gto_action.git.remote import Remote
from gto_action.git.repository import Repository
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
