"""GitHub's own examples of the payloads that it sends, and its description of them, of npm."""

import json
from functools import cache
from typing import Any, Final

from jsonschema import Draft7Validator

from tests.support.npm import NpmFile

VERSION: Final = "7.6.1"
_EXAMPLES: Final = NpmFile(
    package="@octokit/webhooks-examples",
    version=VERSION,
    integrity="sha512-De6U3XB6O3DtCa7bKgCMzTHdeopqqZ6SNivMYJnK65ierKL1AnNIA0tkRYCRS7lwGT792d+Ps1WbfHlso6MynQ==",
    path="api.github.com/index.json",
    cached_as=f"webhooks-examples-{VERSION}.json",
)
_SCHEMAS: Final = NpmFile(
    package="@octokit/webhooks-schemas",
    version=VERSION,
    integrity="sha512-qW0Bwtb76r4m2WzVhKDyfEeEnt1GEQoRjkCqmq2ZeB0nNVDJ+Z2LBDS9FDPyduuMXf/ZTWiCJp9PFFHgRfBe3A==",
    path="schema.json",
    cached_as=f"webhooks-schemas-{VERSION}.json",
)


@cache
def _all() -> dict[str, list[dict[str, Any]]]:
    return {each["name"]: each["examples"] for each in json.loads(_EXAMPLES.fetch().read_text())}


def payloads(event: str) -> list[dict[str, Any]]:
    """The examples of an event's payload.

    :raises NpmError: if they cannot be fetched.
    """
    return [dict(each) for each in _all()[event]]


def of_our_tag(payload: dict[str, Any]) -> dict[str, Any]:
    """The payload that GitHub would send for a tag of ours, made of its example for another."""
    ref = "refs/tags/churn#prod#1" if payload["ref"].startswith("refs/") else "churn#prod#1"
    return {**payload, "ref": ref}


@cache
def _validator(event: str) -> Draft7Validator:
    schema = json.loads(_SCHEMAS.fetch().read_text())
    return Draft7Validator({"$ref": f"#/definitions/{event}$event", "definitions": schema["definitions"]})


def faults(event: str, payload: dict[str, Any]) -> list[str]:
    """What GitHub's description says against a payload."""
    return [f"{list(each.absolute_path)}: {each.message[:200]}" for each in _validator(event).iter_errors(payload)]
