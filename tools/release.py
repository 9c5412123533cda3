"""Makes and checks releases, in a clone of the repository. It changes no file, no branch and no tag.

    release.py check VERSION    whether HEAD can be released as VERSION, such as 3.0.0 or 3.0.0-rc.1
    release.py commit DIGEST    makes the release commit of HEAD for an image, and prints its id
    release.py notes VERSION    prints what CHANGELOG.md says of a version
    release.py moving TAG       prints the tags, such as v3, that are to move to a release
    release.py verify TAG       whether a release is what it has to be, which anybody can ask

On `main` each action builds its image from the Dockerfile. A release commit is the child of a commit of `main`, has the
image's digest in that one line of each `action.yml`, and is reached by tags only: whoever pins it pins the image, too.
It depends on nothing but its parent and the digest, so that anybody can make it again.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
from gto_action.published import IMAGE, VARIANTS  # noqa: E402 - it has no dependencies
from tools.image_registry import Image, RegistryError  # noqa: E402
from tools.release_image import are_free, verify_image  # noqa: E402
from tools.release_texts import (  # noqa: E402
    Key,
    ReleaseError,
    checked_digest,
    digest_in,
    key_of,
    moving,
    notes,
    releases_of,
    with_image,
)

ACTIONS: Final = {
    "action.yml": "Dockerfile",
    "catch-up/action.yml": "../Dockerfile",
    "deployment/action.yml": "../Dockerfile",
    "page/action.yml": "../Dockerfile",
}
"""What `image:` says on `main`, for each file."""
_IDENTITY: Final = {"NAME": "gto-action release", "EMAIL": "release@gto-action.invalid"}


def _run_git(
    arguments: Sequence[str], given: str = "", environ: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    variables = {**os.environ, "GIT_NO_REPLACE_OBJECTS": "1", "GIT_GRAFT_FILE": os.devnull, **(environ or {})}
    command = ("git", "-c", "i18n.commitEncoding=UTF-8", *arguments)  # else a commit would name it
    return subprocess.run(command, input=given, capture_output=True, text=True, env=variables, check=False)


def git(*arguments: str, given: str = "", environ: Mapping[str, str] | None = None) -> str:
    """What git prints in this clone, without the end of its last line.

    :raises ReleaseError: if it fails.
    """
    process = _run_git(arguments, given, environ)
    if process.returncode:
        raise ReleaseError(f"git {' '.join(arguments)} failed: {process.stderr.strip()}")
    return process.stdout.rstrip("\n")


def is_so(*arguments: str) -> bool:
    """Whether git says yes."""
    return _run_git(arguments).returncode == 0


def released() -> dict[str, Key]:
    """Every release that this clone knows, such as `3.0.0`."""
    return releases_of(git("tag", "--list").split())


def there(tag: str) -> str:
    """The commit of a tag; empty if this clone does not have it."""
    name = f"refs/tags/{tag}"
    return git("rev-parse", f"{name}^{{commit}}") if is_so("rev-parse", "--verify", "--quiet", name) else ""


def branch(name: str) -> str:
    """The whole name of a branch: git alone would rather take a tag `origin/main`, which more people may push.

    :raises ReleaseError: if there is none.
    """
    for whole in (f"refs/remotes/{name}", f"refs/heads/{name}"):
        if is_so("show-ref", "--verify", "--quiet", whole):
            return whole
    raise ReleaseError(f"There is no branch {name} in this clone. Fetch it, or name it with --main.")


def is_on_main(commit: str, main: str) -> None:
    """Holds that a commit is on the branch `main`.

    :raises ReleaseError: if it is not.
    """
    if not is_so("merge-base", "--is-ancestor", commit, branch(main)):
        raise ReleaseError(f"{commit} is not on {main}. Only a commit of main is released.")


def version_at(commit: str) -> str:
    """The version that the code of a commit says it has."""
    found = re.search(r'^__version__ = "(.+)"$', git("show", f"{commit}:gto_action/__init__.py"), re.MULTILINE)
    return found[1] if found else ""


def check(version: str, image: str, main: str, digest: str, *, registry: bool) -> None:
    """Holds that HEAD can be released; the image may have its name already, if its digest is known.

    :raises ReleaseError: if it cannot; a sentence says why.
    """
    key = key_of(version)
    if changed := git("status", "--porcelain"):
        raise ReleaseError(
            f"The work tree is not clean: {changed.splitlines()[0].strip()!r}. Commit it, or take it away."
        )
    is_on_main(git("rev-parse", "HEAD"), main)
    if (said := version_at("HEAD")) != version:
        raise ReleaseError(f"gto_action/__init__.py has the version {said!r}, not {version!r}.")
    notes(git("show", "HEAD:CHANGELOG.md"), version, datetime.now(UTC).date())
    releases = released()
    if version in releases:
        raise ReleaseError(f"The tag v{version} is there. A release is never made again: take another version.")
    if newer := [name for name, other in releases.items() if other > key]:
        raise ReleaseError(f"{version} is not after v{max(newer, key=releases.__getitem__)}, which is released.")
    for path, local in ACTIONS.items():
        with_image(git("show", f"HEAD:{path}"), path, local, "")
    if registry:
        variants = () if digest else VARIANTS  # whose digests no commit names
        are_free(image, [f"v{version}", *(f"v{version}-{variant}" for variant in variants)], digest)


def commit(parent: str, digest: str, image: str) -> str:
    """Makes the release commit of a commit, which no ref names, and gives its id.

    :raises ReleaseError: if it cannot be made.
    """
    parent = git("rev-parse", "--verify", f"{parent}^{{commit}}")
    version = version_at(parent)
    key_of(version)
    reference = f"docker://{image}:v{version}@{checked_digest(digest)}"
    with tempfile.TemporaryDirectory() as folder:
        index = {"GIT_INDEX_FILE": f"{folder}/index"}
        git("read-tree", parent, environ=index)
        for path, local in ACTIONS.items():
            changed = with_image(git("show", f"{parent}:{path}"), path, local, reference)
            blob = git("hash-object", "-w", "--stdin", given=f"{changed}\n")
            git("update-index", "--cacheinfo", f"100644,{blob},{path}", environ=index)
        tree = git("write-tree", environ=index)
    who = {f"GIT_{role}_{name}": value for role in ("AUTHOR", "COMMITTER") for name, value in _IDENTITY.items()}
    when = git("show", "--no-patch", "--format=%ct +0000", parent)
    message = f"v{version}\n\nThe image {image}@{digest} was built from {parent}."
    dated = {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when}
    return git("commit-tree", "--no-gpg-sign", tree, "-p", parent, "-m", message, environ={**who, **dated})


def verify(tag: str, image: str, main: str, *, registry: bool) -> Iterator[str]:
    """Holds that a release is what it has to be; gives a line for each thing that is so.

    :raises ReleaseError: if something is not.
    """
    version = tag.removeprefix("v")
    key_of(version)
    made = there(tag)
    if not made:
        raise ReleaseError(f"There is no tag {tag!r} in this clone. Fetch the tags.")
    for name in (tag, *moving(version, releases_of([tag]))):
        if is_so("show-ref", "--verify", "--quiet", f"refs/remotes/origin/{name}"):
            raise ReleaseError(f"There is a branch {name}, too, which '@{name}' could mean. Delete it.")
    _, *parents = git("rev-list", "--parents", "--max-count=1", made).split()
    if len(parents) != 1:
        raise ReleaseError(f"{tag} has {len(parents)} parents. A release commit has one.")
    (parent,) = parents
    is_on_main(parent, main)
    digest = verify_commit(tag, made, parent, image)
    yield f"{tag} is {made}, which is {parent} of {main} with {image}@{digest}, and nothing else."
    for name in moving(version, released()):
        if (other := there(name)) != made:
            raise ReleaseError(f"{name} is {other or 'absent'}, not {made}, which is the newest release of its line.")
        yield f"{name} is the same commit."
    if registry:
        yield from verify_image(Image(image), digest, parent, tag)


def verify_commit(tag: str, made: str, parent: str, image: str) -> str:
    """Holds that a release commit is the one that its parent and a digest make; gives the digest.

    :raises ReleaseError: if it is not.
    """
    if (said := version_at(parent)) != tag.removeprefix("v"):
        raise ReleaseError(f"{tag} was made of {parent}, whose version is {said!r}.")
    changed = git("diff", "--name-only", "--no-renames", parent, made).splitlines()
    if others := [each for each in changed if each not in ACTIONS]:
        raise ReleaseError(f"{tag} changes {others[0]!r}. A release changes the image of the actions only.")
    digest = digest_in(git("show", f"{made}:action.yml"), image, tag)
    if not digest:
        raise ReleaseError(f"{tag}:action.yml does not name {image}:{tag} with a digest.")
    if (again := commit(parent, digest, image)) != made:
        raise ReleaseError(f"{tag} is {made}, but the release commit of {parent} and {digest} is {again}.")
    return digest


def main(arguments: Sequence[str] | None = None) -> int:
    """Does what the arguments say; gives the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=("check", "commit", "notes", "moving", "verify"))
    parser.add_argument("what", metavar="VERSION|DIGEST|TAG")
    parser.add_argument("--image", default=IMAGE, help="another name of the image, for a mirror (%(default)s)")
    parser.add_argument("--main", default="origin/main", help="what the branch main is in this clone (%(default)s)")
    parser.add_argument("--digest", default="", help="the image's, which may have its name already, for check")
    parser.add_argument("--no-registry", action="store_true", help="do not ask the image's registry")
    given = parser.parse_args(arguments)
    asks = not given.no_registry
    try:
        if given.command == "check":
            check(given.what, given.image, given.main, given.digest, registry=asks)
            sys.stdout.write(f"{git('rev-parse', 'HEAD')} can be released as {given.what}.\n")
        elif given.command == "commit":
            sys.stdout.write(f"{commit('HEAD', given.what, given.image)}\n")
        elif given.command == "notes":
            sys.stdout.write(f"{notes(git('show', 'HEAD:CHANGELOG.md'), given.what, datetime.now(UTC).date())}\n")
        elif given.command == "moving":
            sys.stdout.write("".join(f"{name}\n" for name in moving(given.what.removeprefix("v"), released())))
        else:
            for line in verify(given.what, given.image, given.main, registry=asks):
                sys.stdout.write(f"{line}\n")
    except (ReleaseError, RegistryError) as error:
        sys.stderr.write(f"release: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
