"""Where the action finds the repository that it is asked about, and the workspace beside it."""

from pathlib import Path

from gto_action.git.location import origin
from gto_action.git.remote import Remote
from gto_action.git.repository import Repository
from gto_action.hosts.github.runner import Runner
from gto_action.step.asked import Asked


def remote_of(asked: Asked) -> Remote:
    """The remote whose tags count: the workflow's repository, or the `origin` of the working directory.

    :raises GitError: if there is neither.
    """
    return Remote(asked.environment.repository_url or origin(Path.cwd()), asked.inputs.token)


def repository_of(asked: Asked, host: Runner, remote: Remote | None = None) -> Repository:
    """The repository, of which nothing has been fetched yet; of `remote`, if that is known to be its address.

    :raises GitError: if nobody says where it is.
    """
    return Repository(
        remote or remote_of(asked),
        log=host.log,
        debug=host.debug,
        timeout=asked.inputs.timeout,
        own_config=not asked.environment.repository_url,
    )
