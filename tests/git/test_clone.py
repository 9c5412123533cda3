"""A bare clone of our own: what is read from it, and how that fails."""

import os
from collections.abc import Iterator

import pytest

from gto_action.errors import RemoteError
from gto_action.git.clone import Clone
from gto_action.git.remote import Remote
from gto_action.git.scratch import Scratch
from gto_action.system.attempts import Attempts
from tests.support.repo import Repo


@pytest.fixture
def scratch() -> Iterator[Scratch]:
    with Scratch() as made:
        yield made


def _clone(scratch: Scratch, repo: Repo, seconds: float = 20) -> Clone:
    clone = Clone(scratch, Remote(repo.path.as_uri()), Attempts(seconds, print))
    assert clone.make().wait(timeout=60)[0] == 0
    return clone


def test_what_git_prints_is_read_while_it_prints(scratch: Scratch, repo: Repo) -> None:
    commit = repo.commit()
    clone = _clone(scratch, repo)
    wanted = scratch.folder / "wanted"
    wanted.write_text(f"{commit}\n" * 1000)
    with wanted.open("rb") as file, clone.reading("cat-file", "--batch-check", "--buffer", stdin=file) as out:
        assert out.readline().startswith(commit.encode())
        assert len(out.readlines()) == 999


@pytest.mark.parametrize(
    ("arguments", "seconds", "says"),
    [
        (("cat-file", "--no-such-option"), 20, "Git failed while talking to the remote"),
        (("cat-file", "--batch"), 0.2, "The time limit of 0.2 seconds is up"),
    ],
    ids=["an error of git's", "the time is up"],
)
def test_how_reading_fails(scratch: Scratch, repo: Repo, arguments: tuple[str, ...], seconds: float, says: str) -> None:
    repo.commit()
    clone = _clone(scratch, repo, seconds)
    reader, writer = os.pipe()  # git waits for a question that nobody asks
    with (
        os.fdopen(writer, "wb"),
        os.fdopen(reader, "rb") as questions,
        pytest.raises(RemoteError, match=says),
        clone.reading(*arguments, stdin=questions) as out,
    ):
        out.read()


@pytest.mark.parametrize(
    ("arguments", "seconds", "says"),
    [
        (("cat-file", "--no-such-option"), 20, "Git failed while talking to the remote"),
        (("cat-file", "--batch"), 0.2, "The time limit of 0.2 seconds is up"),
    ],
    ids=["an error of git's", "the time is up"],
)
def test_half_an_answer_is_not_what_failed(
    scratch: Scratch, repo: Repo, arguments: tuple[str, ...], seconds: float, says: str
) -> None:
    repo.commit()
    clone = _clone(scratch, repo, seconds)
    reader, writer = os.pipe()
    with (
        os.fdopen(writer, "wb"),
        os.fdopen(reader, "rb") as questions,
        pytest.raises(RemoteError, match=says),
        clone.reading(*arguments, stdin=questions) as out,
    ):
        int(out.read())


def test_a_wrong_reading_of_a_whole_answer_is_a_bug(scratch: Scratch, repo: Repo) -> None:
    repo.commit()
    clone = _clone(scratch, repo)
    with (
        (scratch.folder / "nothing").open("w+b") as nothing,
        pytest.raises(ValueError, match="invalid literal"),
        clone.reading("cat-file", "--batch", stdin=nothing) as out,
    ):
        int(out.read())


class LeftError(Exception):
    """Why somebody stops reading."""


def test_reading_may_be_left_early(scratch: Scratch, repo: Repo) -> None:
    commit = repo.commit()
    clone = _clone(scratch, repo)
    wanted = scratch.folder / "wanted"
    wanted.write_text(f"{commit}\n" * 100_000)

    def read_one_line() -> None:
        with wanted.open("rb") as file, clone.reading("cat-file", "--batch", "--buffer", stdin=file) as out:
            out.readline()
            raise LeftError

    with pytest.raises(LeftError):
        read_one_line()
