"""Which server a workflow runs on: GitHub, or one that runs workflows as it does, with other pages and another API."""

from collections.abc import Mapping
from typing import Final

from gto_action.errors import InputError
from gto_action.published import REPOSITORY
from gto_action.render.links import GITEA, GITHUB, Forge

_NAMES: Final = {"FORGEJO_ACTIONS": "Forgejo", "GITEA_ACTIONS": "Gitea"}  # Forgejo's runner sets both


def forge_of_run(environ: Mapping[str, str]) -> Forge:
    """Whose pages the repository has."""
    return GITEA if _other(environ) else GITHUB


def refuse_elsewhere(environ: Mapping[str, str], action: str) -> None:
    """Ends an action that asks GitHub's API where there is none.

    Args:
        environ: the variables that the runner sets.
        action: its folder.

    :raises InputError: on a server other than GitHub.
    """
    if name := _other(environ):
        raise InputError(
            f"The action {REPOSITORY}/{action} asks GitHub's API, which {name} does not have.",
            f"Use {REPOSITORY} there; its input 'ref' answers for any tag.",
        )


def _other(environ: Mapping[str, str]) -> str:
    return next((name for marker, name in _NAMES.items() if environ.get(marker, "").lower() == "true"), "")
