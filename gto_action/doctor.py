"""What is wrong with a registry, all of it: what GTO refuses, overlooks or takes for something else."""

import re
import shlex
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import Final

from gto_action.annotation import read_annotation
from gto_action.artifact import Artifact
from gto_action.config import Config
from gto_action.errors import Level, Problem
from gto_action.event import Assignment
from gto_action.record import TagRecord
from gto_action.registry import Registry
from gto_action.tag import looks_like_tag, parse_tag

_SHORT: Final = 7
# The part of a look-alike that is most often not as GTO has it: no "v", a "V", other capitals.
_version_part = re.compile(r"@[vV]?(?=[0-9])")
_word_part = re.compile(r"@deprecated", re.IGNORECASE)


def diagnose(
    records: Iterable[TagRecord], config: Config, read: Callable[[str, str], bytes | None]
) -> Iterator[Problem]:
    """Every problem of a registry, those of the tags by themselves first.

    Args:
        records: every tag.
        config: what the team allows.
        read: reads a file, by commit and path.
    """
    records = sorted(records, key=lambda record: record.name)
    for record in records:
        yield from _of_tag(record)
    artifacts = Registry(records).artifacts()
    for artifact in artifacts:
        yield from _crowded(artifact)
    yield from _not_allowed(artifacts, config)
    for artifact in artifacts:
        yield from _annotation(artifact, read)


def _of_tag(record: TagRecord) -> Iterator[Problem]:
    """What is wrong with one tag, whatever the others are."""
    if parse_tag(record.name) is None:
        if looks_like_tag(record.name):
            yield _malformed(record.name)
    elif record.target_type != "commit":
        yield _warning(
            f"The tag {record.name!r} points to a {record.target_type}, not to a commit, so it does not count.",
            f"Make it again on a commit: {_again(record.name, 'COMMIT')}. Or delete it.",
        )
    elif not record.annotated:
        yield _warning(
            f"The tag {record.name!r} is a lightweight one, and GTO only knows annotated ones.",
            f"Make it again: {_again(record.name, record.target)}.",
        )
    else:
        if record.inner_name != record.name:
            yield _warning(
                f"The tag {record.name!r} has another name inside, {record.inner_name!r}, which is the one gto takes.",
                f"Make it again: {_dated(record)}{_again(record.name, record.target)}.",
            )
        if record.signature.time is None:
            yield _warning(
                f"The tag {record.name!r} has no date, so it counts as older than all others; gto fails on it.",
                f"Make it again: {_again(record.name, record.target)}.",
            )


def _malformed(name: str) -> Problem:
    meant = next((each for each in _corrections(name) if parse_tag(each)), None)
    what = f"as {meant!r}" if meant else "by GTO's grammar, NAME@vX.Y.Z or NAME#STAGE"
    return _warning(
        f"The tag {name!r} looks like a tag of GTO's, but is none.",
        f"Make it again {what}, and delete it: git push origin --delete {shlex.quote(f'refs/tags/{name}')}.",
    )


def _corrections(name: str) -> Iterator[str]:
    """What may have been meant."""
    name = _word_part.sub("@deprecated", _version_part.sub("@v", name))
    yield name
    yield f"{name}.0"  # v1.2
    yield f"{name}.0.0"  # v1
    yield name.replace(":", "=")


def _crowded(artifact: Artifact) -> Iterator[Problem]:
    """Commits where several versions are registered (R15c)."""
    at: dict[str, list[str]] = {}
    for state in artifact.versions:
        if state.version:
            at.setdefault(state.commit, []).append(str(state))
    for commit, versions in at.items():
        if len(versions) > 1:
            yield _warning(
                f"Several versions of {str(artifact.name)!r} are registered at commit {commit[:_SHORT]}: "
                f"{', '.join(versions)}. Nobody can tell which one a stage there holds; gto fails.",
                "Delete the tags of all but one, and register each version on a commit of its own.",
            )


def _not_allowed(artifacts: Iterable[Artifact], config: Config) -> Iterator[Problem]:
    """Stages that were given to a version and are not among those allowed, each told once."""
    events = (event for artifact in artifacts for event in artifact.events.values())
    tags: dict[Problem, list[str]] = {}
    for event in events:
        if isinstance(event, Assignment) and (problem := config.problem(event.stage)):
            tags.setdefault(problem, []).append(event.record.name)
    for problem, names in tags.items():
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        yield replace(problem, message=f"{problem.message} It is in the tag {names[0]!r}{more}.")


def _annotation(artifact: Artifact, read: Callable[[str, str], bytes | None]) -> Iterator[Problem]:
    """What cannot be read of what dvc.yaml says of the latest version; to say nothing is no fault."""
    latest = artifact.latest if artifact.active else None
    if latest is None:
        return
    _, problems = read_annotation(artifact.name, partial(read, latest.commit))
    for problem in problems:
        if problem.level is Level.WARNING:
            where = f"(Seen at commit {latest.commit[:_SHORT]}, {artifact.name} {latest}.)"
            yield replace(problem, message=f"{problem.message} {where}")


def _dated(record: TagRecord) -> str:
    """What keeps the date of a tag that is made anew, which decides what it comes after."""
    signature = record.signature
    return "" if signature.time is None else f"GIT_COMMITTER_DATE='@{signature.time} +0000' "


def _again(name: str, commit: str) -> str:
    """The commands that make a tag anew."""
    quoted, ref = shlex.quote(name), shlex.quote(f"refs/tags/{name}")
    return f"git tag -a -f -m MESSAGE {quoted} {commit[:_SHORT]}, then git push --force origin {ref}"


def _warning(message: str, hint: str) -> Problem:
    return Problem(Level.WARNING, message, hint)
