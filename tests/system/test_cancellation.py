"""A signal ends the run, but not in the middle of what would then be left behind."""

import os
import signal
from collections.abc import Iterator

import pytest

from gto_action.system.cancellation import SIGNALS, cancellable, cancelled, raise_if_cancelled, unbroken


@pytest.fixture(autouse=True)
def _handlers() -> Iterator[None]:
    before = {each: signal.getsignal(each) for each in SIGNALS}
    yield
    for each, handler in before.items():
        signal.signal(each, handler)


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_ends_the_run(number: signal.Signals) -> None:
    with pytest.raises(SystemExit) as ended, cancellable():
        os.kill(os.getpid(), number)
    assert ended.value.code == cancelled() == 128 + number


def test_a_signal_waits_for_the_end_of_what_must_not_be_broken_off() -> None:
    done = []

    def work() -> None:
        with unbroken():
            with unbroken():
                os.kill(os.getpid(), signal.SIGTERM)
                raise_if_cancelled()
                done.append("inner")
            done.append("outer")
        done.append("never")

    with pytest.raises(SystemExit), cancellable():
        work()
    assert done == ["inner", "outer"]


def test_a_run_that_was_cancelled_ends_no_later_one() -> None:
    with pytest.raises(SystemExit), cancellable():
        os.kill(os.getpid(), signal.SIGTERM)
    with unbroken():
        raise_if_cancelled()
    assert cancelled()


def test_the_first_signal_counts() -> None:
    def work() -> None:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
        finally:
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(SystemExit) as ended, cancellable():
        work()
    os.kill(os.getpid(), signal.SIGINT)
    assert ended.value.code == 128 + signal.SIGTERM


def test_without_a_signal_nothing_happens() -> None:
    before = [signal.getsignal(each) for each in SIGNALS]
    with cancellable(), unbroken():
        raise_if_cancelled()
    assert not cancelled()
    assert [signal.getsignal(each) for each in SIGNALS] == before
