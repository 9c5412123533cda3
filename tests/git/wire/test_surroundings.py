"""What is around a run: variables and configurations that steer git, but are meant for somebody else."""

import base64
from pathlib import Path

import pytest

from gto_action.git.remote import Remote
from gto_action.git.repository import Repository
from tests.support.action import Action
from tests.support.asked import QUICK
from tests.support.git_server import Fault, GitServer
from tests.support.repo import Repo
from tests.support.wire import RESULT, TOKEN, failed, right

NOWHERE = "http://127.0.0.1:9/"
PROGRAM = "PROGRAM"
VARIABLES = {
    "traces": dict.fromkeys(("GIT_TRACE", "GIT_TRACE_PACKET", "GIT_TRACE_CURL", "GIT_CURL_VERBOSE", "GIT_TRACE2", "GIT_TRACE2_EVENT"), "1"),
    "traces with contents": {"GIT_TRACE_CURL": "2", "GIT_TRACE_CURL_NO_DATA": "0", "GIT_TRACE_REDACT": "0"},
    "another version of the protocol": {"GIT_PROTOCOL": "version=1"},
    "no protocol at all": {"GIT_ALLOW_PROTOCOL": "none", "GIT_PROTOCOL_FROM_USER": "0"},
    "settings": {
        "GIT_CONFIG_COUNT": "2", "GIT_CONFIG_KEY_0": "protocol.version", "GIT_CONFIG_VALUE_0": "0",
        "GIT_CONFIG_KEY_1": f"url.{NOWHERE}.insteadOf", "GIT_CONFIG_VALUE_1": "http://",
    },
    "settings of a git above": {"GIT_CONFIG_PARAMETERS": f"'protocol.version=0' 'http.proxy={NOWHERE}'"},
    "a configuration": {"GIT_CONFIG_GLOBAL": PROGRAM, "GIT_CONFIG_SYSTEM": PROGRAM, "GIT_CONFIG": PROGRAM},
    "a repository, as in a hook": {
        "GIT_DIR": "/nowhere", "GIT_WORK_TREE": "/nowhere", "GIT_INDEX_FILE": "/nowhere/index", "GIT_PREFIX": "x/",
        "GIT_OBJECT_DIRECTORY": "/nowhere", "GIT_ALTERNATE_OBJECT_DIRECTORIES": "/nowhere", "GIT_NAMESPACE": "x",
    },
    "programs": dict.fromkeys(("GIT_ASKPASS", "SSH_ASKPASS", "GIT_PROXY_COMMAND", "GIT_EXTERNAL_DIFF", "GIT_PAGER"), PROGRAM)
    | {"SSH_ASKPASS_REQUIRE": "force", "DISPLAY": ":0", "GIT_TERMINAL_PROMPT": "1"},
    "another language": {"LANG": "de_DE.UTF-8", "LANGUAGE": "de:fr", "LC_ALL": "de_DE.UTF-8"},
}  # fmt: skip


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A program that asks for a password, as a desktop's does, and leaves a trace."""
    path = tmp_path / "program"
    path.write_text(f"#!/bin/sh\ntouch {tmp_path / 'has-run'}\necho secret\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("what", VARIABLES)
def test_variables_for_another_git(
    srv: Path, action: Action, monkeypatch: pytest.MonkeyPatch, program: Path, what: str
) -> None:
    for name, value in VARIABLES[what].items():
        monkeypatch.setenv(name, str(program) if value == PROGRAM else value)
    with GitServer(srv, token=TOKEN) as server:
        run = action(server)
        refused = action(server, INPUT_TOKEN="")
    right(run)
    failed(refused, "asks for a token")
    assert "trace" not in run.log
    assert not program.with_name("has-run").exists()


# in the configuration of a user of the command line, where it counts, but for what is not theirs to say
CONFIGURED = {
    "an old protocol": "[protocol]\n\tversion = 0\n",
    "ways to use HTTP": "[http]\n\tversion = HTTP/1.1\n\tminSessions = 5\n",
    "checks": "[fetch]\n\tfsckObjects = true\n[transfer]\n\tfsckObjects = true\n\tunpackLimit = 1\n",
    "programs": "[core]\n\taskPass = {program}\n\tgitProxy = {program}\n\tfsmonitor = {program}\n",
    "a header": "[http]\n\textraHeader = X-Mine: 1\n",
    "credentials in a header": "[http]\n\textraHeader = AUTHORIZATION: basic {basic}\n",
    "another address": '[url "{url}/o/"]\n\tinsteadOf = "{url}/x/"\n',
}


@pytest.mark.usefixtures("registry", "way")
@pytest.mark.parametrize("what", CONFIGURED)
def test_the_configuration_of_a_user(srv: Path, program: Path, what: str) -> None:
    basic = base64.b64encode(f"x-access-token:{TOKEN}".encode()).decode()
    log: list[str] = []
    elsewhere = what == "another address"  # to which no token goes
    token = "" if elsewhere or what == "credentials in a header" else TOKEN
    with GitServer(srv, token="" if elsewhere else TOKEN) as server:
        configured = CONFIGURED[what].format(program=program, basic=basic, url=server.url)
        Path("~/.gitconfig").expanduser().write_text(configured)
        remote = Remote(f"{server.url}/{'x' if elsewhere else 'o'}/r", token=token)
        with Repository(remote, log=log.append, own_config=True, timeout=20, pace=QUICK) as repository:
            tags = repository.fetch()
            assert len(tags.records) == 32
            assert tags.files.read("HEAD", ".gto") == b"stages: [prod]\n"
    assert not program.with_name("has-run").exists()
    assert log == []


def test_two_answers_to_one_question(srv: Path, action: Action, registry: Repo) -> None:
    """Who asks for one tag alone is told of another commit than who asks for all: the list of all counts."""
    other = registry.commit({"dvc.yaml": "artifacts: {churn: {path: wrong}}\n"}, time=80)
    registry.git("update-ref", "refs/heads/other", other)
    target = registry.git("rev-parse", "churn#prod#4")
    lied = f"{target} refs/tags/churn#prod#4 peeled:{other}\n"
    body = f"{len(lied) + 4:04x}{lied}0000".encode()
    with GitServer(srv, token=TOKEN) as server:
        server.fault(Fault(asks=b"ref-prefix refs/tags/churn#prod#4", status=200, headers=RESULT, body=body))
        right(action(server))
