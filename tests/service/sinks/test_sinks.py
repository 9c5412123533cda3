"""What sinks get, and what is made of their answers: servers that misbehave, and real programs."""

import base64
import json
import socket
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Self
from urllib.parse import parse_qs

import pytest
from standardwebhooks import Webhook

from gto_action.errors import InputError
from gto_action.service.config.secrets import Secret, Vault
from gto_action.service.config.settings import (
    CommandTarget,
    DispatchTarget,
    HttpTarget,
    PipelineTarget,
    SinkSettings,
    Target,
)
from gto_action.service.rules.outcome import Came, Outcome
from gto_action.service.sinks.http import reach
from gto_action.service.sinks.message import Message
from gto_action.service.sinks.sink import check_keys, sample, sink_of
from tests.support.openapi import check_request
from tests.support.service import SECRETS, SINK_SECRET, Sink
from tests.support.wire import within

KEY: Final = Secret("env:SINK_SECRET")
VARIABLES: Final[Mapping[str, str]] = {**SECRETS, "TOKEN": "t0k3n-of-this-test", "PATH": "/usr/bin:/bin"}


def document(**more: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(sample(0).body)["data"]
    return {**found, "name": "churn", "event": "assignment", "stage": "prod", **more}


def message(**more: str) -> Message:
    return Message(id="gto_x", word="assignment", sequence=7, body=json.dumps({"data": document(**more)}))


def deliver(target: Target, sent: Message | None = None, timeout: float = 2.0) -> Outcome:
    settings = SinkSettings(name="out", target=target, timeout=timeout)
    return sink_of(settings, Vault(VARIABLES), VARIABLES)(sent or message())


def to(url: str) -> HttpTarget:
    return HttpTarget(url=url, secrets=(KEY,), headers=(("x-key", Secret("env:TOKEN")),))


def test_an_endpoint_gets_the_bytes_signed(sink: Sink) -> None:
    sent = message()
    assert deliver(to(sink.url), sent).came is Came.TAKEN
    (arrival,) = sink.arrivals
    assert arrival.body == sent.body.encode()
    assert Webhook(SINK_SECRET).verify(arrival.body, dict(arrival.headers))
    assert arrival.headers["webhook-id"] == "gto_x"
    assert arrival.headers["content-type"] == "application/cloudevents+json; charset=utf-8"
    assert arrival.headers["x-key"] == "t0k3n-of-this-test"


@pytest.mark.parametrize(
    ("status", "headers", "expected"),
    [
        (204, {}, Outcome(Came.TAKEN, "204")),
        (410, {}, Outcome(Came.GONE, "410")),
        (429, {"retry-after": "7"}, Outcome(Came.REFUSED, "429", 7)),
        (500, {}, Outcome(Came.REFUSED, "500")),
    ],
    ids=["204", "410", "429", "500"],
)
def test_an_answer(sink: Sink, status: int, headers: Mapping[str, str], expected: Outcome) -> None:
    sink.answer = lambda _: (status, headers, 0.0)
    assert deliver(to(sink.url)) == expected


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_nobody_is_followed(sink: Sink, status: int) -> None:
    with Sink() as elsewhere:
        sink.answer = lambda _: (status, {"location": elsewhere.url}, 0.0)
        assert deliver(to(sink.url)).came is Came.REFUSED
        assert elsewhere.arrivals == []


class Odd(threading.Thread):
    """A server that says what it is told at once, then something byte by byte, and then nothing more."""

    def __init__(self, said: bytes, dripped: bytes, pause: float) -> None:
        super().__init__(daemon=True)
        self._said, self._dripped, self._pause, self._over = said, dripped, pause, threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self.join()
        self._socket.close()

    def run(self) -> None:
        connection, _ = self._socket.accept()
        with connection, suppress(OSError):
            connection.recv(65536)
            connection.sendall(self._said)
            for byte in self._dripped:
                connection.sendall(bytes([byte]))
                if self._over.wait(self._pause):
                    return
            self._over.wait(30)


LINE: Final = b"HTTP/1.1 200 OK\r\n"
HEAD: Final = LINE + b"content-length: 9000\r\n\r\n"


@pytest.mark.parametrize(
    ("said", "dripped", "pause", "came"),
    [
        (b"", b"", 0.0, Came.REFUSED),
        (b"", LINE + b"x: " + b"y" * 9000, 0.05, Came.REFUSED),
        (HEAD + b"y", b"", 0.0, Came.TAKEN),
        (HEAD, b"y" * 9000, 0.02, Came.TAKEN),
        (b"SSH-2.0-OpenSSH\r\n", b"", 0.0, Came.REFUSED),
    ],
    ids=["hangs", "drips headers", "hangs in the body", "drips the body", "speaks something else"],
)
def test_every_attempt_ends_in_time(said: bytes, dripped: bytes, pause: float, came: Came) -> None:
    with Odd(said, dripped, pause) as server, within(20):
        assert deliver(to(server.url), timeout=1.0).came is came


def test_nobody_is_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    outcome = deliver(to(f"http://127.0.0.1:{port}/"))
    assert outcome.came is Came.REFUSED
    assert "refused" in outcome.said
    assert "refused" in reach(f"http://127.0.0.1:{port}/", 2)


def test_an_address_can_be_reached_without_a_request(sink: Sink) -> None:
    assert reach(sink.url, 2) == ""
    assert sink.arrivals == []


def test_a_proxy_of_the_environment_is_not_asked(sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "")
    assert deliver(to(sink.url)).came is Came.TAKEN


SHOW: Final = "import json, os, sys; json.dump([sys.stdin.read(), dict(os.environ)], open(sys.argv[1], 'w'))"


def program(tmp_path: Path, code: str) -> CommandTarget:
    argv = (sys.executable, "-c", code, str(tmp_path / "out.json"))
    return CommandTarget(argv=argv, environment=(("DEPLOY_TOKEN", Secret("env:TOKEN")),))


def test_a_program_gets_the_document_and_the_outputs(tmp_path: Path) -> None:
    sent = message(description="$(touch /tmp/x) `id` ; é", message="a\nb", path="p\0q")
    assert deliver(program(tmp_path, SHOW), sent, timeout=60) == Outcome(Came.TAKEN, "exit 0")
    stdin, variables = json.loads((tmp_path / "out.json").read_text())
    assert json.loads(stdin) == sent.document
    given = {name: value for name, value in variables.items() if name.startswith("GTO_")}
    assert given["GTO_DESCRIPTION"] == "$(touch /tmp/x) `id` ; é"
    assert (given["GTO_NAME"], given["GTO_STAGE"], given["GTO_EVENT"]) == ("churn", "prod", "assignment")
    assert (given["GTO_ID"], given["GTO_SEQUENCE"], given["GTO_HAPPENED"]) == ("gto_x", "7", "assignment")
    assert given["GTO_PATH"] == ""
    assert variables["DEPLOY_TOKEN"] == "t0k3n-of-this-test"
    assert not {"SINK_SECRET", "HOOK_SECRET", "TOKEN", "GTO_STAGES"} & {*variables}


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import sys; sys.exit(3)", "exit 3"),
        ("import sys, os; sys.exit('no room: ' + os.environ['DEPLOY_TOKEN'])", "exit 1 no room: ***"),
        ("import time; time.sleep(60)", "ended after 1 seconds"),
        ("import sys\nwhile True: sys.stdout.write('y' * 65536)", "ended after 1 seconds"),
    ],
    ids=["fails", "fails with a secret", "hangs", "prints without end"],
)
def test_a_program_that_fails(tmp_path: Path, code: str, said: str) -> None:
    timeout = 1.0 if "ended after" in said else 60.0
    assert deliver(program(tmp_path, code), timeout=timeout) == Outcome(Came.REFUSED, said)


def test_a_program_that_prints_much_is_not_ended_in_the_middle(tmp_path: Path) -> None:
    """A deployment has a long log, whose last line is kept."""
    code = "import sys; sys.stdout.write(('y' * 99 + '\\n') * 50_000); print('deployed')"
    assert deliver(program(tmp_path, code), timeout=60) == Outcome(Came.TAKEN, "exit 0 deployed")


def test_a_program_that_is_not_there() -> None:
    target = CommandTarget(argv=("/nowhere/deploy",))
    assert deliver(target) == Outcome(Came.REFUSED, "cannot be started: No such file or directory")


def test_a_dispatch_is_as_github_describes_it(sink: Sink) -> None:
    sink.answer = lambda _: (204, {}, 0.0)
    api = sink.url.removesuffix("/in")
    sent = message()
    assert (
        deliver(DispatchTarget(repository="acme/deploy", token=Secret("env:TOKEN"), api=api), sent).came is Came.TAKEN
    )
    (arrival,) = sink.arrivals
    body = json.loads(arrival.body)
    check_request("POST", "/repos/acme/deploy/dispatches", {}, body)
    assert body["client_payload"] == {"id": "gto_x", "sequence": 7, "event": "assignment", "document": sent.document}
    assert arrival.headers["authorization"] == "Bearer t0k3n-of-this-test"


def test_a_pipeline_gets_variables_that_gitlab_does_not_expand(sink: Sink) -> None:
    sink.answer = lambda _: (201, {}, 0.0)
    target = PipelineTarget(project="acme/deploy", ref="main", trigger_token=Secret("env:TOKEN"), url=sink.url)
    sent = message(description="costs $PATH")
    assert deliver(target, sent).came is Came.TAKEN
    fields = {
        name: value for name, (value,) in parse_qs(sink.arrivals[0].body.decode(), keep_blank_values=True).items()
    }
    assert (fields["token"], fields["ref"], fields["variables[GTO_STAGE]"]) == ("t0k3n-of-this-test", "main", "prod")
    assert fields["variables[GTO_DESCRIPTION]"] == ""
    assert json.loads(base64.b64decode(fields["variables[GTO_JSON_BASE64]"])) == sent.document


@pytest.mark.parametrize(("secret", "wrong"), [("short", "has 5 bytes"), ("whsec_!", "is not Base64"), ("a" * 16, "")])
def test_a_secret_that_can_be_guessed_does_not_sign(secret: str, wrong: str) -> None:
    settings = SinkSettings(name="out", target=to("https://a.example"), timeout=1)
    vault = Vault({**VARIABLES, "SINK_SECRET": secret})
    if wrong:
        with pytest.raises(Exception, match=wrong):
            check_keys(settings, vault)
    else:
        check_keys(settings, vault)


@pytest.mark.parametrize("value", ["t0k3n\n", "t0k3n\r\nx: y", "t\0", "t0k\u00e9n", "\u65e5"], ids=repr)
@pytest.mark.parametrize(
    "target",
    [to("https://a.example"), DispatchTarget(repository="o/r", token=Secret("env:TOKEN"))],
    ids=["http", "dispatch"],
)
def test_a_secret_that_no_header_can_have(target: Target, value: str) -> None:
    settings = SinkSettings(name="out", target=target, timeout=1)
    with pytest.raises(InputError) as raised:
        check_keys(settings, Vault({**VARIABLES, "TOKEN": value}))
    assert str(raised.value) == (
        "The secret 'env:TOKEN' has a line end, or another character that no header can have. Set it to one line of ASCII."
    )


@pytest.mark.parametrize("value", ["t0k3n\nof-this-test", "t0k3n-\u65e5"], ids=repr)
def test_a_secret_is_not_in_what_is_said_of_a_request(value: str, sink: Sink) -> None:
    """Whoever lets it come so far: a header that cannot be sent is quoted by what refuses it."""
    settings = SinkSettings(name="out", target=to(sink.url), timeout=1)
    outcome = sink_of(settings, Vault({**VARIABLES, "TOKEN": value}), VARIABLES)(message())
    assert outcome.came is Came.REFUSED
    assert "t0k3n" not in outcome.said
