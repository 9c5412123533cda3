"""Where a repository is: the workspace's `origin`, or a path or an address that the user gives."""

import os
from pathlib import Path

from gto_action.errors import GitError, Kind
from gto_action.git.address import address_of, is_address, shown
from gto_action.git.program import ask_git, ask_git_here
from gto_action.git.remote import Remote


def remote_at(place: str) -> Remote:
    """The remote at a path or an address; a repository at a path counts with its own tags.

    :raises GitError: if there is no repository at the path.
    """
    path = Path(place)
    if not path.exists() and is_address(place):
        return Remote(place)
    if not path.is_dir():
        raise GitError(f"There is no folder {place!r}.", "Name a folder, or the address of a repository.")
    status, out, said = ask_git_here(path, "rev-parse", "--absolute-git-dir")
    if status != 0:
        from gto_action.git.failures import misconfigured  # noqa: PLC0415 - rarely needed

        raise misconfigured(said) or GitError(f"There is no git repository at {place!r}.", "Name another with --repo.")
    return Remote(address_of(Path(os.fsdecode(out.removesuffix(b"\n")))))


def origin(directory: Path) -> str:
    """The address of the `origin` of the repository that a directory is in.

    :raises GitError: if there is none.
    """
    status, out, _ = ask_git(directory, "remote", "get-url", "origin")
    if status:
        raise GitError(
            f"There is no repository with a remote 'origin' at {str(directory)!r}.",
            kind=Kind.UNKNOWN,
        )
    url = out.decode("utf-8", "surrogateescape").strip()
    if is_address(url):
        return url
    root = ask_git(directory, "rev-parse", "--show-toplevel")[1]
    return address_of((Path(os.fsdecode(root.strip())) / url).resolve())


def clone_in(directory: Path, remote: Remote, asked: str = "") -> Path:
    """The clone of a remote in a workspace: the workspace itself, or else the only one at most two levels below it.

    Args:
        directory: the workspace.
        remote: what it should be a clone of.
        asked: another address of the remote.

    :raises GitError: if there is no such clone, or several.
    """
    below = () if (directory / ".git").exists() else (*directory.glob("*/.git"), *directory.glob("*/*/.git"))
    places = sorted(place.parent for place in below) or [directory]
    origins = {place: _configured(place) for place in places}
    named = [_named(remote.url), _named(asked)]
    clones = [place for place, url in origins.items() if url and _named(url) in named]
    if len(clones) == 1:
        return clones[0]
    if clones:
        names = ", ".join(repr(str(clone.relative_to(directory))) for clone in clones)
        raise GitError(
            f"The workspace {str(directory)!r} has several clones of {remote.shown!r}: {names}.", kind=Kind.CHECKOUT
        )
    other = next(filter(None, origins.values()), "")
    if not other:
        raise GitError(
            f"There is no git repository with a remote 'origin' in the workspace {str(directory)!r}.",
            kind=Kind.CHECKOUT,
        )
    raise GitError(
        f"The repository in the workspace is a clone of {shown(other)!r}, not of {remote.shown!r}.", kind=Kind.CHECKOUT
    )


def _configured(place: Path) -> str:
    """The configured address of `origin`; empty if the place is not a repository's root, or has no `origin`."""
    if not (place / ".git").exists():  # git would look in the folders above
        return ""
    status, out, _ = ask_git(place, "config", "--get", "remote.origin.url")
    return "" if status else out.decode("utf-8", "surrogateescape").removesuffix("\n")


def _named(url: str) -> list[str]:
    """OWNER and NAME from an address, which may be an ssh address, or end in `.git`."""
    return url.rstrip("/").removesuffix(".git").replace(":", "/").casefold().split("/")[-2:]
