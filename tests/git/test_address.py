"""Addresses of repositories: who asks is kept apart from where, and shown to nobody."""

import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gto_action.errors import GitError
from gto_action.git.address import Address, address_of, is_address, parse_address, shown, without_users

# the address: how git is asked, the user, the password, and what people see
TAKEN = {
    "https://h/o/r": ("https://h/o/r", "", "", "https://h/o/r"),
    "https://h:8443/o/r.git": ("https://h:8443/o/r.git", "", "", "https://h:8443/o/r.git"),
    "http://[::1]:80/o/r": ("http://[::1]:80/o/r", "", "", "http://[::1]:80/o/r"),
    "HTTPS://h/o/r": ("https://h/o/r", "", "", "HTTPS://h/o/r"),
    "https://u@h/o/r": ("https://h/o/r", "u", "", "https://h/o/r"),
    "https://u:p@h/o/r": ("https://h/o/r", "u", "p", "https://h/o/r"),
    "https://u:@h/o/r": ("https://h/o/r", "u", "", "https://h/o/r"),
    "https://:p@h/o/r": ("https://h/o/r", "", "p", "https://h/o/r"),
    "https://u:p@q@h/o/r": ("https://h/o/r", "u", "p@q", "https://h/o/r"),
    "https://u:p:q@h/o/r": ("https://h/o/r", "u", "p:q", "https://h/o/r"),
    "https://u%40x:p%2Fq%23@h/o/r": ("https://h/o/r", "u@x", "p/q#", "https://h/o/r"),
    "http://h\\@x/o/r": ("http://x/o/r", "h\\", "", "http://x/o/r"),
    "http::http://u:p@h/o/r": ("http://h/o/r", "u", "p", "http::http://h/o/r"),
    "https::https://u:p@h/o/r": ("https://h/o/r", "u", "p", "https::https://h/o/r"),
    "ssh://git@h:22/o/r": ("ssh://git@h:22/o/r", "", "", "ssh://h:22/o/r"),
    "git@h:o/r": ("git@h:o/r", "", "", "h:o/r"),
    "h:o/r": ("h:o/r", "", "", "h:o/r"),
    "git://h/o/r": ("git://h/o/r", "", "", "git://h/o/r"),
    "file:///srv/me@x/o/r": ("file:///srv/me@x/o/r", "", "", "file:///srv/me@x/o/r"),
    "/srv/me@x/o/r": ("/srv/me@x/o/r", "", "", "/srv/me@x/o/r"),
    "./a:b@c": ("./a:b@c", "", "", "./a:b@c"),
    "ext::sh -c date": ("ext::sh -c date", "", "", "ext::sh -c date"),
}
# what cannot be used, and what people see of it
REFUSED = {
    "http://u:pa/ss@h/o/r": "http://…@h/o/r",
    "http://u:pa#ss@h/o/r": "http://…@h/o/r",
    "http://u:pa?ss@h/o/r": "http://…@h/o/r",
    "http://u:12/ss@h/o/r": "http://…@h/o/r",
    "http://u/x:p@h/o/r": "http://…@h/o/r",
    "http://h/o/r@x": "http://…@x",
    "http://u:p@h:x/o/r": "http://h:x/o/r",
    "http://u:p@h:65536/o/r": "http://h:65536/o/r",
    "http://u:p@/o/r": "http:///o/r",
    "http://[/o/r": "http://[/o/r",
    "http:///o/r": "http:///o/r",
    "http://h x/o/r": "http://h x/o/r",
    "https://h/o/r?token=secret": "https://h/o/r?…",
    "https://u:p@h/o/r?private_token=secret#top": "https://h/o/r?…",
    "https://h/o/r#readme": "https://h/o/r?…",
    "ssh://u:p@h/o/r": "ssh://h/o/r",
    "ssh://u:pa/ss@h/o/r": "ssh://…@h/o/r",
    "git://u@h/o/r": "git://h/o/r",
    "ftp://u:p@h/o/r": "ftp://h/o/r",
    "file://u:p@h/o/r": "file://h/o/r",
    "u:p@h:o/r": "h:o/r",
    "u:pa/ss@h:o/r": "…@h:o/r",
    "u@x:p@h:o/r": "h:o/r",
}


@pytest.mark.parametrize("text", TAKEN)
def test_taken_apart(text: str) -> None:
    url, user, password, people = TAKEN[text]
    assert parse_address(text) == Address(url, user, password)
    assert shown(text) == people


@pytest.mark.parametrize("text", REFUSED)
def test_refused(text: str) -> None:
    with pytest.raises(GitError, match=re.escape(f"The address {REFUSED[text]!r} cannot be used: ")):
        parse_address(text)


FORMS = [
    "{0}http://{1}:{2}@h/o/r",
    "{0}https://{1}:{2}@h:80/o/r.git",
    "{0}ssh://{1}:{2}@h/o/r",
    "{0}ftp://{1}:{2}@h",
    "{1}:{2}@h:o/r",
]


@given(
    st.sampled_from(FORMS),
    st.sampled_from(["", "http::", "https::", "x::"]),
    st.text(st.sampled_from("u1%@:/?#[]\\ é\t\x00\udc80"), max_size=5),
    st.text(st.sampled_from("1%@:/?#[]\\ é\t\x00\udc80"), max_size=5),
    st.text(st.sampled_from("1%@:/?#[]\\ é\t\x00\udc80"), max_size=5),
)
def test_no_spelling_shows_a_password(form: str, helper: str, user: str, before: str, after: str) -> None:
    text = form.format(helper, user, f"{before}SECRET{after}")
    if form.startswith("{1}") and "/" in user:  # a path
        return
    assert "SECRET" not in shown(text)
    assert "SECRET" not in _known_of(text)


def _known_of(text: str) -> str:
    """What a command line, an error or a traceback would have of an address."""
    try:
        address = parse_address(text)
    except GitError as error:
        return str(error)
    return f"{address.url} {address!r}"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("https://h/o/r", True), ("h:o/r", True), ("[::1]:o/r", True), ("git@h:r", True), ("./a:b", False), ("/a:b", False), ("a/b:c", False), ("a", False), ("", False)],
)  # fmt: skip
def test_is_address(text: str, wanted: bool) -> None:
    assert is_address(text) == wanted


def test_without_users() -> None:
    said = "fatal: unable to access 'https://u:p@h/o/r/': no; could not read Password for 'http://t@h'"
    assert without_users(said) == "fatal: unable to access 'https://h/o/r/': no; could not read Password for 'http://h'"


@pytest.mark.parametrize("path", ["/srv/models", "/srv/a b/é%#?&;=+~@:", "/" + os.fsdecode(b"\xff\xfe")], ids=ascii)
def test_the_address_of_a_path_is_pythons(path: str) -> None:
    assert address_of(Path(path)) == Path(path).as_uri()
