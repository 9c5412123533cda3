"""Asks the package index that pip's settings name what it has of the package.

    package_index.py free VERSION    whether it has no such version yet
    package_index.py has FOLDER      whether it has the wheel and the sdist in a folder, and no other of the version

Only its list of files is read (PEP 691). pip would run what an sdist has, to know its version, and before the first
release anybody may publish one. TRIES says how often `has` asks, with 15 seconds between, since an index may need
minutes to show what it got.
"""

import base64
import hashlib
import json
import os
import ssl
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from pip._internal.commands import create_command
from pip._vendor.packaging.specifiers import SpecifierSet
from pip._vendor.packaging.version import InvalidVersion, Version

ROOT: Final = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
from gto_action.published import PACKAGE  # noqa: E402 - it has no dependencies

_KIND: Final = "application/vnd.pypi.simple.v1+json"
_MOST: Final = 2**24
"""The bytes that the list may have."""
_NOT_FOUND: Final = 404
_PAUSE: Final = 15.0


class IndexSaysError(Exception):
    """What the index has is not what it should have; a sentence says what."""


class NotYetError(IndexSaysError):
    """It may have it later."""


def files() -> dict[str, str]:
    """All files of the package that the index has: the SHA-256 of each, by name.

    :raises NotYetError: if it cannot be asked.
    """
    options, _ = create_command("download").parse_args([])
    address = urlsplit(options.index_url)
    credentials, _, host = address.netloc.rpartition("@")
    url = address._replace(netloc=host, path=f"{address.path.rstrip('/')}/{PACKAGE}/").geturl()
    request = urllib.request.Request(url, headers={"Accept": _KIND})  # noqa: S310 - what pip was told
    if credentials:
        basic = base64.b64encode(unquote(credentials).encode()).decode()
        request.add_unredirected_header("Authorization", f"Basic {basic}")
    trusted = ssl.create_default_context(cafile=options.cert)
    try:
        with urllib.request.urlopen(request, timeout=30, context=trusted) as answer:  # noqa: S310
            document = json.loads(answer.read(_MOST))
        return {each["filename"]: each["hashes"].get("sha256", "") for each in document["files"]}
    except urllib.error.HTTPError as error:
        with error:
            if error.code == _NOT_FOUND:
                return {}
        raise NotYetError(f"the index {host} answers {error.code} {error.reason}") from error
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise NotYetError(f"the index {host} cannot be asked, or does not know PEP 691: {error!r}") from error


def is_of(version: str, name: str) -> bool:
    """Whether pip could take a file for a version, however the file writes that."""
    rest = name[len(PACKAGE) + 1 :]
    for suffix in (".tar.gz", ".tar.bz2", ".tar.xz", ".tgz", ".zip"):
        if name.endswith(suffix):
            rest = rest.removesuffix(suffix)
            break
    else:
        rest = rest.partition("-")[0]
    try:
        return SpecifierSet(f"=={version}").contains(Version(rest), prereleases=True)
    except InvalidVersion:
        return False


def free(version: str) -> None:
    """Holds that the index has no file of a version.

    :raises IndexSaysError: if it has, or does not say.
    """
    if there := sorted(name for name in files() if is_of(version, name)):
        raise IndexSaysError(f"the index has {PACKAGE} {version}, as {there[0]}. Take another version.")
    sys.stdout.write(f"The index has no {PACKAGE} {version}.\n")


def built(folder: Path) -> tuple[str, dict[str, str]]:
    """The version of the wheel and the sdist in a folder, and the SHA-256 of each, by name.

    :raises IndexSaysError: if they are not two of one version.
    """
    wheels, sdists = sorted(folder.glob("*.whl")), sorted(folder.glob("*.tar.gz"))
    if (len(wheels), len(sdists)) != (1, 1):
        raise IndexSaysError(f"{folder} does not have one wheel and one sdist")
    found = (*wheels, *sdists)
    version = wheels[0].name.split("-")[1]
    if not all(is_of(version, path.name) for path in found):
        raise IndexSaysError(f"{folder} has files of two versions")
    return version, {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


def compare(version: str, ours: dict[str, str]) -> None:
    """Holds that the index has of a version what is ours, to the byte, and nothing else.

    :raises NotYetError: if it does not have all of it.
    :raises IndexSaysError: if it has something else.
    """
    theirs = {name: digest for name, digest in files().items() if name in ours or is_of(version, name)}
    for name, digest in sorted(theirs.items()):
        if name not in ours:
            raise IndexSaysError(f"the index has {name}, too, which was not built here, and pip may take it")
        if digest != ours[name]:
            raise IndexSaysError(f"the index has another {name}: its SHA-256 is {digest!r}, not {ours[name]}")
    if missing := sorted(ours.keys() - theirs.keys()):
        raise NotYetError(f"the index does not have {missing[0]}")


def has(folder: str) -> None:
    """Holds that the index has what a folder has, and waits for it.

    :raises IndexSaysError: if it has not, or has more.
    """
    version, ours = built(Path(folder))
    for left in reversed(range(int(os.environ.get("TRIES", "20")))):
        try:
            compare(version, ours)
            break
        except NotYetError:
            if not left:
                raise
        time.sleep(_PAUSE)
    for name in ours:
        sys.stdout.write(f"The index has this {name}.\n")


def main(arguments: list[str]) -> int:
    """Does what the arguments say; gives the exit code."""
    try:
        match arguments:
            case ["free", version]:
                free(version)
            case ["has", folder]:
                has(folder)
            case _:
                sys.stderr.write(f"{__doc__}")
                return 2
    except IndexSaysError as error:
        sys.stderr.write(f"package_index: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
