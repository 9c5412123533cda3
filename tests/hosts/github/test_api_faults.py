"""All that may come instead of an answer: an end in time, one sentence, nothing done twice."""

import time

import pytest

from gto_action.errors import TransientRemoteError
from gto_action.hosts.github.api_answers import Request, refusal
from tests.support.api_asked import NOW, TAG, count
from tests.support.catch_up import CatchUp
from tests.support.github_server import Fault, GitHubServer
from tests.support.wire import within

HTML = b"<html><title>Sign in</title></html>"


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(Fault(502), id="502"),
        pytest.param(Fault(503), id="503"),
        pytest.param(Fault(), id="closed"),
        pytest.param(Fault(403, "You have exceeded a secondary rate limit", {"Retry-After": "3"}), id="secondary"),
        pytest.param(Fault(429, "Too many", {"retry-after": "3"}), id="429"),
        pytest.param(
            Fault(403, "API rate limit exceeded", {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": f"{NOW}"}),
            id="primary",
        ),
    ],
)
def test_what_passes(catch_up: CatchUp, github: GitHubServer, fault: Fault) -> None:
    github.faults = [fault]
    run = catch_up()
    assert count(run) == "1"
    assert "Trying again in" in run.log
    assert len(github.received) == 2
    least = 3.0 if {*fault.headers} & {"Retry-After", "retry-after"} else 0.5
    assert github.received[1].at - github.received[0].at >= least


API = "GitHub's API at '{url}'"
RUNS = "the runs of the workflow 'deploy.yml'"
RENAMED = "Check GITHUB_API_URL, and whether the repository was renamed."
# what comes, how often; what is said; after how many requests
LASTING: dict[str, tuple[Fault, int, str, int]] = {
    "500": (
        Fault(500),
        9,
        f"{API} answered with status 500 when it was asked for {RUNS}. Run the job again later.",
        4,
    ),
    "closed": (
        Fault(),
        9,
        f"The connection to {API} failed while it was asked for {RUNS}. Run the job again later.",
        4,
    ),
    "secondary, a minute": (
        Fault(403, "You have exceeded a secondary rate limit"),
        1,
        f"The rate limit of {API} is exceeded. Run the job again later.",
        1,
    ),
    "primary, an hour": (
        Fault(403, "API rate limit exceeded", {"x-ratelimit-remaining": "0", "x-ratelimit-reset": f"{NOW + 3600}"}),
        1,
        f"The rate limit of {API} is exceeded. Run the job again later.",
        1,
    ),
    "a reset of 5,000 digits": (
        Fault(403, "API rate limit exceeded", {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "9" * 5000}),
        1,
        "The answer from '{url}' is not from GitHub's API. Check whether a proxy or a login page is in between.",
        1,
    ),
    "Retry-After of 5,000 digits": (
        Fault(429, "Too many", {"retry-after": "9" * 5000}),
        1,
        f"The rate limit of {API} is exceeded. Run the job again later.",
        1,
    ),
    **{
        f"{status} to {where}": (
            Fault(status, "Moved", {"Location": place}),
            1,
            f"{API} answered with a redirect, status {status}, when it was asked for {RUNS}. {RENAMED}",
            1,
        )
        for status in (302, 303, 307, 308)
        for where, place in (("the same host", "/x"), ("another", "http://localhost:9/x"))
    },
    "400": (Fault(400), 1, f"{API} answered with status 400 when it was asked for {RUNS}.", 1),
    "422": (Fault(422, "no such filter"), 1, f"{API} refused {RUNS}: 'no such filter'.", 1),
    "a page": (
        Fault(200, raw=HTML),
        1,
        "The answer from '{url}' is not from GitHub's API. Check whether a proxy or a login page is in between.",
        1,
    ),
    "half a document": (
        Fault(200, raw=b'{"total_count": 1'),
        1,
        "The answer from '{url}' is not from GitHub's API. Check whether a proxy or a login page is in between.",
        1,
    ),
    **{
        f"{what}, which no number is": (
            Fault(200, raw=raw),
            1,
            "The answer from '{url}' is not from GitHub's API. Check whether a proxy or a login page is in between.",
            1,
        )
        for what, raw in (
            ("too large", b'{"total_count": 1e999, "workflow_runs": []}'),
            ("too deep", b"[" * 100_000),
        )
    },
    "another document": (
        Fault(200, raw=b'{"total_count": 1, "workflow_runs": [{"id": 1}]}'),
        1,
        "The answer from '{url}' is not from GitHub's API. Check whether a proxy or a login page is in between.",
        1,
    ),
}


@pytest.mark.parametrize(
    ("status", "headers"),
    [(403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "9" * 5000}), (429, {"retry-after": "9" * 5000})],
)
def test_a_time_of_many_digits(status: int, headers: dict[str, str]) -> None:
    request = Request(verb="GET", path="/x", what="x", permission="x")
    error = refusal("http://h", request, status, "", headers, time.time())
    assert isinstance(error, TransientRemoteError)
    assert error.retry_after > 1e300


@pytest.mark.parametrize("case", LASTING)
def test_what_lasts(catch_up: CatchUp, github: GitHubServer, case: str) -> None:
    fault, times, said, requests = LASTING[case]
    github.faults = [fault] * times
    run = catch_up()
    assert run.code == 1
    assert run.told("error") == [said.format(url=github.url)]
    assert len(github.received) == requests


def test_a_server_that_is_silent(catch_up: CatchUp, github: GitHubServer) -> None:
    github.faults = [Fault(seconds=30)] * 9
    with within(25):
        run = catch_up(INPUT_TIMEOUT="4")
    assert run.code == 1
    assert len(run.told("error")) == 1
    assert "did not answer within" in run.told("error")[0]


def test_a_server_that_is_not_there(catch_up: CatchUp, github: GitHubServer) -> None:
    run = catch_up(GITHUB_API_URL="http://127.0.0.1:9")
    assert run.code == 1
    assert run.told("error") == [
        (
            f"The connection to GitHub's API at 'http://127.0.0.1:9' failed while it was asked for {RUNS}. "
            "Run the job again later."
        )
    ]
    assert github.received == []


@pytest.mark.parametrize(
    "fault", [Fault(502, after=True, verb="POST"), Fault(verb="POST", after=True)], ids=["502", "closed"]
)
def test_a_dispatch_whose_answer_got_lost_is_not_repeated(
    dispatch: CatchUp, github: GitHubServer, fault: Fault
) -> None:
    github.faults = [fault]
    run = dispatch()
    assert run.code == 1
    assert run.told("error")[0].endswith("GitHub may have done it anyway; run the job again later.")
    assert count(dispatch()) == "0"
    assert github.dispatched() == [TAG]


def test_a_dispatch_that_is_limited_is_repeated(dispatch: CatchUp, github: GitHubServer) -> None:
    github.faults = [Fault(403, "You have exceeded a secondary rate limit", {"retry-after": "2"}, verb="POST")]
    assert count(dispatch()) == "1"
    assert github.dispatched() == [TAG, TAG]
    assert len(github.runs) == 1
