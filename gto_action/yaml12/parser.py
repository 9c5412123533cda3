"""Parses YAML, which may be hostile, into a small typed tree with line numbers, as DVC reads it.

It uses PyYAML's events, not its loaders: these lose line numbers and repeated keys, follow YAML 1.1, and crash the
interpreter on 100,000 brackets.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

import yaml

from gto_action.yaml12.nodes import Mapping, Node, Pair, Scalar, Sequence
from gto_action.yaml12.scalars import TYPE_PREFIX, Kind, resolve_scalar

MAX_BYTES: Final = 2**20
MAX_LEVELS: Final = 100
_TOO_DEEP: Final = f"is nested more than {MAX_LEVELS} levels deep"
# Since PyYAML 6.0.4 the loader stops after 1,000 levels, and may raise this before it yields the first event.
_LOADERS_DEPTH: Final = "nesting depth"
# Merge keys (`<<`) copy; without a limit, a file of 1 MiB could ask for billions of copies.
_MAX_MERGED: Final = 100_000

_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C one is fast, and in every wheel
# https://yaml.org/spec/1.2.2/#51-character-set
# What it does not allow; and U+0085, U+2028, U+2029 and U+FEFF, which YAML 1.1 and 1.2 parsers read differently. A set
# of all that is allowed would take ten times as long to compile.
_forbidden = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")


class YamlError(ValueError):
    """The bytes are not a single readable YAML document; `line` counts from 1."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


def parse_yaml(data: bytes) -> Node:
    """The tree of a file; a null scalar if the file is empty.

    Even with aliases it has at most `MAX_LEVELS` levels, and its size is linear in the file's. An alias returns the
    same node again, so code that walks the tree has to limit itself.

    >>> parse_yaml(b"a: [on, 1.10]").get("a")[0].value.items[1].text
    '1.10'

    :raises YamlError: if the file is larger than `MAX_BYTES`, deeper than `MAX_LEVELS`, not UTF-8, not YAML, for
        another version than 1.2, more than one document, or has an alias that contains itself.
    """
    text = _decode(data)
    try:
        return _Composer(yaml.parse(text, Loader=_LOADER)).document()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or "it cannot be parsed"
        text = _TOO_DEEP if _LOADERS_DEPTH in reason else f"is not YAML: {reason}"
        raise YamlError(text, mark.line + 1 if mark else None) from error
    except YamlError:
        raise
    except (OverflowError, ValueError) as error:  # an escape such as "\UFFFFFFFF", in the pure-Python loader
        raise YamlError("is not YAML: it has an escape that stands for no character") from error


def _decode(data: bytes) -> str:
    if len(data) > MAX_BYTES:
        raise YamlError(f"is larger than {MAX_BYTES:,} bytes")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise YamlError("is not UTF-8", data.count(b"\n", 0, error.start) + 1) from error
    forbidden = _forbidden.search(text)
    if forbidden:
        line = text.count("\n", 0, forbidden.start()) + 1
        raise YamlError(f"is not YAML: it has the character {forbidden[0]!a}", line)
    return text


class _Anchored(NamedTuple):
    node: Node | None
    """None until the end of the node: an alias to it would contain itself."""
    levels: int


class _Composer:
    """Builds the tree from events; stops at the first event that is too deep."""

    def __init__(self, events: Iterator[yaml.Event]) -> None:
        self._events = events
        self._anchors: dict[str, _Anchored] = {}
        self._merged = 0

    def document(self) -> Node:
        next(self._events)  # the start of the stream
        start = next(self._events)
        if isinstance(start, yaml.StreamEndEvent):
            return Scalar(1, "", Kind.NULL, None)
        asked = getattr(start, "version", None)
        if asked not in {None, (1, 2)}:  # under YAML 1.1 `on` is a boolean and `010` is eight
            version = ".".join(map(str, asked))
            raise YamlError(f"asks for YAML {version}, but only 1.2 is supported", _line(start))
        root, _ = self._node(next(self._events), 1)
        next(self._events)  # the end of the document
        after = next(self._events)
        if not isinstance(after, yaml.StreamEndEvent):
            raise YamlError("has more than one document", _line(after))
        return root

    def _node(self, event: yaml.Event, level: int) -> tuple[Node, int]:
        """A node, and how many levels it has."""
        if level > MAX_LEVELS:
            raise YamlError(_TOO_DEEP, _line(event))
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, level)
        anchor = getattr(event, "anchor", None)
        if anchor is None:
            return self._content(event, level)
        unfinished = _Anchored(None, 0)
        self._anchors[anchor] = unfinished
        node, levels = self._content(event, level)
        if self._anchors[anchor] is unfinished:  # otherwise the anchor was redefined inside
            self._anchors[anchor] = _Anchored(node, levels)
        return node, levels

    def _alias(self, event: yaml.AliasEvent, level: int) -> tuple[Node, int]:
        node, levels = self._anchors.get(event.anchor or "", _Anchored(None, -1))
        if node is None:
            what = "contains itself" if levels == 0 else "has no anchor"
            raise YamlError(f"has the alias {event.anchor!r}, which {what}", _line(event))
        if level + levels - 1 > MAX_LEVELS:
            raise YamlError(_TOO_DEEP, _line(event))
        return node, levels

    def _content(self, event: yaml.Event, level: int) -> tuple[Node, int]:
        line = _line(event)
        if isinstance(event, yaml.ScalarEvent):
            kind, value = resolve_scalar(event.value, event.tag, plain=event.implicit[0] or event.tag == "!")
            return Scalar(line, event.value, kind, value), 1
        children: list[Node] = []
        levels = 0
        while not isinstance(child := next(self._events), yaml.CollectionEndEvent):
            node, below = self._node(child, level + 1)
            children.append(node)
            levels = max(levels, below)
        suffix = "seq" if isinstance(event, yaml.SequenceStartEvent) else "map"
        if getattr(event, "tag", None) not in {
            None,
            "!",
            TYPE_PREFIX + suffix,
        }:  # DVC supports few tags of collections, this parser none
            return Scalar(line, "", Kind.UNKNOWN, ""), 1
        if suffix == "seq":
            return Sequence(line, tuple(children)), levels + 1
        pairs = [Pair(key, value) for key, value in zip(children[::2], children[1::2], strict=True)]
        return Mapping(line, tuple(self._merge(pairs))), levels + 1

    def _merge(self, pairs: list[Pair]) -> list[Pair]:
        """Resolves `<<: *base` and `<<: [*first, *second]`; other merge keys stay, as unknown keys."""
        merges = [pair for pair in pairs if isinstance(pair.key, Scalar) and pair.key.kind is Kind.MERGE]
        if len(merges) != 1:  # two of them are a repeated key
            return pairs
        value = merges[0].value
        sources = value.items if isinstance(value, Sequence) else (value,)
        result = [pair for pair in pairs if pair is not merges[0]]
        seen = {pair.identity for pair in result}
        for source in sources:
            if not isinstance(source, Mapping):
                return pairs
            self._merged += len(source.pairs)
            if self._merged > _MAX_MERGED:
                raise YamlError(f"merges more than {_MAX_MERGED:,} keys", merges[0].key.line)
            result += [pair for pair in source.pairs if pair.identity not in seen]
            seen.update(pair.identity for pair in source.pairs)
        return result


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1
