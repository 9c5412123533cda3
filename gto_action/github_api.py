"""GitHub's REST API; the only user of PyGithub. Imported only by what needs it."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Thread
from typing import Any, Final
from urllib.parse import quote

from github import Auth, Github, GithubException

from gto_action.api_answers import Request, lost, not_github, refusal
from gto_action.attempts import Attempts
from gto_action.catch_up import WorkflowRun

_PER_PAGE: Final = 100
_SEARCH: Final = 1000
"""How many runs GitHub gives of a search, however many there are (docs.github.com, "List workflow runs")."""
_PATIENCE: Final = 30.0

_ANSWER = Any  # whatever JSON holds


class GithubApi:
    """One repository, asked in the time that is left."""

    def __init__(self, url: str, repository: str, token: str, seconds: float, log: Callable[[str], None]) -> None:
        """Asks nothing yet.

        Args:
            url: of the API.
            repository: `OWNER/NAME`.
            token: empty to ask without one.
            seconds: that everything that is asked may take together.
            log: takes a line for people.
        """
        self._url, self._token = url, token
        self._root = f"/repos/{repository}"
        self._attempts = Attempts(seconds, log)
        self._client: Github | None = None
        self.requests = 0
        """How many were sent."""

    @property
    def time_left(self) -> float:
        """The seconds that are left."""
        return self._attempts.left

    def runs(self, workflow: str, start: int) -> list[WorkflowRun]:
        """The runs of a workflow that were made at a time or later.

        A search gives the newest 1,000 at most: the next one ends where the last one did.

        Args:
            workflow: the name of its file.
            start: seconds since 1970.

        :raises RemoteError: if GitHub does not answer, or refuses.
        """
        first = datetime.fromtimestamp(start, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        found: dict[int, WorkflowRun] = {}
        created = f">={first}"
        while True:
            total, runs = self._search(workflow, created)
            known = len(found)
            found.update((run.number, run) for run in runs)
            if total <= _SEARCH or len(found) == known:
                return list(found.values())
            created = f"{first}..{min(run.created_at for run in runs)}"

    def _search(self, workflow: str, created: str) -> tuple[int, list[WorkflowRun]]:
        """How many runs there are, and the newest 1,000."""
        runs: list[WorkflowRun] = []
        for number in range(1, _SEARCH // _PER_PAGE + 1):
            answer = self._ask(
                Request(
                    verb="GET",
                    path=f"/actions/workflows/{quote(workflow, safe='')}/runs",
                    what=f"the runs of the workflow {workflow!r}",
                    permission="actions: read",
                    parameters={"created": created, "per_page": _PER_PAGE, "page": number},
                )
            )
            try:
                total, page = int(answer["total_count"]), [_run(each) for each in answer["workflow_runs"]]
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                raise not_github(self._url) from error
            runs += page
            if number * _PER_PAGE >= total or not page:
                break
        return total, runs

    def dispatch(self, workflow: str, tag: str) -> None:
        """Starts a workflow for a tag. It is asked for once: an answer that got lost may have been a yes.

        :raises RefusedError: if the workflow cannot be started for this tag.
        :raises RemoteError: if GitHub does not answer, or refuses.
        """
        self._ask(
            Request(
                verb="POST",
                path=f"/actions/workflows/{quote(workflow, safe='')}/dispatches",
                what=f"a run of the workflow {workflow!r} for the tag {tag!r}",
                permission="actions: write",
                body={"ref": f"refs/tags/{tag}"},
                once=True,
            )
        )

    def _ask(self, request: Request) -> _ANSWER:
        """The answer's JSON; None if it has none."""

        def ask() -> _ANSWER:
            try:
                return self._send(request)
            except GithubException as error:
                said = error.data.get("message") if isinstance(error.data, dict) else ""
                headers = {name.lower(): value for name, value in (error.headers or {}).items()}
                raise refusal(self._url, request, error.status, str(said or ""), headers, time.time()) from error
            except (OSError, RuntimeError) as error:  # those of requests are OSErrors
                raise lost(self._url, request) from error

        return self._attempts.make(ask)

    def _send(self, request: Request) -> _ANSWER:
        """Waits no longer than there is time: a socket's own time-out begins again with each byte."""
        answers: list[_ANSWER] = []
        client = self._client or self._connect()
        self._client = None  # it stays with the thread, if that does not end

        def send() -> None:
            try:
                path, body = f"{self._root}{request.path}", dict(request.body) if request.body else None
                parameters = dict(request.parameters) or None
                answers.append(client.requester.requestJsonAndCheck(request.verb, path, parameters, input=body)[1])
            except Exception as error:  # noqa: BLE001 - raised where somebody waits
                answers.append(error)

        patience = min(_PATIENCE, self.time_left)
        self.requests += 1
        thread = Thread(target=send, daemon=True)
        thread.start()
        thread.join(patience)
        if not answers:
            raise self._attempts.too_slow(self._url) if not self.time_left else TimeoutError
        self._client = client
        if isinstance(answers[0], Exception):
            raise answers[0]
        return answers[0]

    def _connect(self) -> Github:
        return Github(
            auth=Auth.Token(self._token) if self._token else None,
            base_url=self._url,
            timeout=int(_PATIENCE),
            user_agent="gto-action",
            retry=None,
            seconds_between_requests=0,
            seconds_between_writes=1,  # docs.github.com, "Best practices for using the REST API"
        )


def _run(found: dict[str, Any]) -> WorkflowRun:
    return WorkflowRun(
        int(found["id"]), str(found["head_branch"] or ""), str(found["conclusion"] or ""), str(found["created_at"])
    )
