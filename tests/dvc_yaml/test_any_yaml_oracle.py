"""The real dvc, asked about entries and YAML that hypothesis makes up."""

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gto_action.errors import Problem
from gto_action.yaml12.nodes import Mapping, Node, Scalar, Sequence
from gto_action.yaml12.parser import YamlError, parse_yaml
from gto_action.yaml12.scalars import Kind
from tests.support.dvc_answers import PARAMS, Ask, agree, both

NAMES = ["name", "n", "f", "yes", "none", "list", "map", "map.a", "list[0]", "list[2].c", "missing", "escaped", "e", ""]
PIECES = st.one_of(
    st.sampled_from([f"${{{name}}}" for name in NAMES]),
    st.sampled_from(["a", " ", "\\", "$", "{", "}", "/", "..", ".", "1", "\\${", "é", ":", "#", "-", "~", "${", "[0]"]),
)
QUOTED = st.lists(PIECES, max_size=4).map(lambda parts: json.dumps("".join(parts), ensure_ascii=False))
PLAIN = st.sampled_from(
    ["on", "42", "1.10", "0o10", "~", "true", "2024-01-01", "1_0", "[a, b]", "{a: b}", "!!str 4", "&a x", "x y", "''"]
)
VALUES = st.one_of(QUOTED, PLAIN)
FIELDS = st.dictionaries(st.sampled_from(["type", "desc", "labels", "meta", "extra"]), VALUES, max_size=3)
LISTS = st.lists(VALUES, max_size=3).map(lambda items: f"[{', '.join(items)}]")


def _is_ours_only(problem: Problem) -> bool:
    """The rows of `REFUSED` that random text can reach."""
    return any(
        text in problem.message
        for text in ("inside a text", "is the template", "'path' of 'churn' in 'dvc.yaml' is missing", "A label")
    )


@settings(
    max_examples=250, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(path=QUOTED, fields=FIELDS, labels=st.none() | LISTS)
def test_same_as_dvc_for_any_entry(ask: Ask, path: str, fields: dict[str, str], labels: str | None) -> None:
    if labels is not None:
        fields = {**fields, "labels": labels}
    lines = "".join(f"    {key}: {value}\n" for key, value in {"path": path, **fields}.items())
    files = {"dvc.yaml": f"artifacts:\n  churn:\n{lines}", "params.yaml": PARAMS}
    answer, _, problems = both(ask, files, "churn", "")
    if "error" not in answer and any(_is_ours_only(problem) for problem in problems):
        return
    agree(ask, files)


TOKENS = st.sampled_from(
    [
        *(
            "a",
            "b",
            "path",
            ": ",
            ":",
            "- ",
            "-",
            "\n",
            "\n  ",
            "\n    ",
            " ",
            "  ",
            "[",
            "]",
            "{",
            "}",
            ",",
            ", ",
            "'",
        ),
        *('"', "#", " #", "&x ", "*x", "!!str ", "|\n", "|-\n", ">\n", "%", "@", "? ", "\\", "\\n", "1", "1.0", "~"),
        *(
            "null",
            "true",
            "\r\n",
            "<<",
            "=",
            "${x}",
            "é",
            "---",
            "...",
            ".",
            "_",
            "0o7",
            "0x1",
            "\\u0041",
            "2024-01-01",
        ),
    ]
)


@settings(
    max_examples=1500, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(TOKENS, max_size=12).map("".join))
def test_same_tree_as_dvc_for_any_yaml(ask: Ask, text: str) -> None:
    """Either of the two parsers may refuse what the other reads; where both read a mapping, it is the same."""
    answer = ask({"yaml": text})
    try:
        ours = shape(parse_yaml(text.encode()))
    except (YamlError, LookupError):
        return
    if "error" not in answer and isinstance(ours, dict):  # dvc differs in block text that is the whole document
        assert ours == answer["value"]


def shape(node: Node) -> Any:  # noqa: ANN401 - any YAML
    """The tree as the oracle writes it.

    :raises LookupError: for what the oracle does not write, or dvc refuses.
    """
    match node:
        case Scalar(kind=Kind.UNKNOWN | Kind.MERGE | Kind.BINARY):
            raise LookupError
        case Scalar(kind=Kind.NUMBER):
            return {"float": repr(node.value)}
        case Scalar(kind=Kind.DATE):
            return {"date": node.text}
        case Scalar():
            return node.value
        case Sequence():
            return [shape(item) for item in node.items]
        case Mapping():
            if any(not isinstance(key, Scalar) or key.kind is not Kind.TEXT for key, _ in node.pairs):
                raise LookupError
            assert len({pair.identity for pair in node.pairs}) <= len(node.pairs)
            return {shape(key): shape(value) for key, value in node.pairs}
