"""Options that several commands share."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import wraps
from typing import Any, Final, TypeVar

import click

from gto_action.gto.listing import ALL, Listing

_PLACE: Final = "PATH|URL"
_REPO: Final = "The repository; by default the one you are in."
_number: Final = click.IntRange(min=ALL)

_Command = TypeVar("_Command", bound=Callable[..., Any])


def _behind(context: click.Context, _: click.Parameter, repo: str | None) -> None:
    """Accepts `--repo` after the command, as gto does."""
    if repo is not None:
        context.obj = replace(context.obj, repo=repo)


repo = click.option("-r", "--repo", metavar=_PLACE, help=_REPO)
"""Before the command."""
repo_behind = click.option("-r", "--repo", metavar=_PLACE, help=_REPO, callback=_behind, expose_value=False)
"""After it."""


def form(name: str, what: str) -> Callable[[_Command], _Command]:
    """An option for the form of the answer."""
    return click.option(f"--{name}", f"as_{name}", is_flag=True, help=what)


def only(forms: Mapping[str, bool]) -> str:
    """The form that the user wants; empty for the default one, for people.

    :raises UsageError: if there are several.
    """
    asked = [name.removeprefix("as_") for name, value in forms.items() if value]
    if len(asked) > 1:
        raise click.UsageError(f"--{' and --'.join(asked)} cannot be given together.")
    return "".join(asked)


as_json = form("json", "As the JSON document that gto prints.")
as_plain = form("plain", "As a table for grep: no colours, and each row on a line.")
_LISTING: Final = (
    click.option("--ro", "--registered-only", "registered_only", is_flag=True, help="No commits without a version."),
    click.option("-d", "--deprecated", is_flag=True, help="Deprecated artifacts and deregistered versions too."),
    click.option(
        *("--av", "--assignments-per-version", "per_version"),
        type=_number,
        default=ALL,
        help="How many stages of a version to list, the first ones; -1 for all.",
    ),
    click.option(
        *("--vs", "--versions-per-stage", "per_stage"),
        type=_number,
        default=Listing().per_stage,
        help="How many versions in a stage to list; -1 for all.",
    ),
    click.option(
        "--sort",
        type=click.Choice(["timestamp", "semver"]),
        default="timestamp",
        help="Which versions come first in a stage.",
    ),
)


def listed(command: Callable[..., None]) -> Callable[..., None]:
    """Adds the options that say what to list to a command, as a parameter `listing`."""

    @wraps(command)
    def taking(
        *arguments: Any,  # noqa: ANN401 - click's signature
        registered_only: bool,
        deprecated: bool,
        per_version: int,
        per_stage: int,
        sort: str,
        **others: Any,  # noqa: ANN401
    ) -> None:
        listing = Listing(
            deprecated=deprecated,
            registered_only=registered_only,
            per_version=per_version,
            per_stage=per_stage,
            by_semver=sort == "semver",
        )
        command(*arguments, listing=listing, **others)

    for option in reversed(_LISTING):
        taking = option(taking)
    return taking
