"""How often a remote is asked, after how long, and until when."""

import re
import time

import pytest

from gto_action.errors import RemoteError, TransientRemoteError
from gto_action.hosts.github.advice import advice
from gto_action.system.attempts import Attempts, Pace, Wording
from tests.support.wire import within


class Remote:
    """Fails so many times, then answers."""

    def __init__(self, failures: int, retry_after: float = 0.0) -> None:
        self.asked = 0
        self._failures = failures
        self._retry_after = retry_after

    def __call__(self) -> str:
        self.asked += 1
        if self.asked > self._failures:
            return "answer"
        error = TransientRemoteError("It failed.")
        error.retry_after = self._retry_after
        raise error


QUICK = Pace(pause=0.001)


@pytest.mark.parametrize("failures", [0, 1, 2, 3])
def test_what_passes_is_asked_for_again(failures: int) -> None:
    log: list[str] = []
    remote = Remote(failures)
    assert Attempts(10, log.append, pace=QUICK).make(remote) == "answer"
    assert remote.asked == failures + 1
    assert [line.rpartition("; ")[2] for line in log] == ["3 more tries.", "2 more tries.", "1 more try."][:failures]


def test_no_more_than_four_times() -> None:
    remote = Remote(100)
    with pytest.raises(TransientRemoteError):
        Attempts(10, print, pace=QUICK).make(remote)
    assert remote.asked == 4


def test_what_does_not_pass_is_asked_once() -> None:
    asked = []

    def refuse() -> None:
        asked.append(1)
        raise RemoteError("No.")

    with pytest.raises(RemoteError):
        Attempts(10, print).make(refuse)
    assert asked == [1]


def test_the_remote_says_when() -> None:
    log: list[str] = []
    start = time.monotonic()
    assert Attempts(10, log.append, pace=QUICK).make(Remote(1, retry_after=0.3)) == "answer"
    assert time.monotonic() - start >= 0.3
    assert log == ["It failed. Trying again in 0.3 seconds; 3 more tries."]


def test_no_pause_beyond_the_deadline() -> None:
    remote = Remote(100, retry_after=100)
    with within(30), pytest.raises(TransientRemoteError):
        Attempts(60, print, pace=QUICK).make(remote)
    assert remote.asked == 1


def test_what_had_happened_says_more_than_that_the_time_is_up() -> None:
    asked = []

    def ask() -> None:
        asked.append(1)
        if len(asked) == 1:
            raise TransientRemoteError("It failed.")
        time.sleep(attempts.left)
        raise RemoteError("It did not answer in time.")

    attempts = Attempts(1, print, pace=QUICK)
    with pytest.raises(TransientRemoteError, match="It failed"):
        attempts.make(ask)
    assert asked == [1, 1]


def test_the_pauses_grow_and_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    for _ in range(2):
        with pytest.raises(TransientRemoteError):
            Attempts(1000, print).make(Remote(100))
    first, second = pauses[:3], pauses[3:]
    assert first == sorted(first)
    assert all(1 <= pause <= 8 for pause in pauses)
    assert sum(first) <= 14, "what lasts and is not known to is told within seconds"
    assert first != second


def test_a_time_that_is_up_is_named() -> None:
    attempt = Attempts(0, print)
    assert attempt.left == 0
    assert "'https://x/o/r' did not answer within 0 seconds" in str(attempt.too_slow("https://x/o/r"))
    assert "'timeout'" in advice(attempt.too_slow("https://x/o/r"))


def test_a_time_that_was_not_spent_on_the_remote_is_not_blamed_on_it() -> None:
    attempt = Attempts(0.4, print)
    attempt.make(lambda: None)
    time.sleep(0.4)
    error = attempt.too_slow("https://x/o/r")
    said = r"The time limit of 0\.4 seconds is up: 0\.\d of them were spent waiting for the remote 'https://x/o/r', the rest on "
    assert re.match(said, error.message)
    assert advice(error) == "Raise the input 'timeout'."


def test_the_time_of_what_is_being_asked_counts() -> None:
    attempt = Attempts(0.2, print)

    def ask() -> None:
        time.sleep(0.2)
        raise attempt.too_slow("https://x/o/r")

    with pytest.raises(RemoteError, match=r"did not answer within 0\.2 seconds"):
        attempt.make(ask)


def test_a_sign_of_life() -> None:
    log: list[str] = []
    Attempts(100, log.append).alive(10.2)
    assert log == ["Still fetching after 10 seconds; 100 seconds are left."]


def test_others_are_asked_too() -> None:
    log: list[str] = []
    wording = Wording("GitHub's API at", "asking", "processing its answers")
    attempt = Attempts(0, log.append, wording=wording)
    attempt.alive(3)
    assert log == ["Still asking after 3 seconds; 0 seconds are left."]
    assert attempt.too_slow("u").message == "GitHub's API at 'u' did not answer within 0 seconds."
    attempt = Attempts(60, print, wording=wording)
    said = "The time limit of 60 seconds is up: 0.0 of them were spent waiting for GitHub's API at 'u', the rest on processing its answers."
    assert attempt.too_slow("u").message == said
