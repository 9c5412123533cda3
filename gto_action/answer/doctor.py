"""Everything that is wrong with a registry: what GTO refuses, overlooks or misunderstands."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import groupby
from typing import Any, Final

from gto_action.dvc_yaml.annotation import read_annotation
from gto_action.errors import Level, Problem
from gto_action.gto.artifact import Artifact
from gto_action.gto.config import Config
from gto_action.gto.cures import Cures, delete
from gto_action.gto.event import Assignment
from gto_action.gto.ignored import Ignored, why_ignored
from gto_action.gto.limits import Raw
from gto_action.gto.names import ArtifactName, InvalidNameError
from gto_action.gto.record import TagRecord
from gto_action.gto.registry import Registry
from gto_action.gto.tag import EventKind, Tag, breaks_gto, correction_of, look_alike_of, looks_like_tag, parse_tag
from gto_action.gto.words import short

_FEW: Final = 5
_Read = Callable[[str, str], bytes | None]


def problem_document(problem: Problem) -> dict[str, Any]:
    """What is wrong, and what to do, as JSON."""
    return {
        "message": problem.message,
        "hint": problem.hint,
        "command": problem.command,
        "file": problem.file,
        "line": problem.line,
    }


def diagnose(  # noqa: PLR0913, PLR0917 - what it looks at
    records: Iterable[TagRecord],
    config: Config,
    read: _Read,
    raw: Mapping[str, Raw],
    now: float,
    registry: Registry | None = None,
) -> Iterator[Problem]:
    """Every problem of a registry; those of single tags come first.

    If gto fails, which it does for every artifact and every command, the message says so.

    Args:
        records: all tags.
        config: what the team allows.
        read: reads a file, given commit and path.
        raw: what the tag objects of GTO tags say, by tag name.
        now: the time, in seconds since 1970.
        registry: one that these tags are of, in which lightweight ones do not count, if there is one already.
    """
    records = sorted(records, key=lambda record: record.name)
    registry = registry or Registry(records, now=now)
    tags = {record.name: tag for record in records if (tag := parse_tag(record.name))}
    yield from _strangers(records, tags, read)
    mine = [(tags[record.name], record) for record in records if record.name in tags]
    mine.sort(key=lambda pair: pair[0].artifact.in_tag)
    for artifact, pairs in groupby(mine, key=lambda pair: pair[0].artifact):
        yield from _Patient(registry.cures(artifact), raw).problems([record for _, record in pairs])
    artifacts = [registry.artifact(name) for name in sorted({tag.artifact for tag in tags.values()}, key=str)]
    yield from _crowded(artifacts, records, tags, raw)
    yield from _unreadable_commits(raw)
    yield from _not_allowed(artifacts, config)
    for artifact in artifacts:
        yield from _annotation(artifact, read)


def _strangers(records: Iterable[TagRecord], tags: Mapping[str, Tag], read: _Read) -> Iterator[Problem]:
    """Tags that look like GTO tags but are not; only for known artifacts, as `node@18` may be any tool's tag."""
    known = {tag.artifact.in_tag for tag in tags.values()}
    for record in records:
        name = record.name
        if breaks_gto(name):
            yield _cured(f"The tag {name!r} is not a GTO tag, and gto fails on it.", "Delete it: ", delete(name))
        elif name not in tags and looks_like_tag(name):
            artifact = look_alike_of(name)
            if artifact in known or _is_annotated(artifact, read):
                known.add(artifact)
                meant = correction_of(name)
                make = f", and make {meant!r} with gto if you meant that" if meant else ""
                message = f"The tag {name!r} looks like a GTO tag, but is not one."
                yield _cured(message, f"Delete it{make}: ", delete(name))


def _is_annotated(artifact: str, read: _Read) -> bool:
    """Whether dvc.yaml now has an artifact with this name."""
    directory, _, name = artifact.rpartition("=")
    try:
        return read_annotation(ArtifactName(name, directory), partial(read, "HEAD"))[0] is not None
    except InvalidNameError:
        return False


class _Patient:
    """One artifact's tags, and what is wrong with them."""

    def __init__(self, cures: Cures, raw: Mapping[str, Raw]) -> None:
        self._cures = cures
        self._raw = raw

    def problems(self, records: Iterable[TagRecord]) -> Iterator[Problem]:
        """What is wrong with single tags, then with the dates of several."""
        for record in records:
            for fault in self._faults(record):
                yield self._problem(f"The tag {record.name!r} {fault}.", record)
        yield from self._dates(self._cures.undated, "no date since 1970", "count{} as older than all others")
        yield from self._dates(self._cures.ahead, "a date in the future", "supersede{} all tags until that date")

    def _problem(self, message: str, record: TagRecord) -> Problem:
        hint, command = self._cures.hint(record), self._cures.command(record)
        return _cured(message, hint.removesuffix(command), command)

    def _faults(self, record: TagRecord) -> Iterator[str]:
        fault = self._fault(record)
        why = why_ignored(record)
        if why is Ignored.NOT_ON_COMMIT:
            tag = parse_tag(record.inner_name)  # gto looks up the version at the target; a deprecation has none
            fails = fault or (record.annotated and not (tag and tag.kind is EventKind.DEPRECATION))
            end = "; gto fails on it" if fails else ""
            yield f"points to a {record.target_type}, not to a commit, so it does not count{end}"
        elif why is Ignored.LIGHTWEIGHT:
            yield "is lightweight, but GTO only knows annotated tags"
        else:
            if record.inner_name != record.name:
                gto = "which is the one gto uses" if parse_tag(record.inner_name) else "and gto fails on it"
                yield f"has another name inside, {record.inner_name!r}, {gto}"
            if fault and record not in self._cures.undated and record not in self._cures.ahead:
                yield f"{fault}; gto fails on it"

    def _fault(self, record: TagRecord) -> str:
        found = self._raw.get(record.name)
        return found.fault if found else ""

    def _dates(self, records: Iterable[TagRecord], what: str, so: str) -> Iterator[Problem]:
        """One problem for all of them, because they are fixed together."""
        every = sorted(records)
        if not every:
            return
        shown = ", ".join(repr(record.name) for record in every[:_FEW])
        more = f" and {len(every) - _FEW} more" if len(every) > _FEW else ""
        fails = [record for record in every if self._fault(record)]
        end = f"; gto fails on {fails[0].name!r}" if fails else ""
        tags = f"tags {shown}{more} have" if len(every) > 1 else f"tag {shown} has"
        they = f"they {so.format('')}" if len(every) > 1 else f"it {so.format('s')}"
        yield self._problem(f"The {tags} {what}, so {they}{end}.", every[0])


def _crowded(
    artifacts: Iterable[Artifact], records: Iterable[TagRecord], tags: Mapping[str, Tag], raw: Mapping[str, Raw]
) -> Iterator[Problem]:
    """Commits with several versions, one of which was put in a stage or taken out of it (R15c)."""
    ours = {
        (str(artifact.name), counted.record.target): list(map(str, counted.candidates))
        for artifact in artifacts
        for counted in artifact.tags
        if counted.candidates
    }
    theirs = _crowded_for_gto(records, tags, raw)
    for name, commit in sorted(ours.keys() | theirs.keys()):
        end = "; gto fails on it" if (name, commit) in theirs else ""
        versions = sorted({*ours.get((name, commit), ()), *theirs.get((name, commit), ())})
        yield _warning(
            f"Several versions of {name!r} are registered at commit {short(commit)}, which has a stage: "
            f"{', '.join(versions)}. It is unclear which one it is{end}.",
            "Delete the tags of all but one, and register each version on a commit of its own.",
        )


def _crowded_for_gto(
    records: Iterable[TagRecord], tags: Mapping[str, Tag], raw: Mapping[str, Raw]
) -> dict[tuple[str, str], list[str]]:
    """The same, as gto sees it: by the names inside, and without following a tag of a tag."""
    versions: dict[tuple[str, str], dict[str, None]] = {}
    staged: dict[tuple[str, str], None] = {}
    for record in records:
        if record.name not in raw:
            continue
        if tag := tags.get(record.name) if record.inner_name == record.name else parse_tag(record.inner_name):
            place = (str(tag.artifact), raw[record.name].target)
            if tag.version:
                versions.setdefault(place, {})[str(tag.version)] = None
            elif tag.stage:
                staged[place] = None
    return {place: list(versions[place]) for place in staged if len(versions.get(place, ())) > 1}


def _unreadable_commits(raw: Mapping[str, Raw]) -> Iterator[Problem]:
    """Commits that gto reads, because a version is registered there."""
    faults = {each.target: (name, each.commit_fault) for name, each in sorted(raw.items()) if each.commit_fault}
    for commit, (name, fault) in faults.items():
        yield _warning(
            f"The commit {short(commit)} of the tag {name!r} {fault}; gto fails on it.",
            "Register its version on another commit, and delete the tags of this one.",
        )


def _not_allowed(artifacts: Iterable[Artifact], config: Config) -> Iterator[Problem]:
    """Stages that are in use but not allowed, one problem for each."""
    events = (event for artifact in artifacts for event in artifact.events.values())
    tags: dict[Problem, list[str]] = {}
    for event in events:
        if isinstance(event, Assignment) and (problem := config.problem(event.stage)):
            tags.setdefault(problem, []).append(event.record.name)
    for problem, names in tags.items():
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        yield replace(problem, message=f"{problem.message} It is in the tag {names[0]!r}{more}.")


def _annotation(artifact: Artifact, read: Callable[[str, str], bytes | None]) -> Iterator[Problem]:
    """What is wrong with dvc.yaml at the latest version; not to mention the artifact is fine."""
    latest = artifact.now.latest
    if latest is None:
        return
    _, problems = read_annotation(artifact.name, partial(read, latest.commit))
    yield from seen_at(artifact, problems)


def seen_at(artifact: Artifact, problems: Iterable[Problem]) -> Iterator[Problem]:
    """What is wrong with the annotation of an artifact's latest version, with where that is."""
    latest = artifact.now.latest
    for problem in problems:
        if latest and problem.level is Level.WARNING:
            where = f"(Seen at commit {short(latest.commit)}, {artifact.name} {latest}.)"
            yield replace(problem, message=f"{problem.message} {where}")


def _warning(message: str, hint: str) -> Problem:
    return Problem(Level.WARNING, message, hint)


def _cured(message: str, hint: str, command: str) -> Problem:
    return Problem(Level.WARNING, message, f"{hint}{command}", command=command)
