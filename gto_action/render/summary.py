"""The job summary: what happened, what holds now, and what is wrong, for a reader with five seconds.

It is Markdown, written as HTML except for the chart: in escaped HTML no stranger's text can become markup. GitHub drops
a summary of more than 1 MiB (F7), so every part has a limit.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from gto_action.answer.answer import Answer, Missed, Noted, Nothing, OfDeleted, OfEvent, OfVersion
from gto_action.errors import Problem
from gto_action.gto.artifact import Artifact, VersionState
from gto_action.gto.changes import changes
from gto_action.gto.event import Assignment, Registration
from gto_action.gto.names import StageName
from gto_action.gto.record import TagRecord
from gto_action.gto.registry import Registry
from gto_action.gto.timeline import periods
from gto_action.gto.words import HAPPENED, sentence, short
from gto_action.render.chart import chart
from gto_action.render.links import Links
from gto_action.render.log import headline, left_out
from gto_action.render.markup import code, counted, details, prose, table
from gto_action.render.tables import entries, states

_ROWS: Final = 100
_HISTORY: Final = 50
_PERIODS: Final = 30
_PROBLEMS: Final = 50
_NAME: Final = 100
_NONE: Final = "-"
_TEXT: Final = 2_000
_PART: Final = 200_000
"""The limit for a table, in bytes. There are four tables, and nothing else is large."""


def summary(answer: Answer, links: Links, now: int, *, whole: bool) -> str:
    """The summary in Markdown.

    Args:
        answer: what the run has found.
        links: the repository's pages.
        now: seconds since 1970.
        whole: whether the whole registry is known, not only the artifact.
    """
    return "\n\n".join([*_parts(answer, links, now, whole=whole), ""])


def summary_of_missed(missed: Missed, links: Links) -> str:
    """The summary of a catch-up."""
    parts = [f"<p><b>{prose(missed.headline)}</b></p>", *_problems(missed.problems)]
    if missed.events:
        events = ((event.record.name, sentence(event)) for event in missed.events)
        rows = [(code(tag, links.tag(tag), _NAME), prose(said)) for tag, said in events]
        parts.append(_bounded(("Tag", "What happened"), rows, len(rows)))
    return "\n\n".join([*parts, ""])


def _parts(answer: Answer, links: Links, now: int, *, whole: bool) -> Iterator[str]:
    match answer:
        case OfEvent():
            yield _of_event(answer, links)
        case OfVersion():
            yield _of_version(answer, links)
        case _:
            yield f"<p><b>{prose(headline(answer))}</b></p>"
    if isinstance(answer, OfEvent | OfVersion) and answer.unmatched:
        yield f"<p><b>{prose(_as_quoted(answer.unmatched))}</b></p>"
    yield from _problems(answer.problems)
    if isinstance(answer, Nothing):
        return
    artifact = answer.artifact
    yield _stages(answer, artifact, links)
    if isinstance(answer, OfEvent | OfVersion) and (noted := _annotation(answer.noted, answer.record.target, links)):
        yield noted
    if drawn := chart(periods(artifact, _PERIODS), now):
        yield f"<p><b>Stages of {_code(str(artifact.name))} over time</b></p>"
        yield f"```mermaid\n{drawn}\n```"
    if whole:
        yield _history(artifact, links)
        yield _registry(answer.registry, artifact)


def _of_version(answer: OfVersion, links: Links) -> str:
    found = _code(str(answer.version))
    what = f"{_code(str(answer.selector))} is {_code(str(answer.artifact.name))} {found}"
    return f"<h3>{what}</h3>\n<p>{_where(answer.record, links)}</p>"


def _of_event(answer: OfEvent, links: Links) -> str:
    event = answer.event
    version, stage = short(event.version_text), event.stage_text
    named = [_code(str(event.artifact)), *([_code(version)] if version else [])]
    what = " ".join([*named, HAPPENED[event.kind], *([_code(stage)] if stage else [])])
    said = " ".join(prose(str(statement)) for statement in changes(event, answer.standing, answer.registry))
    return f"<h3>{what}</h3>\n<p>{said}<br>{_where(event.record, links, _compared(answer, links))}</p>"


def _as_quoted(text: str) -> str:
    """The text with the names of inputs in the quotes that `prose` turns into code."""
    return re.sub(r"`(\w+)`", r"'\1'", text)


def _where(record: TagRecord, links: Links, more: str = "") -> str:
    who = f" by {_code(record.signature.name)}" if record.signature.name else ""
    when = f" on {_time(record.signature.iso)}" if record.signature.iso else ""
    commit = code(short(record.target), links.commit(record.target))
    return f"Tag {code(record.name, links.tag(record.name), _NAME)} at commit {commit}{who}{when}{more}"


def _compared(answer: OfEvent, links: Links) -> str:
    """A link that compares the previous version with the event's."""
    event, previous = answer.event, answer.standing.previous
    if not isinstance(event, Assignment | Registration) or not previous or previous.commit == event.commit:
        return ""
    page = links.compare(previous.commit, event.commit)
    text = f"{short(str(previous))}...{short(event.version_text)}"
    return f" (compare {code(text, page, _NAME)})" if page else ""


def _stages(answer: OfEvent | OfVersion | OfDeleted, artifact: Artifact, links: Links) -> str:
    """The artifact's stages now, and before an event too. Changes are bold, and come first if there are many."""
    now = artifact.now.stages
    before = answer.standing.before.stages if isinstance(answer, OfEvent) else now
    latest = artifact.now.latest

    def changed(stage: StageName) -> bool:
        return str(before.get(stage, "")) != str(now.get(stage, ""))

    stages = sorted({*before, *now}, key=str)
    if len(stages) > _ROWS:
        stages.sort(key=lambda stage: not changed(stage))
    rows = []
    for stage in stages[:_ROWS]:
        old, new = before.get(stage), now.get(stage)
        held = (old, new) if isinstance(answer, OfEvent) else (new,)
        cells = [_code(str(stage)), *(_version(version, links) for version in held)]
        rows.append([f"<b>{cell}</b>" if changed(stage) else cell for cell in cells])
    head = ("Stage", "Before", "Now") if isinstance(answer, OfEvent) else ("Stage", "Now")
    last = f"<p>Latest version: {code(str(latest), links.tag(latest.record.name), _NAME)}</p>" if latest else ""
    return f"{_bounded(head, rows, len(stages))}\n{last}" if rows else last or "<p>No versions and no stages.</p>"


def _version(state: VersionState | None, links: Links) -> str:
    return code(short(str(state)), links.tag(state.record.name), _NAME) if state else _NONE


def _annotation(noted: Noted, sha: str, links: Links) -> str:
    annotation = noted.annotation
    if not annotation:
        return ""
    rows = [
        ("Type", _code(annotation.type)),
        ("Path", code(annotation.path, most=_TEXT)),
        ("Description", code(annotation.description, most=_TEXT)),
        ("Labels", " ".join(_code(label) for label in annotation.labels[:_HISTORY])),
        ("Written in", code(annotation.file, links.file(sha, annotation.file, annotation.line), _NAME)),
    ]
    return _bounded(("Annotation", ""), (given := [row for row in rows if row[1]]), len(given))


def _problems(problems: tuple[Problem, ...]) -> Iterator[str]:
    if not problems:
        return
    rows = [(each.level.value.capitalize(), prose(each.message), prose(each.hint)) for each in problems[:_PROBLEMS]]
    yield _bounded(("", "What is wrong", "What to do"), rows, len(problems))


def _history(artifact: Artifact, links: Links) -> str:
    found, number = entries(artifact, _HISTORY)
    rows = [
        (
            _time(each.time),
            each.event,
            _code(short(each.version)),
            _code(each.stage),
            code(short(each.commit), links.commit(each.commit)),
            code(each.tag, links.tag(each.tag), _NAME),
        )
        for each in found
    ]
    head = ("Time", "Event", "Version", "Stage", "Commit", "Tag")
    return details(f"History of {_code(str(artifact.name))}: {counted(number, 'event')}", _bounded(head, rows, number))


def _registry(registry: Registry, artifact: Artifact) -> str:
    if registry.more_than:
        return f"<p>{prose(left_out(registry.more_than, artifact.name))}</p>"
    found = states(registry, artifact.name)
    rows = (
        (
            _code(state.artifact),
            _code(state.latest),
            ", ".join(f"{_code(stage)} {_code(short(version))}" for stage, version in state.stages[:_HISTORY])
            + (f" and {len(state.stages) - _HISTORY} more" if len(state.stages) > _HISTORY else ""),
        )
        for state in found[:_ROWS]
    )
    title = f"Registry: {counted(len(found), 'artifact')}"
    return details(title, _bounded(("Artifact", "Latest version", "Stages"), rows, len(found)))


def _bounded(head: Iterable[str], rows: Iterable[Iterable[str]], number: int) -> str:
    """A table with as many rows as fit, and a line that says how many of `number` are left out."""
    kept: list[list[str]] = []
    left = _PART
    for row in rows:
        cells = list(row)
        left -= sum(len(cell.encode()) + 9 for cell in cells) + 9
        if left < 0:
            break
        kept.append(cells)
    more = f"<p>… and {number - len(kept)} more</p>" if number > len(kept) else ""
    return table(head, kept) + more


def _code(text: str) -> str:
    return code(text, most=_NAME)


def _time(iso: str) -> str:
    """A time for people, from ISO 8601."""
    return f"{iso[:10]} {iso[11:19]} {iso[19:].replace('+00:00', 'UTC')}" if iso else _NONE
