"""Who asks: tokens, users and passwords, where they go and where they are never told."""

import base64

import pytest

from gto_action.git.http_trace import Reply
from gto_action.git.remote import Remote
from tests.support.git_words import RETURNED, URL


def test_a_refused_token_is_named_so() -> None:
    assert "refused the token" in Remote(URL, "t").error("fatal: Authentication failed").message


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (URL, URL),
        ("https://user:secret@git.example.com/o/r", URL),
        ("https://user:sec@ret@git.example.com:8443/o/r", "https://git.example.com:8443/o/r"),
        ("git@git.example.com:o/r", "git.example.com:o/r"),
        ("file:///srv/o/r", "file:///srv/o/r"),
    ],
)
def test_shown(url: str, shown: str) -> None:
    assert Remote(url).shown == shown


@pytest.mark.parametrize("url", ["file:///srv/o/r", "git@git.example.com:o/r", "ssh://git.example.com/o/r"])
def test_the_token_goes_nowhere_but_over_http(url: str) -> None:
    assert not [key for key in Remote(url, "t").config if "extraheader" in key]


def test_a_password_of_the_address_is_sent_as_a_token_would_be() -> None:
    remote = Remote("https://ada:s3%63ret@git.example.com/o/r")
    assert (remote.url, remote.page) == (URL, URL)
    header = f"Authorization: basic {base64.b64encode(b'ada:s3cret').decode()}"
    assert remote.config[f"http.{URL}.extraheader"] == header
    assert "s3cret" not in repr(remote)
    assert "refused the password" in remote.error("", (Reply(401),)).message


def test_a_token_goes_before_a_password() -> None:
    config = Remote("https://ada:s3cret@git.example.com/o/r", "t").config
    assert config[f"http.{URL}.extraheader"] == f"Authorization: basic {base64.b64encode(b'x-access-token:t').decode()}"


def test_a_user_alone_is_for_those_who_know_the_password() -> None:
    config = Remote("https://ada@git.example.com/o/r").config
    assert config[f"credential.{URL}.username"] == "ada"
    assert not [key for key in config if "extraheader" in key]


def test_an_empty_password_is_sent_as_git_does() -> None:
    """The user is a token then."""
    config = Remote("https://t0ken:@git.example.com/o/r").config
    assert config[f"http.{URL}.extraheader"] == f"Authorization: basic {base64.b64encode(b't0ken:').decode()}"
    assert "refused the password" in Remote("https://t0ken:@git.example.com/o/r").error("", (Reply(401),)).message


def test_who_asks_stays_the_same_where_the_repository_moves() -> None:
    location = "https://git.example.com/o/new/info/refs?service=git-upload-pack"
    remote = Remote("https://ada:s3cret@git.example.com/o/r")
    moved = remote.moved(RETURNED.format(301), (Reply(301, {"location": location}),))
    assert moved
    assert (moved.url, moved.user, moved.password) == ("https://git.example.com/o/new", "ada", "s3cret")


def test_a_user_in_what_git_says_is_not_told() -> None:
    said = "fatal: could not read Password for 'https://s3cret@git.example.com': terminal prompts disabled"
    assert str(Remote(URL).error(said)).endswith("for 'https://git.example.com': terminal prompts disabled")


def test_the_token_is_not_in_a_traceback() -> None:
    assert "s3cret" not in repr(Remote(URL, "s3cret"))
