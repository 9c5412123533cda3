"""A small GitHub API: stateful, and held to GitHub's own description in every request and every answer."""

import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any, Final, Self
from urllib.parse import parse_qsl, urlsplit

from support.openapi import check_answer, check_request, example

REPOSITORY: Final = "o/r"
_SEARCH: Final = 1000


@dataclass(frozen=True, slots=True)
class Fault:
    """An answer instead of the right one."""

    status: int = 0
    """0 for a connection that is closed without an answer."""
    message: str = "Server Error"
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    """A body that is none of GitHub's."""
    seconds: float = 0.0
    """To wait before."""
    after: bool = False
    """Whether what was asked is done all the same."""


@dataclass(frozen=True, slots=True)
class Received:
    """A request that came."""

    verb: str
    path: str
    query: dict[str, str]
    body: Any


def iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class GitHubServer:
    """A context that serves the API of one repository, on the loopback."""

    def __init__(self, token: str, *, prefix: str = "") -> None:
        self.token = token
        self.prefix = prefix
        self.permissions = {"actions": "write", "deployments": "write"}
        self.workflows = {"deploy.yml"}
        self.undispatchable: set[str] = set()
        """The tags in whose commit the workflow has no trigger `workflow_dispatch`."""
        self.runs: list[dict[str, Any]] = []
        self.lag = 0
        """How many lists a dispatched run is missing from."""
        self.faults: list[Fault] = []
        """Of the next requests."""
        self.received: list[Received] = []
        self.broken: list[str] = []
        """What GitHub's description does not allow, of what was asked or answered."""
        self._hidden: dict[int, int] = {}
        self._lock = Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}{self.prefix}"

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        if not kind:
            assert not self.broken, self.broken

    def add_run(self, ref_name: str, *, conclusion: str | None = "success", created: float | None = None) -> None:
        """A run of a workflow, the newest."""
        run = example("workflow-run-paginated")["workflow_runs"][0]
        made = iso(time.time() if created is None else created)
        status = "completed" if conclusion else "queued"
        change = {"id": 1_000 + len(self.runs), "head_branch": ref_name, "status": status, "conclusion": conclusion}
        self.runs.append(run | change | {"created_at": made, "updated_at": made, "event": "push"})

    def answer(self, verb: str, path: str, query: dict[str, str], body: Any) -> tuple[int, Any]:
        """What GitHub would answer: a status, and a body or None."""
        template, given = check_request(verb, path, query, body)
        needed = {"actions": "write" if verb == "POST" else "read"}
        if f"{given['owner']}/{given['repo']}" != REPOSITORY:
            return 404, {"message": "Not Found"}
        for name, level in needed.items():
            if self.permissions.get(name) not in {level, "write"}:
                return 403, {"message": "Resource not accessible by integration"}
        handlers: dict[tuple[str, str], Callable[..., tuple[int, Any]]] = {
            ("GET", "/repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs"): self._list_runs,
            ("POST", "/repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches"): self._dispatch,
        }
        return handlers[verb, template](given, query, body)

    def _list_runs(self, given: dict[str, str], query: dict[str, str], _: Any) -> tuple[int, Any]:
        if given["workflow_id"] not in self.workflows:
            return 404, {"message": "Not Found"}
        first, last = "", "9999"
        if created := query.get("created", ""):
            first, last = (created[2:], last) if created.startswith(">=") else created.split("..")
        visible = [run for run in self.runs if first <= run["created_at"] <= last and not self._hides(run)]
        visible.sort(key=lambda run: (run["created_at"], run["id"]), reverse=True)
        reachable = visible[:_SEARCH] if created else visible
        size, page = int(query.get("per_page", 30)), int(query.get("page", 1))
        return 200, {"total_count": len(visible), "workflow_runs": reachable[(page - 1) * size : page * size]}

    def _hides(self, run: dict[str, Any]) -> bool:
        left = self._hidden.get(run["id"], 0)
        self._hidden[run["id"]] = max(left - 1, 0)
        return left > 0

    def _dispatch(self, given: dict[str, str], _: dict[str, str], body: Any) -> tuple[int, Any]:
        tag = body["ref"].removeprefix("refs/tags/")
        if given["workflow_id"] not in self.workflows:
            return 404, {"message": "Not Found"}
        if tag in self.undispatchable:
            return 422, {"message": "Workflow does not have 'workflow_dispatch' trigger"}
        self.add_run(tag, conclusion=None)
        self._hidden[self.runs[-1]["id"]] = self.lag
        return 204, None

    def dispatched(self) -> list[str]:
        """The tags for which a workflow was asked to start, in that order."""
        posts = (each for each in self.received if each.path.endswith("/dispatches"))
        return [each.body["ref"].removeprefix("refs/tags/") for each in posts]

    def lists(self) -> int:
        """How many requests there were for runs."""
        return sum(each.path.endswith("/runs") for each in self.received)

    def serve(self, handler: BaseHTTPRequestHandler, verb: str) -> None:
        """Answers one request."""
        parts = urlsplit(handler.path)
        size = int(handler.headers.get("Content-Length") or 0)
        text = handler.rfile.read(size)
        body = json.loads(text) if text and text != b"null" else None
        path, query = parts.path.removeprefix(self.prefix), dict(parse_qsl(parts.query))
        with self._lock:
            self.received.append(Received(verb, path, query, body))
            fault = self.faults.pop(0) if self.faults else None
        if fault and fault.seconds:
            time.sleep(fault.seconds)
        try:
            assert path != parts.path or not self.prefix, f"{parts.path} is not below {self.prefix}"
            with self._lock:
                status, answer = self._status(handler, verb, path, query, body, fault)
            if not fault or fault.raw is None:
                check_answer(verb, path, status, answer) if status else None
        except AssertionError as error:
            self.broken.append(str(error))
            status, answer = 500, {"message": str(error)}
        if not status:
            handler.close_connection = True
            return
        raw = fault.raw if fault and fault.raw is not None else None
        data = raw if raw is not None else b"" if answer is None else json.dumps(answer).encode()
        handler.send_response(status)
        for name, value in (fault.headers if fault else {}).items():
            handler.send_header(name, value)
        handler.send_header("Content-Type", "text/html" if raw is not None else "application/json; charset=utf-8")
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    def _status(
        self,
        handler: BaseHTTPRequestHandler,
        verb: str,
        path: str,
        query: dict[str, str],
        body: Any,
        fault: Fault | None,
    ) -> tuple[int, Any]:
        if fault and not fault.after:
            return fault.status, {"message": fault.message}
        if handler.headers.get("Authorization") not in {f"token {self.token}", f"Bearer {self.token}"}:
            return 401, {"message": "Bad credentials"}
        status, answer = self.answer(verb, path, query, body)
        return (fault.status, {"message": fault.message}) if fault else (status, answer)


def _handler(server: GitHubServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            server.serve(self, "GET")

        def do_POST(self) -> None:
            server.serve(self, "POST")

        def log_message(self, *_: Any) -> None:
            pass

    return Handler


def names(runs: Iterable[Mapping[str, Any]]) -> set[str]:
    """Of the refs that runs are for."""
    return {str(run["head_branch"]) for run in runs}
