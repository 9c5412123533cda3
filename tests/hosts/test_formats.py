"""How values are handed on: what is written, what is left out, and that a later step reads the value itself or nothing."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gto_action.hosts.formats import Format, as_json, carry
from tests.support import ci_readers
from tests.support.ci_readers import RefusedError

Read = Callable[[str, list[str]], dict[str, str]]

HOSTILE = [
    *("", " ", "a", "churn#prod#4", "churn@v1.0.0-rc.1+b", "models:churn", "a=b", "=", "#", "a # b", "é ☃ 𝄞"),
    *(
        "$CI_JOB_TOKEN",
        "${CI_JOB_TOKEN}",
        "$$CI_JOB_TOKEN",
        "$",
        "%CI_JOB_TOKEN%",
        "%",
        "100 %",
        "%0A",
        "%3B",
        "%AZP25",
    ),
    *("$(System.AccessToken)", "$$(x)", "$((x))", "$(x", "$ (x)", "`id`", "$(id)", "; id", "&& id", "a\\", "\\n"),
    *("'", '"', "''", "'\\''", "it's", '"a"', "'a'", "a'$(id)'b", "!", "~", "*", "-n", "--"),
    *(
        "two\nlines",
        "\n",
        "a\n",
        "\na",
        "a\r\nb",
        "a\rb",
        "\ta",
        "a\t",
        " a",
        "a ",
        "\u2028",
        "\x0b",
        "\x1b[31m",
        "\u202e",
    ),
    *("x\nCI_JOB_TOKEN=y", "##vso[task.setvariable variable=PATH]x", "a]b;c", "##teamcity[x]", "::error::", "NUL\0"),
    *("x" * 5_200, "é" * 20_000, "$" * 5_200, "x" * 200_000, "\n" * 5_000, "<" * 1_000),
]


def lines_of(form: Format, **texts: str) -> list[str]:
    return carry(form, texts).text.splitlines()


@pytest.mark.parametrize(
    ("form", "text", "written"),
    [
        (Format.SH, "churn#prod#4", ["export GTO_TAG='churn#prod#4'"]),
        (Format.SH, "v1.0.0", ["export GTO_TAG=v1.0.0"]),
        (Format.SH, "it's $HOME", ["export GTO_TAG='it'\"'\"'s $HOME'"]),
        (Format.SH, "", ["export GTO_TAG=''"]),
        (Format.DOTENV, "churn#prod#4", ["GTO_TAG=churn#prod#4"]),
        (Format.DOTENV, 'a "b" c', ['GTO_TAG=a "b" c']),
        (Format.DOTENV, "", ["GTO_TAG="]),
        (Format.BITBUCKET, "churn#prod#4", ["GTO_TAG=churn#prod#4"]),
        (
            Format.AZURE,
            "50 %\n;]",
            [
                "##vso[task.setvariable variable=GTO_TAG]50 %AZP25%0A;]",
                "##vso[task.setvariable variable=GTO_TAG;isoutput=true]50 %AZP25%0A;]",
            ],
        ),
        (Format.DIR, "churn#prod#4", []),
    ],
    ids=str,
)
def test_what_is_written(form: Format, text: str, written: list[str]) -> None:
    carried = carry(form, {"GTO_TAG": text})
    assert carried.text.splitlines() == written
    assert (carried.texts, carried.left_out) == ({"GTO_TAG": text}, {})


@pytest.mark.parametrize(
    ("form", "text", "why"),
    [
        (Format.SH, "a\0b", "has a NUL"),
        (Format.SH, "x" * 131_070, "is too long for a variable"),
        (Format.DOTENV, "two\nlines", "has more than one line"),
        (Format.DOTENV, "a\rb", "has more than one line"),
        (Format.DOTENV, "a\0b", "has a NUL"),
        (Format.DOTENV, " a", "begins or ends with white space"),
        (Format.DOTENV, "a\t", "begins or ends with white space"),
        (Format.DOTENV, "$CI_JOB_TOKEN", "has a '$', which GitLab may expand"),
        (Format.DOTENV, "5 %", "has a '%', which GitLab may expand"),
        (Format.DOTENV, "x" * 5_118, "is one of the longest, and all together may have 5,119 bytes"),
        (Format.BITBUCKET, "two\nlines", "has more than one line"),
        (Format.BITBUCKET, "a ", "begins or ends with white space"),
        (Format.BITBUCKET, "it's", 'has a "\'", which Bitbucket may not keep'),
        (Format.BITBUCKET, 'a "b"', "has a '\"', which Bitbucket may not keep"),
        (Format.BITBUCKET, "$x", "has a '$', which Bitbucket may not keep"),
        (Format.BITBUCKET, "`x`", "has a '`', which Bitbucket may not keep"),
        (Format.BITBUCKET, "a\\b", "has a '\\\\', which Bitbucket may not keep"),
        (Format.AZURE, "a $(System.AccessToken)", "has a '$(', which Azure Pipelines may expand"),
        (Format.AZURE, "a\0b", "has a NUL"),
        (Format.AZURE, "x" * 32_765, "is too long for a variable"),
        (Format.DIR, "a $(READ_TOKEN)", "has a '$(', which Kubernetes may expand"),
        (Format.DIR, "a$$b", "has a '$$', which Kubernetes may expand"),
        (Format.DIR, "x" * 3_800, "is one of the longest, and all together may have 3,800 bytes"),
        (Format.DIR, "<" * 640, "is one of the longest, and all together may have 3,800 bytes"),
        (Format.DIR, "\n" * 1_900, "is one of the longest, and all together may have 3,800 bytes"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_what_is_left_out(form: Format, text: str, why: str) -> None:
    carried = carry(form, {"A": text, "B": "b"})
    assert (carried.texts, carried.left_out) == ({"A": "", "B": "b"}, {"A": why})
    assert carried.text == carry(form, {"A": "", "B": "b"}).text


@pytest.mark.parametrize(
    ("form", "text"),
    [
        (Format.SH, "x" * 131_069),
        (Format.DOTENV, "x" * 5_112),
        (Format.AZURE, "x" * 32_764),
        (Format.AZURE, "$ (x), $x, (x), 100 %"),
        (Format.DIR, "x" * 3_700),
        (Format.DIR, "a\0b\n"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_what_just_fits(form: Format, text: str) -> None:
    assert not carry(form, {"A": text, "B": "b"}).left_out


def test_the_longest_goes_first() -> None:
    texts = {"A": "a" * 2_000, "B": "b" * 3_000, "C": "c" * 2_500, "D": "d"}
    carried = carry(Format.DOTENV, texts)
    assert [name for name, text in carried.texts.items() if text] == ["A", "C", "D"]
    assert [*carry(Format.DOTENV, texts | {"A": "a" * 2_900}).left_out] == ["A", "B"]


def _dotenv(text: str, _: list[str]) -> dict[str, str]:
    return ci_readers.gitlab(text.encode())


def _bitbucket(text: str, _: list[str]) -> dict[str, str]:
    return ci_readers.bitbucket(text.encode())


def _azure(text: str, _: list[str]) -> dict[str, str]:
    variables, outputs = ci_readers.azure(text)
    assert variables == outputs
    return variables


READERS: dict[Format, Read] = {Format.DOTENV: _dotenv, Format.BITBUCKET: _bitbucket, Format.AZURE: _azure}
LETTERS = "aé$%(){}[];=#:!\"'`\\ \t\n\r\0~*-&|<>/x1\u2028"
texts = (
    st.text(LETTERS, max_size=12)
    | st.sampled_from(HOSTILE)
    | st.text(max_size=8).filter(lambda text: text.isprintable())
)


def _same_or_nothing(form: Format, given: dict[str, str], read: Read) -> None:
    carried = carry(form, given)
    found = read(carried.text, [*given])
    assert found == carried.texts
    assert {name: text for name, text in found.items() if text} == {
        name: text for name, text in given.items() if text and name not in carried.left_out
    }


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text)[:20])
@pytest.mark.parametrize("form", READERS, ids=str)
def test_a_later_step_reads_the_value_or_nothing(form: Format, text: str) -> None:
    _same_or_nothing(form, {"GTO_NAME": "churn", "GTO_DESCRIPTION": text, "GTO_TAG": "churn#prod#4"}, READERS[form])


@pytest.mark.parametrize("form", READERS, ids=str)
@given(one=texts, other=texts)
def test_whatever_the_values_are_a_later_step_reads_them_or_nothing(form: Format, one: str, other: str) -> None:
    _same_or_nothing(form, {"GTO_DESCRIPTION": one, "GTO_TAG": "churn#prod#4", "GTO_PATH": other}, READERS[form])


@given(one=texts, other=texts)
def test_whatever_the_values_are_a_step_of_tekton_has_them_or_nothing(one: str, other: str) -> None:
    given = {"description": one, "tag": "churn#prod#4", "path": other}
    carried = carry(Format.DIR, given)
    for name, text in carried.texts.items():
        assert ci_readers.kubernetes(text) == text
        assert text in {"", given[name]}
        assert bool(text) == (bool(given[name]) and name not in carried.left_out)


@pytest.mark.parametrize("program", ["dash", "bash"])
@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text)[:20])
def test_a_shell_reads_the_value_or_nothing(program: str, text: str, tmp_path: Path) -> None:
    given = {"GTO_NAME": "churn", "GTO_DESCRIPTION": text, "GTO_TAG": "churn#prod#4"}
    _same_or_nothing(Format.SH, given, lambda script, names: ci_readers.shell(program, script, names, tmp_path))


@pytest.mark.parametrize("program", ["dash", "bash"])
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(one=texts, other=texts)
def test_whatever_the_values_are_a_shell_reads_them_or_nothing(
    program: str, one: str, other: str, tmp_path: Path
) -> None:
    given = {"GTO_DESCRIPTION": one, "GTO_TAG": "churn#prod#4", "GTO_PATH": other}
    _same_or_nothing(Format.SH, given, lambda script, names: ci_readers.shell(program, script, names, tmp_path))


def test_the_readers_of_the_tests_are_hostile() -> None:
    """They would find what is written without care."""
    assert ci_readers.gitlab(b"A=$CI_JOB_TOKEN\nB=a%x%\nC= a \nD='a'\n") == {
        "A": "s3cret",
        "B": "as3cret",
        "C": "a",
        "D": "'a'",
    }
    for refused in (b"A=b\n\nC=d\n", b"A=two\nlines\n", b"A B=c\n", b"A=" + b"x" * 5_118):
        with pytest.raises(RefusedError):
            ci_readers.gitlab(refused)
    assert ci_readers.kubernetes("$(x) $$(x) $(y) $$") == "s3cret $(x) $(y) $"
    assert ci_readers.azure("x ##VSO[task.setvariable variable=A]$(System.AccessToken) %3B") == ({"A": "s3cret ;"}, {})


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text)[:20])
def test_the_document_has_every_value(text: str) -> None:
    written = as_json({"description": text})
    assert json.loads(written) == {"description": text}
    assert written.isascii()
    assert not re.search(r"##\w*\[|[\x00-\x09\x0b-\x1f\x7f]", written)
