"""Whether the remote has moved, and whose word that is."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gto_action.errors import TransientRemoteError
from gto_action.git.http_trace import Reply
from gto_action.git.remote import Remote
from tests.support.git_words import RETURNED, URL

MOVED = {
    "https://git.example.com/o/new.git/info/refs?service=git-upload-pack": "https://git.example.com/o/new.git",
    "https://GIT.example.com:443/o/new/info/refs?service=git-upload-pack": "https://GIT.example.com:443/o/new",
    "/o/new/info/refs?service=git-upload-pack": "https://git.example.com/o/new",
    "https://git.example.com:8443/o/new/info/refs?service=git-upload-pack": "",
    "http://git.example.com/o/new/info/refs?service=git-upload-pack": "",
    "https://evil.example.com/o/new/info/refs?service=git-upload-pack": "",
    "https://git.example.com@evil.example.com/o/new/info/refs?service=git-upload-pack": "",
    "https://user@git.example.com/o/new/info/refs?service=git-upload-pack": "",
    "//evil.example.com/o/new/info/refs?service=git-upload-pack": "",
    "https://git.example.com/o/r/info/refs?service=git-upload-pack": "",
    "https://git.example.com/login": "",
    **{
        f"https://git.example.com{odd}/info/refs?service=git-upload-pack": ""
        for odd in (
            "#@evil.example.com/o/r",
            "/o/new?x=y",
            "/o/new#x",
            "\\\\@evil.example.com/o/r",
            "/o/n w",
            "/o/n\x7f",
            "/ö",
        )
    },
    "https://[/info/refs?service=git-upload-pack": "",
    "": "",
}


@pytest.mark.parametrize("location", MOVED)
def test_moved(location: str) -> None:
    moved = Remote(URL, "t").moved(RETURNED.format(301), (Reply(200), Reply(301, {"location": location})))
    assert moved == (Remote(MOVED[location], "t") if MOVED[location] else None)


@pytest.mark.parametrize("status", [200, 303, 304, 401, 404])
def test_not_moved(status: int) -> None:
    location = "https://git.example.com/o/new/info/refs?service=git-upload-pack"
    assert Remote(URL).moved(RETURNED.format(status), (Reply(status, {"location": location}),)) is None
    assert Remote(URL).moved(RETURNED.format(status), ()) is None


LOCATION = "https://git.example.com/o/new/info/refs?service=git-upload-pack"


@pytest.mark.parametrize(
    "said", ["", "fatal: unable to access 'x': CONNECT tunnel failed, response 302", RETURNED.format(301)]
)
def test_git_has_to_say_that_it_has_moved(said: str) -> None:
    reply = Reply(302, {"location": LOCATION})
    assert Remote(URL).moved(said, (reply,)) is None
    assert Remote(URL).moved(RETURNED.format(302), (reply,)) == Remote(LOCATION.partition("/info")[0])


_statuses = st.integers(0, 599) | st.sampled_from([301, 302, 307, 308, 401, 403, 404, 407, 429, 503])
_replies = st.builds(
    Reply,
    _statuses,
    st.fixed_dictionaries(
        {},
        optional={
            "location": st.sampled_from([LOCATION, "/o/new/info/refs?service=git-upload-pack"]),
            "retry-after": st.integers(0, 9999).map(str),
            "content-type": st.sampled_from(["text/html", "application/x-git-upload-pack-advertisement"]),
        },
    ),
    st.booleans(),
    st.sampled_from(["CONNECT", "CONNECT", "GET", "POST"]),
)


@given(
    st.lists(_replies, max_size=4), _replies, st.sampled_from(["", *(RETURNED.format(status) for status in (302, 404))])
)
def test_what_a_proxy_answers_to_connect_is_never_the_servers_word(before: list[Reply], last: Reply, said: str) -> None:
    replies = (*before, replace(last, method="CONNECT"))
    assert Remote(URL).moved(said, replies) is None
    error = Remote(URL).error(said, replies, 128)
    assert getattr(error, "retry_after", 0.0) == 0.0
    assert isinstance(error, TransientRemoteError) == (last.status not in {403, 407})
    assert error.message.startswith(
        "The proxy" if last.status == 403 else ("The proxy", "A proxy") if last.status == 407 else "Fetching"
    )
