"""The W3C's own checker of HTML, the Nu Html Checker, asked about the pages of a site."""

import json
import shutil
import subprocess
from collections.abc import Iterable
from typing import Final

from tests.support.machine import ENVIRON
from tests.support.npm import NpmFile

_CHECKER: Final = NpmFile(
    package="vnu-jar",
    version="26.9.27",
    integrity="sha512-TkQd5DFfOaWC9ebtvozTsrH2Vaod3jYg+vrOeREzIXxBexLz9+rS2DNtjn7+RPUiZhgli0SghgBX6RJRNea0KA==",
    path="build/dist/vnu.jar",
    cached_as="vnu-26.9.27.jar",
)


def missing_java() -> str:
    """What is missing to run it; empty if nothing is."""
    return "" if shutil.which("java", path=ENVIRON["PATH"]) else "there is no java (Debian: default-jre-headless)"


def complaints(urls: Iterable[str]) -> list[str]:
    """What it says against pages, warnings included: where, what, and of what."""
    command = [
        "java",
        "-Dnu.validator.servlet.allow-forbidden-hosts=true",
        "-jar",
        str(_CHECKER.fetch()),
        "--format",
        "json",
        "--exit-zero-always",
    ]
    process = subprocess.run([*command, *urls], env=ENVIRON, capture_output=True, text=True, timeout=300, check=False)
    assert process.returncode == 0, process.stderr
    found = json.loads(process.stderr)["messages"]
    return [f"{each.get('url')}:{each.get('lastLine')} {each['message']} {each.get('extract', '')!r}" for each in found]
