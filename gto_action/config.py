"""GTO's configuration: the file `.gto` and the variables GTO_…, as far as they concern a registry's reader (R28)."""

import json
from collections.abc import Mapping as Variables
from dataclasses import dataclass
from typing import Final

from gto_action.errors import Level, Problem
from gto_action.names import InvalidNameError, StageName
from gto_action.yaml12 import YamlError, parse_yaml
from gto_action.yaml_nodes import Mapping, Node, Scalar, Sequence
from gto_action.yaml_scalars import Kind

FILE: Final = ".gto"
_KEYS: Final = {
    *("autoload_enrichments", "config_file_name", "debug", "emojis", "enrichments", "index", "log_level"),
    *("stages", "types"),
}


@dataclass(frozen=True, slots=True)
class Config:
    """What a team allows."""

    stages: tuple[StageName, ...] | None = None
    """The stages that `gto assign` takes; None for any."""

    def problem(self, stage: StageName) -> Problem | None:
        """What is wrong with a stage that is not allowed; GTO honours its tag all the same."""
        if self.stages is None or stage in self.stages:
            return None
        allowed = ", ".join(repr(str(each)) for each in self.stages) or "none"
        message = f"The stage {str(stage)!r} is not among those that GTO's configuration allows: {allowed}."
        return Problem(
            Level.WARNING, message, f"Correct the tag, or add the stage to {FILE!r}.", FILE, fails_strict=True
        )


def read_config(data: bytes | None, environ: Variables[str, str]) -> tuple[Config, tuple[Problem, ...]]:
    """The configuration, and what is wrong with it: what is wrong does not count.

    Args:
        data: the file `.gto`; None if there is none.
        environ: the variables, of which GTO_STAGES goes before the file.
    """
    stages, problems = _from_file(data)
    if text := environ.get("GTO_STAGES", ""):
        try:
            stages = _names(json.loads(text))
        except (ValueError, RecursionError) as error:
            message = f"GTO_STAGES cannot be {text!r}: {_reason(error)}."
            problems = (*problems, Problem(Level.WARNING, message, """It takes a list such as '["dev", "prod"]'."""))
    return Config(stages), problems


def _from_file(data: bytes | None) -> tuple[tuple[StageName, ...] | None, tuple[Problem, ...]]:
    try:
        document = parse_yaml(data or b"")
    except YamlError as error:
        return None, (_wrong(str(error), error.line),)
    if isinstance(document, Scalar) and document.kind is Kind.NULL:
        return None, ()
    if not isinstance(document, Mapping):
        return None, (_wrong("is not a mapping of settings", document.line),)
    problems = [
        _wrong(f"has a setting that GTO does not know, {pair.key.text!r}", pair.key.line)
        for pair in document.pairs
        if isinstance(pair.key, Scalar) and pair.key.text.lower() not in _KEYS
    ]
    stages = None
    for pair in document.get("stages")[-1:]:
        if isinstance(pair.value, Scalar) and pair.value.kind is Kind.NULL:
            continue
        try:
            stages = _names(_plain(pair.value))
        except ValueError as error:
            problems.append(_wrong(f"has 'stages' that cannot be read: {_reason(error)}", pair.key.line))
    return stages, tuple(problems)


def _plain(node: Node) -> object:
    if isinstance(node, Sequence):
        return [item.value if isinstance(item, Scalar) else None for item in node.items]
    return None


def _names(value: object) -> tuple[StageName, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise InvalidNameError("it is not a list of names")
    return tuple(StageName(each) for each in value)


def _reason(error: Exception) -> str:
    return str(error).rstrip(".") if isinstance(error, InvalidNameError) else "it is not JSON"


def _wrong(what: str, line: int | None) -> Problem:
    return Problem(
        Level.WARNING, f"{FILE!r} {what}.", "Correct the file; gto itself refuses it.", FILE, line, fails_strict=True
    )
