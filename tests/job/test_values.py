"""What the values of inputs may be, where there is more to say than true or false."""

import pytest

from gto_action.errors import InputError
from gto_action.hosts.github.variables import read_inputs
from gto_action.job.inputs import CatchUpInputs
from gto_action.job.values import since, workflow

NOW = 1_700_000_000


@pytest.mark.parametrize(
    ("value", "start"),
    [
        ("7d", NOW - 604_800),
        ("12h", NOW - 43_200),
        ("90m", NOW - 5_400),
        ("2w", NOW - 1_209_600),
        ("999999w", 0),
        ("2023-11-14T22:13:20Z", NOW),
        ("2023-11-14T22:13:20", NOW),
        ("2023-11-14 23:13:20+01:00", NOW),
        ("2023-11-14", 1_699_920_000),
    ],
)
def test_since(value: str, start: int) -> None:
    assert since("since", value).start(NOW) == start


@pytest.mark.parametrize(
    "value",
    ["7", "d", "-7d", "1.5d", "7 d", "7D", "7d\n", "yesterday", "2023-13-01", "\u0661d", "9" * 9, "0d", "0m", "00w"],
)
def test_not_since(value: str) -> None:
    with pytest.raises(InputError, match="The input 'since' cannot be"):
        since("since", value)


@pytest.mark.parametrize("value", ["2099-01-01", "2023-11-14T22:13:21Z", "9999-12-31"])
def test_since_a_time_that_has_yet_to_come(value: str) -> None:
    with pytest.raises(InputError, match=f"The input 'since' is '{value}', which is in the future."):
        since("since", value).start(NOW)


@pytest.mark.parametrize(
    ("value", "file"),
    [
        ("deploy.yml", "deploy.yml"),
        (".github/workflows/a b.yaml", "a b.yaml"),
        (".github/workflows/a\tb.yaml", None),
        (".github/workflows/deploy.YAML", "deploy.YAML"),
        ("161335", "161335"),
        ("", ""),
        ("Deploy", None),
        ("a/deploy.yml", None),
        ("../deploy.yml", None),
        ("deploy.yml?x=.yml", None),
        ("deploy.yml\n", None),
    ],
)
def test_workflow(value: str, file: str | None) -> None:
    if file is None:
        with pytest.raises(InputError, match="Use the name of a workflow file"):
            workflow("workflow", value)
    else:
        assert workflow("workflow", value) == file


@pytest.mark.parametrize("value", ["0", "257", "-1", "1.0", "many"])
def test_not_a_limit(value: str) -> None:
    with pytest.raises(InputError, match="Use a number of tags from 1 to 256"):
        read_inputs(CatchUpInputs, {"INPUT_LIMIT": value})
