"""Whose turn it is: however many GitHub refuses, newer ones are tried, and nobody waits for ever."""

from functools import cache
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gto_action.catch_up.missed import events_since
from gto_action.catch_up.turns import Turns
from gto_action.gto.event import Event
from gto_action.gto.registry import Registry
from tests.support.records import record


@cache
def events(commits: str) -> list[Event]:
    """A registration at each of the commits, which are letters, the oldest first."""
    made = [record(f"m@v1.{place}.0", place, commit * 40) for place, commit in enumerate(commits)]
    return events_since(Registry(made), 0)


def tried(commits: str, refused: str, most: int = 1_000, seed: int = 0) -> list[int]:
    """The places, which are their times, of those that had their turn, of which those of some commits were refused."""
    every = events(commits)
    turns, found = Turns(every, Random(seed).randrange), []
    for event in turns:
        found.append(event.record.order[0])
        if event.commit[0] in refused:
            turns.refused(event)
        else:
            turns.accepted()
        if len(found) == most:
            break
    return found


ROWS = [
    ("", "", []),
    ("abcdef", "", [0, 1, 2, 3, 4, 5]),
    ("aabbcc", "a", [0, 2, 3, 4, 5]),
    ("abacad", "a", [0, 1, 3, 5]),
    ("abcd", "a", [0, 1, 2, 3]),
    ("aba", "ab", [0, 1]),
]


@pytest.mark.parametrize("row", ROWS, ids=[f"{commits} without {refused}" for commits, refused, _ in ROWS])
def test_the_oldest_first_and_a_refused_commit_once(row: tuple[str, str, list[int]]) -> None:
    commits, refused, order = row
    assert tried(commits, refused) == order


def test_the_others_of_a_refused_commit_are_named() -> None:
    every = events("abaca")
    turns = Turns(every, lambda _: 0)
    first = next(iter(turns))
    assert turns.refused(first) == [every[2], every[4]]


LETTERS = "".join(chr(letter) for letter in range(0x100, 0x100 + 1_000))


@pytest.mark.parametrize("older", [1, 2, 3, 50, 999])
def test_a_newer_one_is_tried_however_many_older_ones_are_refused(older: int) -> None:
    found = tried(LETTERS[: older + 1], LETTERS[:older])
    assert found.index(older) <= 11
    assert sorted(found) == [*range(older + 1)]


@pytest.mark.parametrize("fresh", [0, 1, 77, 250, 498, 499])
def test_no_place_is_left_out_run_after_run(fresh: int) -> None:
    """Of 500 commits one is not refused; each run tries 50."""
    commits = LETTERS[:500]
    assert any(fresh in tried(commits, commits.replace(commits[fresh], ""), 50, seed) for seed in range(100))


@settings(max_examples=300, deadline=None)
@given(st.text("abcdefgh", max_size=30), st.text("abcdefgh", max_size=8), st.integers(0, 99))
def test_each_has_one_turn_or_is_of_a_refused_commit(commits: str, refused: str, seed: int) -> None:
    found = tried(commits, refused, seed=seed)
    assert len({*found}) == len(found)
    once = {letter: [place for place in found if commits[place] == letter] for letter in refused}
    assert all(len(once[letter]) == (letter in commits) for letter in once)
    assert {place for place, letter in enumerate(commits) if letter not in refused} <= {*found}
