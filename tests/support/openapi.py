"""GitHub's own description of its API, of npm: what it says of a request and of an answer."""

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Final
from urllib.parse import unquote

from jsonschema import Draft202012Validator

from tests.support.npm import NpmFile

VERSION: Final = "23.0.2"
_FILE: Final = NpmFile(
    package="@octokit/openapi",
    version=VERSION,
    integrity="sha512-pV8M7L9GY23AybNvTmo2nyjmpmnt6+2sRE/tqr0ZLQcPS4lnw7u5eZGNmwRNkBC3D7gZXbFx5AHzLUVRBXGDhg==",
    path="generated/api.github.com.json",
    cached_as=f"github-openapi-{VERSION}.json",
)


class NotGitHubError(AssertionError):
    """A request or an answer that GitHub's description does not allow."""


@cache
def _description() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_FILE.fetch().read_text())
    return found


def _at(pointer: str) -> Any:
    found: Any = _description()
    for key in pointer.removeprefix("#/").split("/"):
        found = found[key.replace("~1", "/").replace("~0", "~")]
    return found


def _plain(each: Any) -> Any:
    """A part without `$ref` at its top."""
    while "$ref" in each:
        each = _at(each["$ref"])
    return each


def example(name: str) -> Any:
    """A copy of one of the examples that GitHub gives."""
    return json.loads(json.dumps(_plain(_description()["components"]["examples"][name])["value"]))


def _convert(schema: Any, found: set[str]) -> Any:
    """A schema of OpenAPI 3.0 as one of JSON Schema; the references that it has are added to `found`."""
    if isinstance(schema, list):
        return [_convert(each, found) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if isinstance(schema.get("$ref"), str):
        found.add(schema["$ref"])
    rest = {key: _convert(value, found) for key, value in schema.items() if key not in {"nullable", "example"}}
    return {"anyOf": [rest, {"type": "null"}]} if schema.get("nullable") is True else rest


@cache
def _validator(text: str) -> Draft202012Validator:
    """Of a schema, which is given as JSON, with all that it refers to."""
    waiting: set[str] = set()
    root = _convert(json.loads(text), waiting)
    done: set[str] = set()
    while waiting:
        pointer = waiting.pop()
        done.add(pointer)
        more: set[str] = set()
        target, *names = root, *pointer.removeprefix("#/").split("/")
        for name in names[:-1]:
            target = target.setdefault(name, {})
        target[names[-1]] = _convert(_at(pointer), more)
        waiting |= more - done
    return Draft202012Validator(root)


def _check(value: Any, schema: Any, what: str) -> None:
    errors = list(_validator(json.dumps(schema)).iter_errors(value))
    if errors:
        raise NotGitHubError(f"{what}: {errors[0].message[:500]} at {list(errors[0].absolute_path)}")


@cache
def _templates() -> list[tuple[str, list[str], re.Pattern[str]]]:
    """The template of each path, the names of the parameters in it, and a pattern of the paths that fit."""
    return [
        (
            template,
            re.findall(r"\{([^}]+)\}", template),
            re.compile(re.sub(r"\\\{[^}]+\\\}", "([^/]+)", re.escape(template))),
        )
        for template in _description()["paths"]
    ]


def _operation(verb: str, path: str) -> tuple[str, dict[str, Any], dict[str, str]]:
    """The template, what is said of it, and the parameters in the path."""
    for template, names, pattern in _templates():
        verbs = _description()["paths"][template]
        if (match := pattern.fullmatch(path)) and verb.lower() in verbs:
            return template, verbs[verb.lower()], dict(zip(names, map(unquote, match.groups()), strict=True))
    raise NotGitHubError(f"there is no {verb} {path}")


def check_request(verb: str, path: str, query: Mapping[str, str], body: Any) -> tuple[str, dict[str, str]]:
    """The template of a request's path, and the parameters in it.

    :raises NotGitHubError: if the description knows no such request.
    """
    template, operation, given = _operation(verb, path)
    parameters = {each["name"]: each for each in map(_plain, operation.get("parameters", ()))}
    for name, text in (given | dict(query)).items():
        if name not in parameters:
            raise NotGitHubError(f"{verb} {template} has no parameter {name!r}")
        schema = _plain(parameters[name]["schema"])
        whole = schema.get("type") == "integer" or (schema.get("oneOf") and text.isdecimal())
        _check(int(text) if whole and text.isdecimal() else text, schema, f"{verb} {template}, {name}")
    for name, each in parameters.items():
        if each.get("required") and name not in given | dict(query):
            raise NotGitHubError(f"{verb} {template} needs the parameter {name!r}")
    if "requestBody" in operation:
        _check(body, _plain(operation["requestBody"])["content"]["application/json"]["schema"], f"{verb} {template}")
        known = _plain(operation["requestBody"])["content"]["application/json"]["schema"].get("properties", {})
        if set(body) - set(known):
            raise NotGitHubError(f"{verb} {template} takes no {set(body) - set(known)}")
    elif body is not None:
        raise NotGitHubError(f"{verb} {template} takes no body")
    return template, given


def check_answer(verb: str, path: str, status: int, body: Any) -> None:
    """Compares an answer with the description, but for the faults that any request may meet.

    :raises NotGitHubError: if GitHub would not answer so.
    """
    template, operation, _ = _operation(verb, path)
    responses = operation["responses"]
    if str(status) not in responses:
        if status in {401, 403, 404, 422, 429} or status >= 500:
            _check(body, {"$ref": "#/components/schemas/basic-error"}, f"{verb} {template}, {status}")
            return
        raise NotGitHubError(f"{verb} {template} never answers {status}")
    content = _plain(responses[str(status)]).get("content")
    if content is None:
        if body is not None:
            raise NotGitHubError(f"{verb} {template} answers {status} without a body")
        return
    _check(body, content["application/json"]["schema"], f"{verb} {template}, {status}")
