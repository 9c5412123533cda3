"""The rules a second time, to judge the first: slow and obvious, and shares no code with the package.

Each function is one rule of docs/rules.md or one of its differences, read off the list of what happened to one
artifact, again and again from the start. Versions, stages and commits are text.
"""

import re
from dataclasses import dataclass
from functools import cmp_to_key


@dataclass(frozen=True, slots=True)
class Row:
    """One tag of one artifact: what happened, to what, at which commit, when."""

    name: str
    kind: str
    """The value of the output `event`."""
    what: str
    """The version or the stage; empty for a deprecation."""
    commit: str
    time: int
    """Tags without a date are older than all others, so it is -1 for them."""
    committed: int = -1
    """The commit's own date; -1 if nobody knows."""


Key = tuple[str, str]
"""A version and its commit (R14); the version is empty for a commit without one (R15b)."""


def in_order(rows: list[Row]) -> list[Row]:
    """R13: by time, then by tag name."""
    return sorted(rows, key=lambda row: (row.time, row.name))


def _of_version(rows: list[Row], key: Key) -> list[Row]:
    """What was registered and deregistered of a version at its commit."""
    happened = [row for row in in_order(rows) if row.kind in {"registration", "deregistration"}]
    return [row for row in happened if (row.what, row.commit) == key]


def registrations(rows: list[Row], key: Key) -> list[Row]:
    """When a version was registered at its commit."""
    return [row for row in _of_version(rows, key) if row.kind == "registration"]


def _of_stages(rows: list[Row]) -> list[Row]:
    return [row for row in in_order(rows) if row.kind in {"assignment", "unassignment"}]


def versions(rows: list[Row]) -> list[Key]:
    """R14: every version at every commit, in the order of R13; behind them the commits without a version (R15b)."""
    found: list[Key] = []
    for row in in_order(rows):
        if row.kind in {"registration", "deregistration"} and (row.what, row.commit) not in found:
            found.append((row.what, row.commit))
    for row in _of_stages(rows):
        if version_of(rows, row) not in found:
            found.append(version_of(rows, row))
    return found


def candidates(rows: list[Row], row: Row) -> list[str]:
    """R15: the versions that were registered or deregistered at the commit of an (un)assignment, in that order."""
    found: list[str] = []
    for each in in_order(rows):
        if each.kind in {"registration", "deregistration"} and each.commit == row.commit and each.what not in found:
            found.append(each.what)
    return found


def version_of(rows: list[Row], row: Row) -> Key:
    """R15, X1 and X2: what an (un)assignment is of."""
    here = [(version, row.commit) for version in candidates(rows, row)]
    if not here:
        return ("", row.commit)
    if len(here) == 1:
        return here[0]
    # X1: the active version registered latest at or before the (un)assignment;
    active = [key for key in here if is_active(rows, key)]
    until = [each for key in active for each in registrations(rows, key) if each.time <= row.time]
    # if none, the latest registered active one; else the latest registered
    ever = [each for key in active for each in registrations(rows, key)]
    at_all = [each for key in here for each in registrations(rows, key)]
    for choice in (until, ever, at_all):
        if choice:
            return (in_order(choice)[-1].what, row.commit)
    return here[0]  # none was ever registered: all are alike, for none is active


def is_active(rows: list[Row], key: Key) -> bool:
    """R16: the last is a registration; of those in the last second none is a deregistration; or there are none."""
    happened = _of_version(rows, key)
    return all(row.kind == "registration" for row in happened if row.time == happened[-1].time)


def _in_stage(rows: list[Row], key: Key, stage: str) -> list[Row]:
    return [row for row in _of_stages(rows) if row.what == stage and version_of(rows, row) == key]


def holds(rows: list[Row], key: Key, stage: str) -> bool:
    """R17: the last is an assignment; of those in the last second none is an unassignment."""
    happened = _in_stage(rows, key, stage)
    return bool(happened) and all(row.kind == "assignment" for row in happened if row.time == happened[-1].time)


def assigned(rows: list[Row], key: Key, stage: str) -> list[Row]:
    """When a version was put in a stage."""
    return [row for row in _in_stage(rows, key, stage) if row.kind == "assignment"]


def stage_names(rows: list[Row]) -> list[str]:
    """Every stage that was ever named."""
    return sorted({row.what for row in _of_stages(rows)})


def stages(rows: list[Row]) -> dict[str, Key]:
    """R18: the version that each stage holds now."""
    found = {}
    for stage in stage_names(rows):
        held = [key for key in versions(rows) if is_active(rows, key) and holds(rows, key, stage)]
        if held:
            # the latest assigned; in the same second the one that was made earlier
            last = max(assigned(rows, key, stage)[-1].time for key in held)
            tied = [key for key in held if assigned(rows, key, stage)[-1].time == last]
            found[stage] = min(tied, key=lambda key: _made(rows, key, stage))
    return found


def _made(rows: list[Row], key: Key, stage: str) -> tuple[int, int, str]:
    """The time of the last registration, then the place in the list of versions.

    To gto each assignment of a commit without a version makes a version of its own, behind all that are registered:
    the first one in that second stands for the commit.
    """
    registered = registrations(rows, key)
    if registered:
        return (registered[-1].time, versions(rows).index(key), "")
    put = assigned(rows, key, stage)
    first = next(row for row in put if row.time == put[-1].time)
    return (first.time, len(rows), first.name)


def latest(rows: list[Row]) -> Key | None:
    """R19: the greatest active registered version; of equal ones the later registered."""
    held = [key for key in versions(rows) if key[0] and is_active(rows, key)]
    by_precedence = sorted(held, key=cmp_to_key(_compare_keys))  # keeps equals in order
    return by_precedence[-1] if held else None


def _compare_keys(one: Key, other: Key) -> int:
    return compare(one[0], other[0])


def is_artifact_active(rows: list[Row]) -> bool:
    """R20: the very last event is not a deprecation; the dates of the versions' commits count as events."""
    deprecated = [row.time for row in rows if row.kind == "deprecation"]
    others = [row.time for row in rows if row.kind != "deprecation"]
    others += [row.committed for row in rows if row.kind != "deprecation"]
    return not deprecated or (bool(others) and max(others) >= max(deprecated))


def compare(one: str, other: str) -> int:
    """SemVer 2.0.0, item 11: below zero if the first goes before the other, 0 if they are equal."""
    (core, pre), (other_core, other_pre) = _parts(one), _parts(other)
    if core != other_core:
        return -1 if core < other_core else 1
    if not pre or not other_pre:  # 11.3: a pre-release goes before the version itself
        return bool(other_pre) - bool(pre)
    for left, right in zip(pre, other_pre, strict=False):
        if left != right:
            if left.isdigit() and right.isdigit():  # 11.4.1
                return -1 if int(left) < int(right) else 1
            if left.isdigit() or right.isdigit():  # 11.4.3: numbers go before words
                return -1 if left.isdigit() else 1
            return -1 if left < right else 1  # 11.4.2: in ASCII order
    return len(pre) - len(other_pre)  # 11.4.4: the longer one goes behind


def _parts(version: str) -> tuple[list[int], list[str]]:
    core, _, pre = re.sub(r"\+.*", "", version.removeprefix("v")).partition("-")
    return [int(number) for number in core.split(".")], pre.split(".") if pre else []
