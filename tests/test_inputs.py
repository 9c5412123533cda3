"""Every input and every variable of the runner: its values, its default, its rejections."""

import pytest

from gto_action.errors import InputError
from gto_action.inputs import Environment, Inputs, Lightweight

DEFAULTS = Inputs(ref="", token="", lightweight=Lightweight.FAIL, strict=False, print_outputs=True)
OUTPUT = {"GITHUB_OUTPUT": "/output"}


def test_the_defaults() -> None:
    assert Inputs.from_env({}) == DEFAULTS


def test_an_empty_input_has_its_default() -> None:
    names = ("REF", "TOKEN", "LIGHTWEIGHT", "STRICT", "PRINT-OUTPUTS")
    assert Inputs.from_env({f"INPUT_{name}": " \n" for name in names}) == DEFAULTS


def test_every_input_is_read() -> None:
    given = Inputs.from_env(
        {
            "INPUT_REF": " refs/tags/churn#prod#4\n",
            "INPUT_TOKEN": "t",
            "INPUT_LIGHTWEIGHT": "accept",
            "INPUT_STRICT": "True",
            "INPUT_PRINT-OUTPUTS": "FALSE",
        }
    )
    expected = ("refs/tags/churn#prod#4", "t", Lightweight.ACCEPT, True, False)
    assert (given.ref, given.token, given.lightweight, given.strict, given.print_outputs) == expected


@pytest.mark.parametrize("value", ["yes", "on", "1", "0", "tRUE", "${{ x }}", "true false"])
def test_what_is_no_boolean(value: str) -> None:
    with pytest.raises(InputError, match=r"'strict' cannot be .* 'true' or 'false'"):
        Inputs.from_env({"INPUT_STRICT": value})


def test_a_variable_without_the_prefix_is_no_input() -> None:
    assert Inputs.from_env({"REF": "x", "STRICT": "true", "INPUT_PRINT_OUTPUTS": "false"}) == DEFAULTS


@pytest.mark.parametrize(
    ("server", "repository", "url"),
    [
        ("https://github.com", "o/r", "https://github.com/o/r"),
        ("", "o/r", "https://github.com/o/r"),
        ("http://127.0.0.1:8080/git/", "o.1/r-_2", "http://127.0.0.1:8080/git/o.1/r-_2"),
        ("file:///srv", "o/r", "file:///srv/o/r"),
        ("https://github.com", "", ""),
        ("", "", ""),
    ],
)
def test_the_address_of_the_repository(server: str, repository: str, url: str) -> None:
    environ = {"GITHUB_SERVER_URL": server, "GITHUB_REPOSITORY": repository, **OUTPUT}
    assert Environment.from_env(environ).repository_url == url


@pytest.mark.parametrize(
    "repository", ["o", "o/", "/r", "o/r/x", "../r", "o/..", "./r", "o/r\n", "o/r ", "o/é", "-u/../r"]
)
def test_what_is_no_repository(repository: str) -> None:
    with pytest.raises(InputError, match="GITHUB_REPOSITORY cannot be"):
        Environment.from_env({"GITHUB_REPOSITORY": repository, **OUTPUT})


@pytest.mark.parametrize("server", ["github.com", "ext::sh", "-u", "ssh://git@host", "git@host:o", "http://["])
def test_what_is_no_server(server: str) -> None:
    with pytest.raises(InputError, match="GITHUB_SERVER_URL cannot be"):
        Environment.from_env({"GITHUB_REPOSITORY": "o/r", "GITHUB_SERVER_URL": server, **OUTPUT})


def test_without_a_file_for_the_outputs() -> None:
    with pytest.raises(InputError, match="GITHUB_OUTPUT is not set"):
        Environment.from_env({})
