"""What is no answer of git's."""

from pathlib import Path

import pytest

from tests.support.action import Action
from tests.support.git_server import GitServer
from tests.support.wire import failed
from tests.support.wire_faults import GARBAGE, HTML


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
