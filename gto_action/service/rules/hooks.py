"""What a hook is about, as far as it matters: it may be about tags, or it is certainly not.

A hook is a hint to look. A wrong guess here costs a look too many, or waits for the next poll.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

Headers = Mapping[str, str]
MOST_READ: Final = 2**17
"""The bytes of a body that are kept and looked at; what is larger may be about tags.

Strangers send bodies, too, and whether a body is theirs is known at its end only.
"""
_BRANCH: Final = "refs/heads/"
# The headers with a provider's id of a delivery and with its word for what has happened.
_HEADERS: Final[Mapping[str, tuple[str, str]]] = {
    "github": ("x-github-delivery", "x-github-event"),
    "gitlab": ("x-gitlab-event-uuid", "x-gitlab-event"),
    "bitbucket": ("x-request-uuid", "x-event-key"),
    "bitbucket-dc": ("x-request-id", "x-event-key"),
    "gitea": ("x-gitea-delivery", "x-gitea-event"),
    "forgejo": ("x-forgejo-delivery", "x-forgejo-event"),
    "azure": ("x-request-id", "x-event-type"),
    "generic": ("webhook-id", "x-event-type"),
}
_SHOWN: Final = 100


def named(provider: str, headers: Headers) -> tuple[str, str]:
    """The provider's id of a delivery, and its word for what has happened; empty where it says neither."""
    id_header, event_header = _HEADERS[provider]
    return headers.get(id_header, "")[:_SHOWN], headers.get(event_header, "")[:_SHOWN]


def may_be_of_tags(provider: str, event: str, body: bytes) -> bool:
    """Whether a hook may be about tags: not if it says that it is about branches, or is a test.

    Args:
        provider: who sends it.
        event: its word for what has happened.
        body: all of it, if it is not too large.
    """
    if event in {"ping", "diagnostics:ping"}:
        return False
    if len(body) > MOST_READ:
        return True
    try:
        found = json.loads(body)
        return not _OF_BRANCHES[provider](found)
    except (ValueError, RecursionError, AttributeError, TypeError, KeyError):  # whatever it is, it is signed
        return True


def _github(found: Any) -> bool:  # noqa: ANN401 - whatever JSON has
    return str(found.get("ref", "")).startswith(_BRANCH) or found.get("ref_type") == "branch"


def _gitlab(found: Any) -> bool:  # noqa: ANN401
    return found.get("object_kind") == "push" and str(found.get("ref", "")).startswith(_BRANCH)


def _bitbucket(found: Any) -> bool:  # noqa: ANN401
    # an empty list of changes is what a tag made in the web interface sends (BCLOUD-13865)
    ends = [each for change in found["push"]["changes"] for each in (change["new"], change["old"]) if each]
    return bool(ends) and all(each["type"] == "branch" for each in ends)


def _bitbucket_dc(found: Any) -> bool:  # noqa: ANN401
    return bool(found["changes"]) and all(change["ref"]["type"] == "BRANCH" for change in found["changes"])


def _azure(found: Any) -> bool:  # noqa: ANN401
    updates = found["resource"]["refUpdates"]
    return bool(updates) and all(each["name"].startswith(_BRANCH) for each in updates)


_OF_BRANCHES: Final[Mapping[str, Callable[[Any], bool]]] = {
    "github": _github,
    "gitlab": _gitlab,
    "bitbucket": _bitbucket,
    "bitbucket-dc": _bitbucket_dc,
    "gitea": _github,
    "forgejo": _github,
    "azure": _azure,
    "generic": lambda _: False,
}
