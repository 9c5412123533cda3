"""GitHub's own examples of the payloads that it sends, of npm."""

import json
from functools import cache
from typing import Any, Final

from tests.support.npm import NpmFile

VERSION: Final = "7.6.1"
_FILE: Final = NpmFile(
    package="@octokit/webhooks-examples",
    version=VERSION,
    integrity="sha512-De6U3XB6O3DtCa7bKgCMzTHdeopqqZ6SNivMYJnK65ierKL1AnNIA0tkRYCRS7lwGT792d+Ps1WbfHlso6MynQ==",
    path="api.github.com/index.json",
    cached_as=f"webhooks-examples-{VERSION}.json",
)


@cache
def _all() -> dict[str, list[dict[str, Any]]]:
    return {each["name"]: each["examples"] for each in json.loads(_FILE.fetch().read_text())}


def payloads(event: str) -> list[dict[str, Any]]:
    """The examples of an event's payload.

    :raises NpmError: if they cannot be fetched.
    """
    return [dict(each) for each in _all()[event]]
