"""A signal ends the run, but not in the middle of what would then be left behind, and what must not stay goes first."""

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from gto_action.system.cancellation import SIGNALS, Leftover, cancellable, unbroken

ROOT = Path(__file__).parents[2]
_HEAD = """
import os, signal, sys, threading, time
from gto_action.system.cancellation import Leftover, cancellable, unbroken

def send(number=signal.SIGTERM):
    os.kill(os.getpid(), number)

def left(name):
    return Leftover(lambda: print(name))
"""


def ended(program: str) -> tuple[int, list[str]]:
    """The exit code of a program, and the lines that it has printed; it prints nothing else."""
    text = f"{_HEAD}\n{textwrap.dedent(program)}\nprint('never')\n"
    process = subprocess.run([sys.executable, "-c", text], cwd=ROOT, capture_output=True, text=True, timeout=60)  # noqa: PLW1510 - the code is looked at
    assert process.stderr == ""
    return process.returncode, process.stdout.splitlines()


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_ends_the_run(number: signal.Signals) -> None:
    program = f"""
        with cancellable("The run was cancelled."):
            send({number:d})
    """
    assert ended(program) == (128 + number, ["The run was cancelled."])


def test_a_signal_waits_for_the_end_of_what_must_not_be_broken_off() -> None:
    program = """
        with cancellable():
            with unbroken():
                with unbroken():
                    send()
                    print("inner")
                print("outer")
            print("never")
    """
    assert ended(program) == (128 + signal.SIGTERM, ["inner", "outer"])


def test_a_signal_counts_in_what_must_not_be_broken_off_even_if_that_fails() -> None:
    program = """
        with cancellable():
            try:
                with unbroken():
                    send()
                    raise ValueError
            except ValueError:
                print("never")
    """
    assert ended(program) == (128 + signal.SIGTERM, [])


def test_a_signal_that_comes_later_ends_no_run() -> None:
    program = """
        signal.signal(signal.SIGTERM, lambda *_: print("as before"))
        with cancellable():
            with unbroken():
                pass
        send()
        with unbroken():
            print("on")
        sys.stdout.flush()
        os._exit(7)
    """
    assert ended(program) == (7, ["as before", "on"])


def test_the_first_signal_counts() -> None:
    program = """
        with cancellable(), left("first"), Leftover(lambda: send(signal.SIGINT)), left("last"):
            with unbroken():
                send()
                send(signal.SIGINT)
                print("done")
    """
    assert ended(program) == (128 + signal.SIGTERM, ["done", "last", "first"])


def test_without_a_signal_nothing_happens() -> None:
    before = [signal.getsignal(each) for each in SIGNALS]
    with cancellable(), unbroken():
        assert [signal.getsignal(each) for each in SIGNALS] != before
    assert [signal.getsignal(each) for each in SIGNALS] == before


def test_what_must_not_stay_goes_the_youngest_first() -> None:
    program = """
        with cancellable("Farewell."), left("folder"):
            left("file").forget()
            left("lock").remove()
            with left("program"):
                pass
            left("another program")
            try:
                send()
            finally:
                print("never")
    """
    removed = ["lock", "program", "another program", "folder", "Farewell."]
    assert ended(program) == (128 + signal.SIGTERM, removed)


def test_what_cannot_be_removed_keeps_nothing_else() -> None:
    program = """
        with cancellable("Farewell."), left("first"), Leftover(lambda: 1 / 0), left("last"):
            send()
    """
    assert ended(program) == (128 + signal.SIGTERM, ["last", "first", "Farewell."])


def test_what_is_being_removed_is_removed_again() -> None:
    program = """
        def remove():
            print("begun")
            send()
            print("ended")

        with cancellable(), Leftover(remove):
            pass
    """
    assert ended(program) == (128 + signal.SIGTERM, ["begun", "begun", "ended"])


def test_what_must_not_stay_is_removed_once() -> None:
    removed: list[str] = []
    with Leftover(lambda: removed.append("a")) as leftover:
        leftover.remove()
    leftover.remove()
    with Leftover(lambda: removed.append("b")) as leftover:
        leftover.forget()
    assert removed == ["a"]


def test_after_a_failure_it_is_removed_too() -> None:
    removed: list[int] = []
    with pytest.raises(ZeroDivisionError), Leftover(lambda: removed.append(1)):
        raise ZeroDivisionError
    assert removed == [1]


def test_what_another_thread_makes_is_made_and_removed() -> None:
    program = """
        made, go = threading.Event(), threading.Event()

        def work():
            with unbroken():
                go.set()
                time.sleep(0.3)
                print("made")
                left("what was made")
            with slow:
                time.sleep(0.2)
                with unbroken():  # it waits for ever
                    print("never")

        slow = left("slow")
        with cancellable(), Leftover(lambda: time.sleep(0.5)):
            threading.Thread(target=work).start()
            go.wait()
            send()
            print("never")
    """
    assert ended(program) == (128 + signal.SIGTERM, ["made", "what was made", "slow"])


@pytest.mark.parametrize("stream", ["closed", "full"])
def test_a_log_that_nobody_reads_changes_no_exit_code(stream: str) -> None:
    read, write = os.pipe()
    os.close(read)
    program = f"{_HEAD}\nwith cancellable('Farewell.'):\n    print('line')\n    send()\n"
    with Path("/dev/full").open("wb") as full:
        process = subprocess.run(  # noqa: PLW1510 - the code is looked at
            [sys.executable, "-c", program],
            cwd=ROOT,
            env={},
            stdout=full if stream == "full" else write,
            timeout=60,
        )
    os.close(write)
    assert process.returncode == 128 + signal.SIGTERM


def test_however_deep_the_program_is() -> None:
    program = """
        def deep():
            try:
                deep()
            except RecursionError:
                send()

        with cancellable(), left("it"):
            deep()
    """
    assert ended(program) == (128 + signal.SIGTERM, ["it"])


def test_children_heed_signals() -> None:
    program = """
        import subprocess
        with cancellable():
            with unbroken():
                child = subprocess.Popen(["sleep", "20"])
            child.terminate()
            print(child.wait())
            sys.stdout.flush()
            os._exit(0)
    """
    assert ended(program) == (0, [str(-signal.SIGTERM)])
