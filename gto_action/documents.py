"""The JSON documents that `gto` prints, so that scripts that read them keep working."""

from collections.abc import Iterable, Mapping
from typing import Any

from gto_action.artifact import Artifact
from gto_action.event import Event
from gto_action.names import StageName
from gto_action.registry import Registry
from gto_action.selector import Selector


def registry_document(registry: Registry, allowed: tuple[StageName, ...] | None) -> dict[str, Any]:
    """`gto show --json`: every artifact that is not deprecated, with its latest version and its stages."""
    raise NotImplementedError


def versions_document(artifact: Artifact, selector: Selector | None, messages: Mapping[str, str]) -> list[dict[str, Any]]:
    """`gto show NAME --json`, and with a selector `NAME@latest`, `NAME@vX`, `NAME#stage`.

    Args:
        artifact: its state.
        selector: which version is asked for; None for all.
        messages: those of the tags, by tag name.
    """
    raise NotImplementedError


def history_document(artifacts: Iterable[Artifact], messages: Mapping[str, str]) -> list[dict[str, Any]]:
    """`gto history --json`: the events of some artifacts, newest first."""
    raise NotImplementedError


def event_document(event: Event, message: str) -> dict[str, Any]:
    """`gto check-ref --json`."""
    raise NotImplementedError


def stages_document(registry: Registry, allowed: tuple[StageName, ...] | None) -> list[str]:
    """`gto stages --json`: those that are allowed, or else those in use (R25)."""
    raise NotImplementedError
