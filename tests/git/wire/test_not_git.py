"""What is no answer of git's."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.action import Action
from tests.support.git_server import GitServer
from tests.support.wire import RESULT, failed

ADVERTISEMENT = {"Content-Type": "application/x-git-upload-pack-advertisement"}
HTML = {"Content-Type": "text/html; charset=utf-8"}
# the place, the headers and the body of a 200 that is no answer of git's
GARBAGE: Mapping[str, tuple[str, Mapping[str, str], bytes]] = {
    "a login page": ("", HTML, b"<html><title>Sign in</title></html>\n"),
    "a login page for the advertisement": ("/info/refs", HTML, b"<html>Sign in</html>\n"),
    "an empty page": ("/info/refs", HTML, b""),
    "no type": ("/info/refs", {}, b"hello"),
    "a list of refs, as of a plain file server": ("/info/refs", {"Content-Type": "text/plain"}, b"%b\trefs/heads/main\n" % (b"1" * 40)),
    "nothing as the advertisement": ("/info/refs", ADVERTISEMENT, b""),
    "noise as the advertisement": ("/info/refs", ADVERTISEMENT, os.urandom(300)),
    "only a flush": ("/info/refs", ADVERTISEMENT, b"001e# service=git-upload-pack\n00000000"),
    "a page for a pack": ("/o/r/git-upload-pack", HTML, b"<html>Sign in</html>\n"),
    "noise for a pack": ("/o/r/git-upload-pack", RESULT, os.urandom(300)),
    "nothing for a pack": ("/o/r/git-upload-pack", RESULT, b""),
    "an error of git's": ("/o/r/git-upload-pack", RESULT, b"0014ERR not today\n\n0000"),
    "zeros": ("/o/r/git-upload-pack", RESULT, b"0000" * 20),
}  # fmt: skip


@pytest.mark.parametrize("what", GARBAGE)
def test_what_is_not_git(srv: Path, action: Action, what: str) -> None:
    path, headers, body = GARBAGE[what]
    with GitServer(srv) as server:
        server.answer(200, path=path, headers=headers, body=body)
        failed(action(server))


def test_a_login_page_is_named(srv: Path, action: Action) -> None:
    with GitServer(srv) as server:
        server.answer(200, headers=HTML, body=b"<html>Sign in</html>\n")
        failed(action(server), "'text/html; charset=utf-8'.*proxy|not valid")
