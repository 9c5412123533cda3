"""What a release asks the registry of its image: whether a name is free, and what was built from its commit."""

import sys
from collections.abc import Iterator, Sequence
from typing import Final

from tools.image_registry import Image, RefusedError
from tools.release_texts import ReleaseError

PLATFORMS: Final = ("linux/amd64", "linux/arm64")
REVISION: Final = "org.opencontainers.image.revision"


def are_free(image: str, tags: Sequence[str], own: str = "") -> None:
    """Holds that nothing but an image of its `own` digest has its tags; warns where only its owner could see that.

    :raises ReleaseError: if one is.
    :raises RegistryError: if the registry cannot be asked.
    """
    for tag in tags:
        try:
            digest = Image(image).digest(tag)
        except RefusedError as error:  # a registry says the same of what is private and of what is not there
            sys.stderr.write(f"release: {error} It is private, or the first release makes it: docs/release.md.\n")
            return
        if digest and digest != own:
            raise ReleaseError(f"The image {image}:{tag} is there, as {digest}. Take another version.")


def verify_image(image: Image, digest: str, parent: str, tag: str) -> Iterator[str]:
    """Holds that an image was built from a commit, for every platform; asks its registry.

    :raises ReleaseError: if it was not.
    :raises RegistryError: if the registry does not have it.
    """
    platforms = image.platforms(digest)
    names = sorted(each.name for each in platforms)
    if names != sorted(PLATFORMS):
        raise ReleaseError(f"{image.name}@{digest} is for {names}, not for {sorted(PLATFORMS)}.")
    for each in platforms:
        if (revision := each.labels.get(REVISION, "")) != parent:
            raise ReleaseError(f"The label of {image.name}@{digest} for {each.name} names {revision!r}, not {parent}.")
    yield f"{image.name}@{digest} is for {' and '.join(names)}, and was built from {parent}."
    if (now := image.digest(tag)) != digest:
        yield f"The registry's tag {tag} is {now or 'gone'}, which changes nothing: the release names the digest."
