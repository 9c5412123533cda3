"""The patterns of `events`, `names` and `stages`: what fits, and what nothing could ever fit."""

from fnmatch import fnmatchcase
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gto_action.errors import InputError
from gto_action.gto.names import ArtifactName, InvalidNameError, StageName
from gto_action.hosts.github.variables import read_inputs
from gto_action.job.inputs import AnswerInputs
from gto_action.job.patterns import can_fit, fits, listed
from tests.support.tag_lists import thorough

# the input, a pattern that nothing fits, and what to do
REJECTED = [
    ("stages", "prod, staging", "Write one pattern per line: 'prod', 'staging'."),
    ("stages", "prod,staging", "Write one pattern per line: 'prod', 'staging'."),
    ("stages", "prod staging", "Write one pattern per line: 'prod', 'staging'."),
    ("stages", "prod|staging", "Write one pattern per line: 'prod', 'staging'."),
    ("stages", "{prod,staging}", "Write one pattern per line: 'prod', 'staging'."),
    ("stages", "[prod, staging]", "Write one pattern per line: 'prod', 'staging'."),
    ("stages", '["prod", "staging"]', "Write one pattern per line: 'prod', 'staging'."),
    ("stages", "prod   # production", "Write 'prod'."),
    ("stages", "# production", "Remove the comment."),
    ("stages", "[prod]", "Write 'prod'."),
    ("stages", "[pre-prod]", "Write 'pre-prod'."),
    ("stages", "[a, b]", "Write one pattern per line: 'a', 'b'."),
    ("stages", "- prod", "Write 'prod'."),
    ("stages", '"prod"', "Write 'prod'."),
    ("stages", "'prod'", "Write 'prod'."),
    ("stages", "prod,", "Write 'prod'."),
    ("stages", "#prod", "Write 'prod'."),
    ("stages", "churn#prod#4", "Write 'prod'."),
    ("stages", "churn#prod!", "Write 'prod'."),
    ("stages", "!prod", "A pattern cannot exclude: name every stage that you want."),
    ("stages", "prod-", "A stage is made of letters, digits, '-', '_' and '/', and begins and ends with"),
    ("stages", "prod.*", "A stage is made of letters, digits, '-', '_' and '/', and begins and ends with"),
    ("stages", "-*", "A stage is made of letters, digits, '-', '_' and '/', and begins and ends with"),
    ("stages", "prod[!", "A stage is made of letters, digits, '-', '_' and '/', and begins and ends with"),
    ("stages", "models:prod", "A stage is made of letters, digits, '-', '_' and '/', and begins and ends with"),
    ("stages", "pröd", "A stage is made of letters, digits, '-', '_' and '/', and begins and ends with"),
    ("names", "churn, segment", "Write one pattern per line: 'churn', 'segment'."),
    ("names", "[churn]", "Write 'churn'."),
    ("names", "models=churn", "Write 'models:churn'."),
    ("names", "models=*", "Write 'models:*'."),
    ("names", "churn@v1.0.0", "Write 'churn'."),
    ("names", "churn#prod", "Write 'churn'."),
    ("names", "churn  # ours", "Write 'churn'."),
    ("names", "a:b:c", "An artifact is written NAME, or DIR:NAME in a monorepo, and begins and ends with"),
    ("names", ":churn", "An artifact is written NAME, or DIR:NAME in a monorepo, and begins and ends with"),
    ("names", "churn.pkl", "An artifact is written NAME, or DIR:NAME in a monorepo, and begins and ends with"),
]
ACCEPTED = [
    *(("stages", each) for each in ("prod", "Prod", "prod*", "prod/*", "**", "?", "[ab]", "[0-9]", "[a-z0-9]", "[a-zA-Z0-9_]", "[0-9a-f_]", "[0-9a]", "[123]", "*-eu", "p[ro]*")),
    *(("names", each) for each in ("churn", "models:*", "models/nlp:churn", "*:churn", "*churn", "./models:churn", "m.x:*", "*.*")),
]  # fmt: skip


@pytest.mark.parametrize(("name", "pattern", "hint"), REJECTED, ids=[f"{row[0]} {row[1]}" for row in REJECTED])
@pytest.mark.parametrize("form", ["{}", "dev\n{}\n"], ids=["alone", "among others"])
def test_a_pattern_that_no_name_fits(name: str, pattern: str, hint: str, form: str) -> None:
    with pytest.raises(InputError) as error:
        read_inputs(AnswerInputs, {f"INPUT_{name.upper()}": form.format(pattern)})
    assert error.value.message.startswith(f"The input {name!r} has {pattern!r}, which matches ")
    assert error.value.hint.startswith(hint)


@pytest.mark.parametrize(("name", "pattern"), ACCEPTED, ids=map(" ".join, ACCEPTED))
def test_a_pattern_that_some_name_fits(name: str, pattern: str) -> None:
    inputs = read_inputs(AnswerInputs, {f"INPUT_{name.upper()}": f"{pattern}\nx"})
    assert getattr(inputs, name) == (pattern, "x")


@pytest.mark.parametrize("value", ["asignment", "assignment, registration", "Assignment", "assignment\nprod"])
def test_a_pattern_that_fits_no_event(value: str) -> None:
    with pytest.raises(InputError, match=r"'events' has .*, which matches no event\. Use one of 'registration'"):
        read_inputs(AnswerInputs, {"INPUT_EVENTS": value})


def is_artifact(text: str) -> bool:
    directory, colon, name = text.rpartition(":")
    try:
        return bool(directory) == bool(colon) and bool(ArtifactName(name, directory))
    except InvalidNameError:
        return False


def is_stage(text: str) -> bool:
    try:
        return bool(StageName(text))
    except InvalidNameError:
        return False


# few characters, of each kind of the grammar and of patterns
CHARACTERS = "a0-/.:,"
SHORT = ["".join(each) for length in range(1, 6) for each in product(CHARACTERS, repeat=length)]
STAGES = [each for each in SHORT if is_stage(each)]
ARTIFACTS = [each for each in SHORT if is_artifact(each)]


@thorough
@given(
    st.lists(st.sampled_from([*CHARACTERS, "*", "?", "[a-]", "[!a]", "[", "]", "[]a]", "[!0-]"]), max_size=4).map(
        "".join
    )
)
def test_whether_any_name_fits_is_decided_by_the_grammar(pattern: str) -> None:
    """Of so few characters a pattern of four parts fits a name of five, if it fits any of these characters at all."""
    for names, directory in ((STAGES, False), (ARTIFACTS, True)):
        found = any(fnmatchcase(name, pattern) for name in names)
        # what a pattern excludes leaves other characters, which are not among the few
        assert can_fit(pattern, directory=directory) >= found
        if "!" not in pattern and "?" not in pattern:
            assert can_fit(pattern, directory=directory) == found


@thorough
@given(st.data())
def test_a_pattern_made_of_a_name_fits_it(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(ARTIFACTS))
    pattern = "".join(data.draw(st.sampled_from([each, "?", "*", f"[{each}]"])) for each in name)
    assert fnmatchcase(name, pattern)
    assert can_fit(pattern, directory=True)
    assert can_fit(pattern, directory=False) or not is_stage(name)


def test_of_many_patterns_the_first_are_listed() -> None:
    assert listed(tuple(f"s{number}" for number in range(12))) == "s0, s1, s2, s3, s4, s5, s6, s7, s8, s9 and 2 more"
    assert fits((), "anything")
