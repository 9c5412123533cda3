"""The parser that other tests trust."""

import pytest

from tests.support.runner_files import FileCommandError, parse_outputs


@pytest.mark.parametrize(
    ("text", "values"),
    [
        pytest.param("", {}, id="nothing"),
        pytest.param("\n\n", {}, id="empty lines"),
        pytest.param("a=1\n\nb=\n", {"a": "1", "b": ""}, id="names and values"),
        pytest.param("a=1", {"a": "1"}, id="no line end"),
        pytest.param("a=b=c\n", {"a": "b=c"}, id="first equals sign"),
        pytest.param("a=x<<EOF\n", {"a": "x<<EOF"}, id="equals sign before the heredoc's"),
        pytest.param("a<<x=y\n1\nx=y\n", {"a": "1"}, id="heredoc's sign before the equals sign"),
        pytest.param("a<<EOF\nEOF\n", {"a": ""}, id="empty heredoc"),
        pytest.param("a<<EOF\n\nEOF\n", {"a": ""}, id="heredoc of an empty line"),
        pytest.param("a<<EOF\n\n\nEOF\n", {"a": "\n"}, id="heredoc of two empty lines"),
        pytest.param("a<<EOF\n1\n2\nEOF\nb=3\n", {"a": "1\n2", "b": "3"}, id="heredoc of lines"),
        pytest.param("a<<EOF\n EOF\nEOF \nEOF", {"a": " EOF\nEOF "}, id="delimiter to the letter"),
        pytest.param("a<<EOF\nb=1\r\nEOF\n", {"a": "b=1\r"}, id="carriage return kept"),
        pytest.param("a=1\na=2\n", {"a": "2"}, id="the last counts"),
        pytest.param(" a =1\n", {" a ": "1"}, id="nothing trimmed"),
        pytest.param("\ufeffa=1\n", {"a": "1"}, id="byte order mark"),
    ],
)
def test_values(text: str, values: dict[str, str]) -> None:
    assert parse_outputs(text.encode()) == values


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("a\n", "Invalid format 'a'", id="neither sign"),
        pytest.param("=1\n", "Name must not be empty", id="no name"),
        pytest.param("<<EOF\nEOF\n", "must not be empty", id="no name of a heredoc"),
        pytest.param("a<<\n\n", "must not be empty", id="no delimiter"),
        pytest.param("a<<EOF\n1\n", "delimiter not found 'EOF'", id="no end"),
        pytest.param("a<<EOF\n1EOF", "EOF marker missing new line", id="end in the last line"),
    ],
)
def test_errors(text: str, message: str) -> None:
    with pytest.raises(FileCommandError, match=message):
        parse_outputs(text.encode())
