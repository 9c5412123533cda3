"""GitHub's REST API; the only user of PyGithub, and imported only where it is needed."""

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
"""How many seconds one answer may take."""
_REDIRECTION: Final = 300
_WORDING: Final = Wording("GitHub's API at", "asking", "processing its answers")


class GithubApi:
    """Asks GitHub about one repository, within a time limit."""

    def __init__(
        self, environment: Environment, token: str, seconds: float, log: Callable[[str], None], pace: Pace = NORMAL
    ) -> None:
        """Asks nothing yet.

        Args:
            environment: the API's address, and the repository.
            token: empty for requests without a token.
            seconds: the time limit for all requests together.
            log: writes a line for people.
            pace: how fast to send requests.

        :raises InputError: if the API's address is not valid.
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
        """How many requests were sent."""

    @property
    def time_left(self) -> float:
        """The seconds that are left."""
        return self._attempts.left

    def ask(self, request: Request) -> Any:  # noqa: ANN401 - whatever JSON holds
        """The JSON of the answer; None if it is empty.

        :raises RefusedError: if GitHub refused this request, but may accept others.
        :raises RemoteError: if GitHub does not answer, or refuses.
        """

        def once() -> Any:  # noqa: ANN401 - the same
            try:
                status, headers, text = self._send(request)
            except OSError as error:  # also the errors of the library requests
                raise lost(self._url, request, str(error)) from error
            except RuntimeError as error:
                raise elsewhere(self._url) from error
            except (ArithmeticError, ValueError) as error:  # PyGithub converts some headers to numbers
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
        """Checks the names of the repositories that an answer is from.

        A renamed repository answers with a redirect. PyGithub follows it on the same host, but drops the parameters of
        the request.

        :raises RemoteError: if a name is not this repository's.
        """
        if moved := next((name for name in names if name.lower() != self.repository.lower()), ""):
            text = f"The repository {self.repository!r} is now {moved!r}."
            raise RemoteError(text, "Start a new run, because this one has the old name.")

    def not_github(self) -> RemoteError:
        """The error for an answer that is not from GitHub."""
        return not_github(self._url)

    def _send(self, request: Request) -> tuple[int, dict[str, str], str]:
        """The answer's status, headers and body.

        Waits in a thread, because a socket's own timeout begins again with every byte.
        """
        answers: list[tuple[int, dict[str, str], str] | Exception] = []
        client = self._client or self._connect()
        self._client = None  # the thread keeps it if it does not end

        def send() -> None:
            try:
                path, body = f"{self._root}{request.path}", dict(request.body) if request.body else None
                parameters = dict(request.parameters) or None
                answers.append(client.requester.requestJson(request.verb, path, parameters, input=body))
            except Exception as error:  # noqa: BLE001 - raised again below
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
    """GitHub's message about a refusal; empty if the refusal is not GitHub's."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    return str(data.get("message") or "") if isinstance(data, dict) else ""
