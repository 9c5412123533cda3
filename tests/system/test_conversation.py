"""A program that is told things: what it answers, what it complains of, and an end in time."""

import io
import subprocess
import sys
from pathlib import Path

import pytest

from gto_action.system.conversation import Conversation
from gto_action.system.process import Process
from tests.support.wire import within

ECHO = "import sys\nfor line in sys.stdin: print(line.strip() * 2, flush=True)\n"
LARGE = 2**20  # more than any pipe holds


def started(program: str, *, watched: Path | None = None) -> Process:
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", program]
    return Process(
        lambda: subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True), watched=watched
    )


def test_it_is_told_and_answers_again_and_again() -> None:
    talk = Conversation(started(ECHO), 60)
    heard = io.BufferedReader(talk, 1_000)
    for word in (b"one", b"two", b"x" * 5_000):
        talk.say(word + b"\n")
        assert heard.readline() == word * 2 + b"\n"
    assert talk.finish(30) == (0, "")


def test_much_is_said_and_heard() -> None:
    program = f"import sys\ndata = sys.stdin.buffer.read({LARGE})\nsys.stdout.buffer.write(data[::-1])\n"
    talk = Conversation(started(program), 20)
    data = b"ab" * (LARGE // 2)
    talk.say(data)
    assert io.BufferedReader(talk).read(LARGE + 1) == data[::-1]
    assert talk.finish(30) == (0, "")


def test_complaints_do_not_hold_it_up() -> None:
    program = f"import sys\nsys.stderr.write('x' * {LARGE} + 'the end')\nsys.stderr.close()\nprint(sys.stdin.readline(), end='')\n"
    talk = Conversation(started(program), 20)
    heard = io.BufferedReader(talk)
    talk.say(b"word\n")
    assert heard.readline() == b"word\n"
    status, said = talk.finish(30)
    assert status == 0
    assert len(said) == 2**16
    assert said.endswith("the end")


def test_what_it_complains_of_before_it_fails() -> None:
    talk = Conversation(started("import sys\nprint('half', end='')\nsys.exit('fatal: no more')"), 20)
    assert io.BufferedReader(talk).read(100) == b"half"
    with pytest.raises(BrokenPipeError):
        talk.say(b"word" * LARGE)
    assert talk.finish(30) == (1, "fatal: no more\n")


SLOW = {
    "it does not answer": "import time\ntime.sleep(60)",
    "it answers in part": "import time\nprint('x' * 99, flush=True)\ntime.sleep(60)",
    "it complains without end": "import sys\nwhile True: sys.stderr.write('x' * 1000)",
    "it has closed its complaints": "import sys, os, time\nos.close(2)\ntime.sleep(60)",
}


@pytest.mark.parametrize("what", SLOW)
def test_the_time_is_up(what: str) -> None:
    with within(30):
        talk = Conversation(started(SLOW[what]), 0.5)
        with pytest.raises(TimeoutError):
            io.BufferedReader(talk).read(1_000)
        with pytest.raises(TimeoutError):
            talk.check_time()
        assert talk.finish(0.2)[0] is None


DEAF = {
    "it does nothing": "import time\ntime.sleep(60)",
    "it talks meanwhile, and both pipes are full": "while True: print('x' * 1000)",
    "it complains meanwhile": "import sys\nwhile True: sys.stderr.write('x' * 1000)",
}


@pytest.mark.parametrize("what", DEAF)
def test_one_that_does_not_listen(what: str) -> None:
    with within(30):
        talk = Conversation(started(DEAF[what]), 0.5)
        with pytest.raises(TimeoutError):
            talk.say(b"x" * LARGE)
        assert talk.finish(0.1)[0] is None


def test_one_that_says_more_than_is_asked_is_ended() -> None:
    with within(30):
        talk = Conversation(started("while True: print('x' * 1000)"), 20)
        assert io.BufferedReader(talk).read(10) == b"x" * 10
        assert talk.finish(0.3)[0] is None


def test_signs_of_life(tmp_path: Path) -> None:
    signs: list[float] = []
    enough = tmp_path / "enough"

    def alive(passed: float) -> None:
        signs.append(passed)
        if len(signs) == 3:
            enough.touch()

    program = f"import os, time\nwhile not os.path.exists({str(enough)!r}): time.sleep(0.01)"
    talk = Conversation(started(program), 60, alive=alive, every=0.1)
    assert io.BufferedReader(talk).read(1) == b""
    assert len(signs) >= 3
    assert signs == sorted(signs)
    talk.finish(30)


def test_a_file_that_grows_without_end(tmp_path: Path) -> None:
    watched = tmp_path / "trace"
    program = f"import time\nopen({str(watched)!r}, 'w').write('x' * 5_000_000)\ntime.sleep(60)"
    with within(40):
        talk = Conversation(started(program, watched=watched), 50)
        assert io.BufferedReader(talk).read(1) == b""
        assert "too much output" in talk.finish(0.5)[1]
