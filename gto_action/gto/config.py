"""GTO's configuration: the file `.gto` and the variables GTO_…, as far as they matter for reading a registry (R28)."""

import json
import re
from collections.abc import Mapping as Variables
from dataclasses import dataclass
from typing import Final

from gto_action.errors import Level, Problem
from gto_action.gto.config_values import faults_of, is_nothing, listed, names_of, repeated_keys
from gto_action.gto.names import CONFIG_FILE, InvalidNameError, StageName
from gto_action.yaml12.nodes import Mapping, Pair, Scalar
from gto_action.yaml12.parser import YamlError, parse_yaml
from gto_action.yaml12.scalars import Kind

FILE: Final = CONFIG_FILE
_ours = re.compile("is larger than|is nested|asks for YAML|has more than [0-9,]+ |is not YAML: it has the character")
"""Faults that only we refuse: a limit, or another version of YAML."""
_KEYS: Final = {
    *("autoload_enrichments", "config_file_name", "debug", "emojis", "enrichments", "index", "log_level"),
    *("stages", "types"),
}


@dataclass(frozen=True, slots=True)
class Config:
    """What a team allows."""

    stages: tuple[StageName, ...] | None = None
    """The stages that `gto assign` accepts; None for any."""

    def problem(self, stage: StageName) -> Problem | None:
        """The warning about a stage that is not allowed; GTO honours its tag anyway."""
        if self.stages is None or stage in self.stages:
            return None
        allowed = ", ".join(repr(str(stage)) for stage in self.stages) or "none"
        message = f"The stage {str(stage)!r} is not among those that GTO's configuration allows: {allowed}."
        return Problem(
            Level.WARNING, message, f"Correct the tag, or add the stage to {FILE!r}.", FILE, fails_strict=True
        )


def read_config(data: bytes | None, environ: Variables[str, str]) -> tuple[Config, tuple[Problem, ...]]:
    """The configuration, and what is wrong with it; wrong parts do not count (X10).

    Args:
        data: the file `.gto`; None if there is none.
        environ: the variables; GTO_STAGES takes precedence over the file.
    """
    stages, problems = _from_file(data)
    if text := environ.get("GTO_STAGES", ""):
        try:
            stages = names_of(json.loads(text))
        except (ValueError, RecursionError) as error:
            message = f"GTO_STAGES cannot be {text!r}: {_reason(error)}."
            problems = (*problems, Problem(Level.WARNING, message, """Use a list such as '["dev", "prod"]'."""))
    return Config(stages), problems


def _from_file(data: bytes | None) -> tuple[tuple[StageName, ...] | None, tuple[Problem, ...]]:
    try:
        document = parse_yaml(data or b"")
    except YamlError as error:
        ours = _ours.match(str(error))
        return None, (_wrong(str(error), error.line, fatal=ours is None),)
    if is_nothing(document):
        return None, ()
    if not isinstance(document, Mapping):
        return None, (_wrong("is not a mapping of settings", document.line),)
    problems = [_wrong(f"has the key {key.text!r} twice", key.line) for key in repeated_keys(document)]
    settings: dict[str, Pair] = {}
    for pair in document.pairs:
        name = pair.key.text if isinstance(pair.key, Scalar) and pair.key.kind is Kind.TEXT else None
        if name is None or name.lower() not in _KEYS:
            shown = pair.key.text if isinstance(pair.key, Scalar) else "…"
            problems.append(_wrong(f"has a setting that GTO does not know, {shown!r}", pair.key.line))
        else:
            settings.setdefault(name.lower(), pair)  # of `stages` and `STAGES` gto uses the first
    for name, fault in faults_of({name: pair.value for name, pair in settings.items()}):
        problems.append(_wrong(f"has {name!r}, which {fault}", settings[name].key.line))
    stages = settings.get("stages")
    try:
        return names_of(listed(stages.value)) if stages else None, tuple(problems)
    except InvalidNameError:  # reported above, unless it is null
        return None, tuple(problems)


def _reason(error: Exception) -> str:
    return str(error).rstrip(".") if isinstance(error, InvalidNameError) else "it is not JSON"


def _wrong(what: str, line: int | None, *, fatal: bool = True) -> Problem:
    end = "; gto fails on it" if fatal else ""
    return Problem(Level.WARNING, f"{FILE!r} {what}{end}.", "Correct the file.", FILE, line, fails_strict=True)
