"""GitHub's REST API; the only user of PyGithub. Imported only by what needs it."""

import json
import time
from collections.abc import Callable, Iterable
from threading import Thread
from typing import Any, Final

from github import Auth, Github

from gto_action.errors import RemoteError
from gto_action.hosts.github.api_answers import Request, elsewhere, lost, not_github, refusal
from gto_action.hosts.github.variables import api_address
from gto_action.job.environment import Environment
from gto_action.system.attempts import NORMAL, Attempts, Pace, Wording

_PATIENCE: Final = 30.0
"""The seconds that one answer may take."""
_REDIRECTION: Final = 300
_WORDING: Final = Wording("GitHub's API at", "asking", "what its answers are for")


class GithubApi:
    """One repository, asked in the time that is left."""

    def __init__(
        self, environment: Environment, token: str, seconds: float, log: Callable[[str], None], pace: Pace = NORMAL
    ) -> None:
        """Asks nothing yet.

        Args:
            environment: where the API is, of which repository.
            token: empty to ask without one.
            seconds: that everything that is asked may take together.
            log: takes a line for people.
            pace: how fast it may be asked.

        :raises InputError: if the API's address is none.
        """
        self._url, self._token = api_address(environment), token
        self._trusted: bool | str = environment.certificates or True
        self.repository = environment.repository
        """`OWNER/NAME`."""
        self._root = f"/repos/{self.repository}"
        self._attempts = Attempts(seconds, log, wording=_WORDING, pace=pace)
        self._pace = pace
        self._client: Github | None = None
        self.requests = 0
        """How many were sent."""

    @property
    def time_left(self) -> float:
        """The seconds that are left."""
        return self._attempts.left

    def ask(self, request: Request) -> Any:  # noqa: ANN401 - whatever JSON holds
        """The answer's JSON; None if it has none.

        :raises RefusedError: if GitHub said no to this request and may say yes to others.
        :raises RemoteError: if GitHub does not answer, or refuses.
        """

        def once() -> Any:  # noqa: ANN401 - the same
            try:
                status, headers, text = self._send(request)
            except OSError as error:  # those of requests are too
                raise lost(self._url, request, str(error)) from error
            except RuntimeError as error:
                raise elsewhere(self._url) from error
            except (ArithmeticError, ValueError) as error:  # PyGithub makes numbers of some headers
                raise not_github(self._url) from error
            if status >= _REDIRECTION:
                headers = {name.lower(): value for name, value in headers.items()}
                raise refusal(self._url, request, status, _message(text), headers, time.time())
            try:
                return json.loads(text) if text else None
            except (ValueError, RecursionError) as error:
                raise not_github(self._url) from error

        return self._attempts.make(once)

    def check_names(self, names: Iterable[str]) -> None:
        """Looks at the names of the repositories that an answer is of.

        A repository that was renamed answers with a redirection. PyGithub follows it to the same host, and forgets
        the parameters that it had asked with.

        :raises RemoteError: if one is not this repository.
        """
        if moved := next((name for name in names if name.lower() != self.repository.lower()), ""):
            text = f"The repository {self.repository!r} is {moved!r} now."
            raise RemoteError(text, "Start a new run: one that began before the move has the old name.")

    def not_github(self) -> RemoteError:
        """The error of an answer that is none of GitHub's."""
        return not_github(self._url)

    def _send(self, request: Request) -> tuple[int, dict[str, str], str]:
        """The answer's status, headers and body.

        Waits no longer than there is time: a socket's own time-out begins again with each byte.
        """
        answers: list[tuple[int, dict[str, str], str] | Exception] = []
        client = self._client or self._connect()
        self._client = None  # it stays with the thread, if that does not end

        def send() -> None:
            try:
                path, body = f"{self._root}{request.path}", dict(request.body) if request.body else None
                parameters = dict(request.parameters) or None
                answers.append(client.requester.requestJson(request.verb, path, parameters, input=body))
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
        if isinstance(answer := answers[0], Exception):
            raise answer
        return answer

    def _connect(self) -> Github:
        return Github(
            auth=Auth.Token(self._token) if self._token else None,
            base_url=self._url,
            verify=self._trusted,
            timeout=int(_PATIENCE),
            user_agent="gto-action",
            retry=None,
            seconds_between_requests=0,
            seconds_between_writes=self._pace.write,
        )


def _message(text: str) -> str:
    """What GitHub says of a refusal; empty if it is not GitHub that refuses."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    return str(data.get("message") or "") if isinstance(data, dict) else ""
