"""R28: `.gto` and GTO_ variables."""

import pytest

from gto_action.gto.config import read_config
from gto_action.gto.names import StageName

# the file, GTO_STAGES, the stages, what the warnings say
CONFIGS = {
    "none": (None, "", None, []),
    "empty": ("", "", None, []),
    "comment": ("# nothing", "", None, []),
    "stages": ("stages: [dev, prod]", "", "dev prod", []),
    "no stage at all": ("stages: []", "", "", []),
    "null": ("stages:", "", None, []),
    "types": ("types: [model]\nemojis: false\nLOG_LEVEL: DEBUG\nenrichments: []", "", None, []),
    "the variable goes first": ("stages: [dev]", '["eu/prod"]', "eu/prod", []),
    "unknown key": ("stage: [dev]\nstages: [prod]", "", "prod", ["does not know, 'stage'"]),
    "bad stage": ("stages: [dev, _x]", "", None, ["'_x' is not a stage"]),
    "not a list": ("stages: dev", "", None, ["not a list of names"]),
    "a number": ("stages: [1]", "", None, ["not a list of names"]),
    "not YAML": ("stages: [", "", None, ["is not YAML"]),
    "a list": ("[dev]", "", None, ["not a mapping"]),
    "not UTF-8": (b"\xff", "", None, ["not UTF-8"]),
    "the variable is not JSON": (None, "dev", None, ["GTO_STAGES cannot be 'dev': it is not JSON"]),
    "the variable is not a list": (None, '"dev"', None, ["it is not a list of names"]),
    "the variable is wrong, the file is not": ("stages: [dev]", "[1]", "dev", ["GTO_STAGES"]),
}


@pytest.mark.parametrize("case", CONFIGS)
def test_config(case: str) -> None:
    content, variable, stages, warnings = CONFIGS[case]
    data = content.encode() if isinstance(content, str) else content
    config, problems = read_config(data, {"GTO_STAGES": variable})
    assert config.stages == (None if stages is None else tuple(StageName(each) for each in stages.split()))
    assert len(problems) == len(warnings)
    for problem, warning in zip(problems, warnings, strict=True):
        assert warning in problem.message


def test_a_stage_that_is_not_allowed() -> None:
    config, _ = read_config(b"stages: [dev, prod]", {})
    assert config.problem(StageName("dev")) is None
    problem = config.problem(StageName("qa"))
    assert problem is not None
    assert "'qa' is not among those that GTO's configuration allows: 'dev', 'prod'" in problem.message
