"""The texts of a release: its version, what the changelog says of it, and the line that differs from `main`."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

_NUMBER: Final = "(0|[1-9][0-9]*)"
_VERSION: Final = re.compile(rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}(?:-rc\.{_NUMBER})?")
_SECTION: Final = re.compile(r"^## \[(.+?)\](?: - (.*))?$", re.MULTILINE)
_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")


class ReleaseError(Exception):
    """Something is not as a release asks for."""


Key = tuple[int, int, int, bool, int]


def key_of(version: str) -> Key:
    """What sorts versions: a candidate is before its release.

    :raises ReleaseError: if it is not the version of a release.
    """
    found = _VERSION.fullmatch(version)
    if not found:
        raise ReleaseError(f"The version cannot be {version!r}. Write it as 3.0.0, or as 3.0.0-rc.1 for a candidate.")
    major, minor, patch, candidate = found.groups()
    return int(major), int(minor), int(patch), candidate is None, int(candidate or 0)


def releases_of(tags: Iterable[str]) -> dict[str, Key]:
    """The releases among tags, such as `3.0.0`, each with what sorts it."""
    names = [name.removeprefix("v") for name in tags if name.startswith("v")]
    return {name: key_of(name) for name in names if _VERSION.fullmatch(name)}


def moving(version: str, releases: Mapping[str, Key]) -> list[str]:
    """The tags that are to be at a release: none at a candidate, nor one that is at a newer release."""
    key = key_of(version)
    if not key[3]:
        return []
    later = [other for other in releases.values() if other[3] and other > key]
    lines = (f"v{key[0]}.{key[1]}", key[:2]), (f"v{key[0]}", key[:1])
    return [name for name, line in lines if not any(other[: len(line)] == line for other in later)]


def notes(text: str, version: str, today: date) -> str:
    """What a changelog says of a version.

    :raises ReleaseError: if it is not ready to be released.
    """
    heads = list(_SECTION.finditer(text))
    ends = [head.start() for head in heads[1:]] + [len(text)]
    sections = {head[1]: (head[2] or "", text[head.end() : end].strip()) for head, end in zip(heads, ends, strict=True)}
    if version not in sections:
        raise ReleaseError(f"CHANGELOG.md has no section '## [{version}] - {today}'.")
    when, said = sections[version]
    try:
        day = date.fromisoformat(when)
    except ValueError:
        raise ReleaseError(f"CHANGELOG.md dates {version} {when!r}. Write the day, such as {today}.") from None
    if day > today:
        raise ReleaseError(f"CHANGELOG.md dates {version} {day}, which is to come. Today is {today}.")
    if not said:
        raise ReleaseError(f"CHANGELOG.md says nothing of {version}.")
    if waiting := sections.get("Unreleased", ("", ""))[1]:
        first = waiting.splitlines()[0]
        raise ReleaseError(f"CHANGELOG.md still has {first!r} under 'Unreleased'. Move it to {version}.")
    return said


def checked_digest(digest: str) -> str:
    """The digest, which is one.

    :raises ReleaseError: if it is not.
    """
    if not _DIGEST.fullmatch(digest):
        raise ReleaseError(f"The digest cannot be {digest!r}. It is sha256: and 64 digits.")
    return digest


def with_image(text: str, path: str, local: str, reference: str) -> str:
    """An action's file with another image.

    :raises ReleaseError: if it does not have the image of `main`.
    """
    line = re.compile(rf"^(  image: ){re.escape(local)}$", re.MULTILINE)
    changed, count = line.subn(lambda found: f"{found[1]}{reference}", text)
    if count != 1:
        raise ReleaseError(f"{path} does not have one line 'image: {local}'. A release is made from a commit of main.")
    return changed


def digest_in(text: str, image: str, tag: str) -> str:
    """The digest that an action's file names of an image and its tag; empty if it names none."""
    line = rf"^  image: docker://{re.escape(image)}:{re.escape(tag)}@({_DIGEST.pattern})$"
    found = re.search(line, text, re.MULTILINE)
    return found[1] if found else ""
