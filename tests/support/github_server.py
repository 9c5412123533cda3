"""A small GitHub API: stateful, and held to GitHub's own description in every request and every answer."""

import json
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any, Final, Self
from urllib.parse import parse_qsl, urlsplit

from tests.support.openapi import check_answer, check_request, example

NUMBERED: Final = "/repositories/1"
"""Where redirects of GitHub's lead for a repository that has moved."""
_SEARCH: Final = 1000
_Answer = tuple[int, Any]


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
    verb: str = ""
    """Of the requests that it meets; empty for all."""
    skip: int = 0
    """How many of them it lets pass before."""


@dataclass(frozen=True, slots=True)
class Received:
    """A request that came."""

    verb: str
    path: str
    query: dict[str, str]
    body: Any
    at: float
    """When, in seconds."""


def iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class GitHubServer:
    """A context that serves the API of one repository, on the loopback."""

    def __init__(
        self, token: str, *, repository: str = "o/r", prefix: str = "", tls: ssl.SSLContext | None = None
    ) -> None:
        self.token = token
        self.repository = repository
        self.prefix = prefix
        self.permissions = {"actions": "write", "deployments": "write"}
        self.workflows = {"deploy.yml"}
        self.undispatchable: set[str] = set()
        """The commits in which the workflow has no trigger `workflow_dispatch`."""
        self.runs: list[dict[str, Any]] = []
        self.commits: dict[str, str] = {}
        """The commits of the tags that may be dispatched."""
        self.lag = 0
        """How many lists a dispatched run is missing from."""
        self.moved_to = ""
        """The name that the repository has now."""
        self.short = self.again = False
        """Whether pages have 30 runs whatever is asked for, or are the first whatever is asked for."""
        self.uncounted = 0
        """How many runs are counted that no list has."""
        self.deployments: list[dict[str, Any]] = []
        self.statuses: dict[int, list[dict[str, Any]]] = {}
        """Of each deployment, the newest last."""
        self.clock = time.time
        """What time it is, in seconds since 1970."""
        self.checked = True
        """Whether answers are held against the description; a benchmark has no time for it."""
        self.faults: list[Fault] = []
        """Of the next requests."""
        self.received: list[Received] = []
        self.broken: list[str] = []
        """What GitHub's description does not allow, of what was asked or answered."""
        self._hidden: dict[int, int] = {}
        self._lock = Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._scheme = "https" if tls else "http"
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)

    @property
    def port(self) -> int:
        return self._server.server_address[1]

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self.port}{self.prefix}"

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        if not kind:
            assert not self.broken, self.broken

    # What a test says has happened before

    def add_run(
        self,
        ref_name: str,
        sha: str,
        *,
        conclusion: str | None = "success",
        created: float | None = None,
        again: float | None = None,
        ended: float | None = None,
        event: str = "push",
        lag: int = 0,
    ) -> None:
        """A run of a workflow, the newest, which is missing from so many lists.

        Args:
            ref_name: of the tag or the branch that it is for.
            sha: the commit that it is for.
            conclusion: None if it waits.
            created: in seconds since 1970; now if None.
            again: when somebody ran it again; None if nobody has.
            ended: when it was over; None for at once.
            event: what started it.
            lag: how many lists it is missing from.
        """
        run = example("workflow-run-paginated")["workflow_runs"][0]
        made = iso(now := self.clock() if created is None else created)
        last = now if again is None else again
        self.runs.append(
            run
            | {"id": 1_000 + len(self.runs), "head_branch": ref_name, "head_sha": sha, "event": event}
            | {"status": "completed" if conclusion else "queued", "conclusion": conclusion}
            | {"repository": run["repository"] | {"full_name": self.moved_to or self.repository}}
            | {"created_at": made, "run_started_at": iso(last), "updated_at": iso(last if ended is None else ended)}
        )
        self._hidden[self.runs[-1]["id"]] = lag

    def add_deployment(
        self, environment: str, task: str, sha: str, payload: Any, *states: str, created: float | None = None
    ) -> int:
        """A deployment, the newest, with the states that were reported of it, the newest last; gives its number."""
        number, made = 100 + len(self.deployments), iso(self.clock() if created is None else created)
        change = {"id": number, "environment": environment, "task": task, "sha": sha, "ref": sha, "payload": payload}
        change["repository_url"] = f"https://api.github.com/repos/{self.moved_to or self.repository}"
        self.deployments.append(example("deployment-items")[0] | change | {"created_at": made, "updated_at": made})
        self.statuses[number] = []
        for state in states:
            self.report(number, state)
        return number

    def report(self, number: int, state: str) -> None:
        """A status of a deployment, without what GitHub makes of others by itself."""
        self._add_status(number, {"state": state, "auto_inactive": False})

    # What a test asks of it afterwards

    def dispatched(self) -> list[str]:
        """The tags for which a workflow was asked to start, in that order."""
        posts = (each for each in self.received if each.path.endswith("/dispatches"))
        return [each.body["ref"].removeprefix("refs/tags/") for each in posts]

    def state(self, number: int) -> str:
        """The state of a deployment; empty if there is none."""
        return self.statuses[number][-1]["state"] if self.statuses[number] else ""

    def states(self) -> list[tuple[str, str, str]]:
        """The environment, the tag and the state of each deployment, the oldest first."""
        return [(each["environment"], each["payload"]["tag"], self.state(each["id"])) for each in self.deployments]

    # How it answers

    def answer(self, verb: str, path: str, query: dict[str, str], body: Any) -> _Answer:
        """What GitHub would answer: a status, and a body or None."""
        template, given = check_request(verb, path, query, body)
        if f"{given['owner']}/{given['repo']}" != self.repository:
            return 404, {"message": "Not Found"}
        permission = "actions" if "/actions/" in path else "deployments"
        if self.permissions.get(permission) not in {"write", "write" if verb == "POST" else "read"}:
            return 403, {"message": "Resource not accessible by integration"}
        handlers: dict[tuple[str, str], Callable[..., _Answer]] = {
            ("GET", "/repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs"): self._list_runs,
            ("POST", "/repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches"): self._dispatch,
            ("GET", "/repos/{owner}/{repo}/deployments"): self._list_deployments,
            ("POST", "/repos/{owner}/{repo}/deployments"): self._create_deployment,
            ("GET", "/repos/{owner}/{repo}/deployments/{deployment_id}"): self._get_deployment,
            ("GET", "/repos/{owner}/{repo}/deployments/{deployment_id}/statuses"): self._list_statuses,
            ("POST", "/repos/{owner}/{repo}/deployments/{deployment_id}/statuses"): self._create_status,
        }
        return handlers[verb, template](given, query, body)

    def _list_runs(self, given: dict[str, str], query: dict[str, str], _: Any) -> _Answer:
        if given["workflow_id"] not in self.workflows:
            return 404, {"message": "Not Found"}
        first, last = "", "9999"
        if created := query.get("created", ""):
            first, last = (created[2:], last) if created.startswith(">=") else created.split("..")
        visible = [
            run
            for run in self.runs
            if first <= run["created_at"] <= last
            and query.get("head_sha", run["head_sha"]) == run["head_sha"]
            and not self._hides(run)
        ]
        visible.sort(key=lambda run: (run["created_at"], run["id"]), reverse=True)
        reachable = visible[:_SEARCH] if created else visible
        query = query | ({"per_page": "30"} if self.short else {}) | ({"page": "1"} if self.again else {})
        return 200, {"total_count": len(visible) + self.uncounted, "workflow_runs": _page(reachable, query)}

    def _hides(self, run: dict[str, Any]) -> bool:
        left = self._hidden.get(run["id"], 0)
        self._hidden[run["id"]] = max(left - 1, 0)
        return left > 0

    def _dispatch(self, given: dict[str, str], _: dict[str, str], body: Any) -> _Answer:
        tag = body["ref"].removeprefix("refs/tags/")
        if given["workflow_id"] not in self.workflows:
            return 404, {"message": "Not Found"}
        if tag not in self.commits:
            return 422, {"message": f"No ref found for: {body['ref']}"}
        if self.commits[tag] in self.undispatchable:
            return 422, {"message": "Workflow does not have 'workflow_dispatch' trigger"}
        self.add_run(tag, self.commits[tag], conclusion=None, event="workflow_dispatch", lag=self.lag)
        return 204, None

    def _list_deployments(self, _: dict[str, str], query: dict[str, str], __: Any) -> _Answer:
        filters = {key: query[key] for key in ("sha", "ref", "task", "environment") if key in query}
        fitting = [each for each in self.deployments if all(each[key] == value for key, value in filters.items())]
        return 200, _page(fitting[::-1], query)

    def _create_deployment(self, _: dict[str, str], __: dict[str, str], body: Any) -> _Answer:
        if body["ref"] not in self.commits.values():
            return 422, {"message": f"No ref found for: {body['ref']}", "documentation_url": "https://docs.github.com"}
        assert body["auto_merge"] is False, "or GitHub merges the default branch"
        assert body["required_contexts"] == [], "or GitHub waits for the commit's checks"
        self.add_deployment(body["environment"], body["task"], body["ref"], body["payload"])
        return 201, self.deployments[-1]

    def _get_deployment(self, given: dict[str, str], _: dict[str, str], __: Any) -> _Answer:
        found = [each for each in self.deployments if each["id"] == int(given["deployment_id"])]
        return (200, found[0]) if found else (404, {"message": "Not Found"})

    def _list_statuses(self, given: dict[str, str], query: dict[str, str], _: Any) -> _Answer:
        number = int(given["deployment_id"])
        if number not in self.statuses:
            return 404, {"message": "Not Found"}
        return 200, _page(self.statuses[number][::-1], query)

    def _create_status(self, given: dict[str, str], _: dict[str, str], body: Any) -> _Answer:
        number = int(given["deployment_id"])
        if number not in self.statuses:
            return 404, {"message": "Not Found"}
        return 201, self._add_status(number, body)

    def _add_status(self, number: int, body: Mapping[str, Any]) -> dict[str, Any]:
        assert len(body.get("description", "")) <= 140
        deployment = self.deployments[number - 100]
        made = iso(self.clock())
        status: dict[str, Any] = example("deployment-status") | {
            "id": len(self.statuses[number]) + 1,
            "state": body["state"],
            "description": body.get("description", ""),
            "environment": deployment["environment"],
            "environment_url": body.get("environment_url", ""),
            "log_url": body.get("log_url", ""),
            "created_at": made,
            "updated_at": made,
        }
        self.statuses[number].append(status)
        if body["state"] == "success" and body.get("auto_inactive", True):
            for each in self.deployments[: number - 100]:
                same = each["environment"] == deployment["environment"] != "production"
                if same and self.state(each["id"]) == "success":
                    self._add_status(each["id"], {"state": "inactive"})
        return status

    def serve(self, handler: BaseHTTPRequestHandler, verb: str) -> None:
        """Answers one request."""
        parts = urlsplit(handler.path)
        text = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        body = json.loads(text) if text and text != b"null" else None
        path, query = parts.path.removeprefix(self.prefix), dict(parse_qsl(parts.query))
        path = path.replace(NUMBERED, f"/repos/{self.repository}")
        with self._lock:
            self.received.append(Received(verb, path, query, body, time.monotonic()))
            fault = self._fault(verb)
        if fault and fault.seconds:
            time.sleep(fault.seconds)
        try:
            assert path != parts.path or not self.prefix, f"{parts.path} is not below {self.prefix}"
            with self._lock:
                status, answer = self._status(handler, Received(verb, path, query, body, 0), fault)
            if status and not fault and self.checked:
                check_answer(verb, path, status, answer)
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

    def _fault(self, verb: str) -> Fault | None:
        """What goes wrong with the request that came last."""
        if not self.faults or self.faults[0].verb not in {"", verb}:
            return None
        first = self.faults.pop(0)
        if first.skip:
            self.faults.insert(0, replace(first, skip=first.skip - 1))
        return None if first.skip else first

    def _status(self, handler: BaseHTTPRequestHandler, request: Received, fault: Fault | None) -> _Answer:
        if fault and not fault.after:
            return fault.status, {"message": fault.message}
        if handler.headers.get("Authorization") not in {f"token {self.token}", f"Bearer {self.token}"}:
            return 401, {"message": "Bad credentials"}
        status, answer = self.answer(request.verb, request.path, request.query, request.body)
        return (fault.status, {"message": fault.message}) if fault else (status, answer)


def _page(items: list[dict[str, Any]], query: Mapping[str, str]) -> list[dict[str, Any]]:
    size, page = int(query.get("per_page", 30)), int(query.get("page", 1))
    return items[(page - 1) * size : page * size]


def _handler(server: GitHubServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # or each answer waits 40 ms for an acknowledgement

        def do_GET(self) -> None:
            server.serve(self, "GET")

        def do_POST(self) -> None:
            server.serve(self, "POST")

        def log_message(self, *_: Any) -> None:
            pass

    return Handler
