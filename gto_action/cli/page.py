"""The command `page`: the registry as a folder of static files, for people and for programs."""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import click

from gto_action.cli.answering import remote_in
from gto_action.cli.event import advice_in
from gto_action.cli.options import repo_behind
from gto_action.cli.place import Failure, Place, failing
from gto_action.cli.session import open_tags
from gto_action.cli.terminal import show_lines, show_note
from gto_action.errors import GitError, InputError
from gto_action.git.gaps import Gaps
from gto_action.git.location import origin
from gto_action.git.remote import Remote
from gto_action.git.repository import Repository
from gto_action.git.tags import Tags
from gto_action.hosts.ci_run import AUTO, system_of
from gto_action.hosts.ci_systems import BY_KEY, System
from gto_action.job.values import Lightweight
from gto_action.render.links import Links, forge_of, page_of

_HERE: Final = "."


@click.command(context_settings={"auto_envvar_prefix": "GTO_ACTION_PAGE"})
@repo_behind
@click.option(
    "--out", required=True, metavar="PATH", help="The folder of the site: new, empty, or made by this before."
)
@click.option("--title", default="", metavar="TEXT", help="What the site is called; by default as the repository is.")
@click.option("--ci", type=click.Choice([AUTO, *BY_KEY]), default=AUTO, help="The CI system, if not by its variables.")
@click.option("--token-env", default="", metavar="NAME", help="The variable with the token to read with.")
@click.option(
    "--lightweight",
    type=click.Choice([each.value for each in Lightweight]),
    default=Lightweight.FAIL.value,
    show_default=True,
    help="Whether lightweight tags, which GTO ignores, count: 'accept' if so.",
)
@click.pass_context
def page(context: click.Context, /, out: str, title: str, ci: str, **given: Any) -> None:  # noqa: ANN401 - click's
    """Make a site of the registry: pages to look at, and JSON to ask, with no server.

    Every option can be a variable, GTO_ACTION_PAGE_OUT for --out.
    """
    place: Place = context.obj
    try:
        from gto_action.page.build import Question, build  # noqa: PLC0415 - what it needs may not be installed
        from gto_action.page.facts import About  # noqa: PLC0415
    except ModuleNotFoundError as error:
        if str(error.name).partition(".")[0] not in {"jinja2", "markupsafe"}:
            raise
        raise Failure(
            f"The page needs {error.name!r}, which is not installed: pip install 'gto-action[page]'"
        ) from error
    variables = place.variables
    with failing():
        _check(out)
        system = system_of(ci, variables)
    with failing(advice_in(system)), _opened(system, place, given["token_env"]) as (tags, gaps, address, links):
        question = Question(
            out=Path(out),
            about=About(title=title or _title(address, place), repository=address, page=links.root),
            links=links,
            accept_lightweight=given["lightweight"] == Lightweight.ACCEPT.value,
            gto={name: value for name, value in variables.items() if name.startswith("GTO_")},
            now=time.time(),
            is_partial=bool(gaps and gaps.partial),
            cache=_cache(variables),
        )
        built = build(question, tags)
    show_lines([built.said(out)])


def _check(out: str) -> None:
    """Refuses the folder that one is in, as what has no name or is no more names it too.

    :raises InputError: if it is that.
    """
    if Path(os.path.abspath(out)) == Path.cwd():  # noqa: PTH100 - as the site takes it
        what = f"--out is {out!r}, the folder that one is in."
        raise InputError(what, "Name a folder for the site, such as 'site'.")


@contextmanager
def _opened(system: System | None, place: Place, token_env: str) -> Iterator[tuple[Tags, Gaps | None, str, Links]]:
    """The tags; what a clone lacks; the repository's address for `git`, and its pages.

    The last two are empty where only this machine knows the repository.
    """
    repo = _HERE if system is None and place.repo is None else place.repo
    if repo is not None and Path(repo).is_dir():
        if token_env:
            raise InputError(
                f"The repository at {repo!r} is on this machine, so no token is needed.",
                "Name an address with --repo, or leave --token-env out.",
            )
        with open_tags(repo, show_note) as (tags, gaps):
            yield tags, gaps, *_published(repo)
        return
    remote, settings = remote_in(system, repo, token_env, place.variables)
    with Repository(remote, log=show_note, own_config=True, settings=settings) as repository:
        show_note(f"Fetching the tags of {repository.remote.shown}")
        tags = repository.fetch()
        page = page_of(tags.remote.url)
        forge = (system and not repo and system.forge) or forge_of(page)
        yield tags, None, _address(tags.remote), Links(page, forge) if forge else Links()


def _published(repo: str) -> tuple[str, Links]:
    """The address of the `origin` of a repository on this machine, and its pages."""
    try:
        remote = Remote(origin(Path(repo)))
    except GitError:
        return "", Links()
    page = page_of(remote.url)
    forge = forge_of(page)
    return "" if remote.url.startswith("file:") else _address(remote), Links(page, forge) if forge else Links()


def _address(remote: Remote) -> str:
    """The address for `git`. Of the users in it only `git` stays, whom servers take from everybody by SSH."""
    plain = remote.shown
    return remote.url if remote.url in {f"git@{plain}", plain.replace("ssh://", "ssh://git@", 1)} else plain


def _cache(variables: Mapping[str, str]) -> str:
    """A folder of the user's own that is kept between runs; empty if there is none."""
    home = variables.get("HOME", "")
    return variables.get("XDG_CACHE_HOME", "") or (f"{home}/.cache" if home else "")


def _title(address: str, place: Place) -> str:
    """The last two parts of an address, as in `acme/models`; of a repository on this machine the folder's name."""
    parts = [part for part in address.rpartition("@")[2].removesuffix(".git").replace(":", "/").split("/") if part]
    return "/".join(parts[-2:]) or Path(place.repo or _HERE).resolve().name or "Registry"
