"""Registries to measure: the shape of a common one, and shapes that look for a step that is not linear."""

from collections.abc import Callable, Iterator
from typing import Final

from gto_action.gto.record import Signature, TagRecord

_START: Final = 1_700_000_000
_STAGES: Final = ("dev", "staging", "prod")


def _record(name: str, commit: int, number: int) -> TagRecord:
    """One of each text by itself, as from git: nothing is shared between records."""
    signature = Signature("Ada Lovelace", "ada@example.com", _START + number)
    return TagRecord(
        name, f"{number:040x}", f"{commit:040x}", "commit", inner_name=str(name), signature=signature, committed=_START
    )


def common(size: int, artifacts: int = 50) -> Iterator[TagRecord]:
    """50 artifacts: of ten tags six register a version on a commit of its own, and the others are of each kind."""
    for number in range(size):
        artifact, turn = f"team-{number % artifacts}/models=churn", number // artifacts
        last = turn - turn % 10
        kind = turn % 10
        version = f"v{turn // 1000}.{turn // 100 % 10}.{turn % 100}"
        if kind < 6:  # noqa: PLR2004 - six of ten
            last = turn
            name = f"{artifact}@{version}{'-rc.1' if turn % 7 == 0 else ''}"
        elif kind == 9:  # noqa: PLR2004 - the last of ten
            name = f"{artifact}#{_STAGES[turn // 10 % 3]}!#{turn}"
        else:
            name = f"{artifact}#{_STAGES[turn // 10 % 3]}#{turn}"
        yield _record(name, last * artifacts + number % artifacts, number)


def one_artifact(size: int) -> Iterator[TagRecord]:
    """The same, of one artifact."""
    return common(size, artifacts=1)


def artifact_each(size: int) -> Iterator[TagRecord]:
    """Every tag is of an artifact of its own."""
    return (_record(f"model-{number}@v1.0.0", number, number) for number in range(size))


def one_commit(size: int) -> Iterator[TagRecord]:
    """Every version is registered on one commit, where each second tag is an assignment (R15c)."""
    for number in range(size):
        yield _record(f"m#prod#{number}" if number % 2 else f"m@v1.0.{number}", 1, number)


def many_stages(size: int) -> Iterator[TagRecord]:
    """10,000 stages, and a version that is in as many of them as it can be."""
    for number in range(size):
        yield _record(f"m#stage-{number % 10_000}#{number}" if number else "m@v1.0.0", 0, number)


def one_version(size: int) -> Iterator[TagRecord]:
    """One version is registered and deregistered over and over, with an assignment in between (W7)."""
    for number in range(size):
        yield _record(f"m{('@v1.0.0', '#prod', '@v1.0.0!')[number % 3]}#{number}", 1, number)


def no_version(size: int) -> Iterator[TagRecord]:
    """Stages of commits without a version (R15b)."""
    return (_record(f"m#prod#{number}", number // 2, number) for number in range(size))


def one_second(size: int) -> Iterator[TagRecord]:
    """Two versions on each commit, and everything in one second."""
    for number in range(size):
        commit, kind = divmod(number, 3)
        name = f"m#prod#{number}" if kind == 2 else f"m@v{commit}.{kind}.0"  # noqa: PLR2004 - the last of three
        yield _record(name, commit, 0)


SHAPES: Final[dict[str, Callable[[int], Iterator[TagRecord]]]] = {
    "50 artifacts": common,
    "one artifact": one_artifact,
    "an artifact for each tag": artifact_each,
    "all on one commit": one_commit,
    "10,000 stages": many_stages,
    "one version again and again": one_version,
    "commits without a version": no_version,
    "all in one second": one_second,
}
