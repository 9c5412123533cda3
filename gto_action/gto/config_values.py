"""Which values gto accepts in `.gto`: it refuses every command if one is wrong (R28)."""

from collections.abc import Callable, Iterator
from collections.abc import Mapping as Settings
from typing import Final

from gto_action.gto.names import InvalidNameError, StageName
from gto_action.yaml12.nodes import Mapping, Node, Scalar, Sequence
from gto_action.yaml12.scalars import Kind

_WORDS: Final = {"0", "1", "f", "false", "n", "no", "off", "on", "t", "true", "y", "yes"}
_OFF: Final = {"0", "f", "false", "n", "no", "off"}
_ENRICHMENT: Final = "gto"
"""The only enrichment that gto itself brings."""


def faults_of(settings: Settings[str, Node]) -> Iterator[tuple[str, str]]:
    """The settings with a value that gto refuses, and what is wrong with it, as a phrase that follows the name.

    >>> from gto_action.yaml12.parser import parse_yaml
    >>> list(faults_of({"debug": parse_yaml(b"perhaps")}))
    [('debug', 'is neither true nor false')]
    """
    for name, value in settings.items():
        check = _CHECKS.get(name)
        if check and (fault := check(value)):
            yield name, fault
    automatic = settings.get("autoload_enrichments")
    if automatic and _is_off(automatic) and not _brings_gto(settings.get("enrichments")):
        yield "autoload_enrichments", "is off, but 'enrichments' has none of the type 'gto'"


def names_of(value: object) -> tuple[StageName, ...]:
    """The names in a list.

    :raises InvalidNameError: if it is not a list of names.
    """
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise InvalidNameError("it is not a list of names")
    return tuple(StageName(name) for name in value)


def listed(node: Node) -> object:
    """A list of scalars as a Python list; None for any other node."""
    if isinstance(node, Sequence):
        return [item.value if isinstance(item, Scalar) else None for item in node.items]
    return None


def repeated_keys(node: Node) -> Iterator[Scalar]:
    """Keys that are repeated in a mapping, at any depth; looks at every node only once."""
    seen: set[int] = set()
    todo = [node]
    while todo:
        each = todo.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        if isinstance(each, Sequence):
            todo.extend(each.items)
        elif isinstance(each, Mapping):
            keys = set()
            for pair in each.pairs:
                if pair.identity in keys and isinstance(pair.key, Scalar):
                    yield pair.key
                keys.add(pair.identity)
                todo.append(pair.value)


def is_nothing(node: Node) -> bool:
    """Whether a whole document means no settings: null, or anything that is false in Python."""
    match node:
        case Scalar():
            return not node.value
        case Sequence():
            return not node.items
    return not node.pairs


def _brings_gto(enrichments: Node | None) -> bool:
    """Whether a list of enrichments has gto's own, which gto needs."""
    items = enrichments.items if isinstance(enrichments, Sequence) else ()
    return any(_text_of(item, "type") == _ENRICHMENT for item in items)


def _is_off(value: Node) -> bool:
    return isinstance(value, Scalar) and (value.value == 0 or value.text.lower() in _OFF)


def _is_null(node: Node) -> bool:
    return isinstance(node, Scalar) and node.kind is Kind.NULL


def _text(value: Node) -> str:
    return "" if isinstance(value, Scalar) and value.kind in {Kind.TEXT, Kind.BINARY} else "is not text"


def _switch(value: Node) -> str:
    if isinstance(value, Scalar):
        match value.kind:
            case Kind.BOOLEAN:
                return ""
            case Kind.INTEGER | Kind.NUMBER if value.value in {0, 1}:
                return ""
            case Kind.TEXT if value.text.lower() in _WORDS:
                return ""
    return "is neither true nor false"


def _names(value: Node) -> str:
    if _is_null(value):
        return ""
    try:
        names_of(listed(value))
    except InvalidNameError as error:
        return f"cannot be read: {str(error).rstrip('.')}"
    return ""


def _enrichments(value: Node) -> str:
    if not isinstance(value, Sequence):
        return "is not a list"
    for item in value.items:
        kind = _text_of(item, "type")
        configs = [pair.value for pair in item.get("config")] if isinstance(item, Mapping) else []
        if kind is None or not all(_is_of_names(config) for config in configs):
            return "has an entry without 'type', or with a 'config' that is not a mapping of names"
        if kind != _ENRICHMENT:
            return f"has the type {kind!r}, which gto does not bring"
    return ""


def _is_of_names(node: Node) -> bool:
    keys = [pair.key for pair in node.pairs] if isinstance(node, Mapping) else [None]
    return all(isinstance(key, Scalar) and key.kind is Kind.TEXT for key in keys)


def _text_of(node: Node, name: str) -> str | None:
    values = [pair.value for pair in node.get(name)] if isinstance(node, Mapping) else []
    value = values[-1] if values else None
    return value.text if isinstance(value, Scalar) and value.kind is Kind.TEXT else None


_CHECKS: Final[dict[str, Callable[[Node], str]]] = {
    "index": _text,
    "log_level": _text,
    "debug": _switch,
    "emojis": _switch,
    "autoload_enrichments": _switch,
    "types": _names,
    "stages": _names,
    "enrichments": _enrichments,
}
