"""Makes the site of a registry: reads what is new, writes what has changed, and puts it in its place as a whole."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import gto_action
from gto_action.answer.doctor import diagnose
from gto_action.answer.document import PAGE_NAMES
from gto_action.errors import Level, Problem
from gto_action.git.object_faults import read_raw
from gto_action.git.tags import Tags
from gto_action.gto.artifact import Artifact
from gto_action.gto.config import FILE as CONFIG
from gto_action.gto.config import Config, read_config
from gto_action.gto.cures import SKEW
from gto_action.gto.names import ArtifactName
from gto_action.gto.registry import Registry
from gto_action.page import common, templates
from gto_action.page.annotations import FILL, Annotations, read_annotations
from gto_action.page.facts import About, ArtifactFacts, EventFacts, has_files
from gto_action.page.gather import gather
from gto_action.page.memory import Known, Memory, digest_of, load, place_of, save
from gto_action.page.news import facts_of, newest
from gto_action.page.pages import Pages
from gto_action.page.site import Site
from gto_action.page.spelling import LONGEST
from gto_action.render.links import Links
from gto_action.render.markup import counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is to be made, and where."""

    out: Path
    about: About
    links: Links
    accept_lightweight: bool = False
    gto: Mapping[str, str] = field(default_factory=dict)
    """The variables GTO_…, which belong to gto (R28)."""
    now: float
    """Seconds since 1970."""
    is_partial: bool = False
    """Whether the tags are in a clone that may lack files."""
    cache: str = ""
    """A folder of the user's own that may be kept between runs; empty if there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What has been made."""

    artifacts: int
    events: int
    problems: int
    files: int
    changed: int
    """How many files are new, changed, or gone."""

    def said(self, out: str) -> str:
        """What has been made, in a sentence."""
        made = f"{counted(self.artifacts, 'artifact')}, {counted(self.events, 'event')}"
        wrong = f"{counted(self.problems, 'problem')}, which the pages show" if self.problems else "no problems"
        return f"The site is in {out!r}: {made}, {wrong}; {self.changed:,} of {counted(self.files, 'file')} changed."


def outputs_of(built: Built | None, out: str = "") -> dict[str, str]:
    """The outputs of the action `page/`; all are empty if nothing has been made."""
    values = (out, json.dumps(bool(built.changed)), str(built.problems)) if built else ("", "", "")
    return dict(zip(PAGE_NAMES, values, strict=True))


def build(question: Question, tags: Tags, debug: Callable[[str], None] = lambda _: None) -> Built:
    """Makes the site, or leaves the old one as it was.

    :raises GtoActionError: if that is not possible.
    """
    with Site(question.out) as site:
        return _Building(question, tags, site, debug).run()


class _Building:
    """One site while it is being made."""

    def __init__(self, question: Question, tags: Tags, site: Site, debug: Callable[[str], None]) -> None:
        """Reads the tags and the configuration."""
        self._question, self._tags, self._site, self._debug = question, tags, site, debug
        self._registry = Registry(tags.records, accept_lightweight=question.accept_lightweight, now=question.now)
        debug(f"read {self._registry.size} tags")
        data = tags.files.read("HEAD", CONFIG)
        self._config, self._misconfigured = read_config(data, question.gto)
        if question.is_partial and data is None and tags.files.lacks("HEAD", CONFIG):
            message = f"This clone lacks {CONFIG!r}, so it is ignored."
            self._misconfigured += (Problem(Level.WARNING, message, FILL),)
        self._lacking: set[ArtifactName] = set()
        self._order = [str(stage) for stage in self._config.stages or ()]
        self._pages = Pages(about=question.about, links=question.links, stages=self._order)
        self._place = place_of(question.cache, question.out)
        self._before = load(self._place)

    def run(self) -> Built:
        """Makes all of it."""
        site, names = self._site, self._registry.names()
        digests = self._digests(names)
        known = {name: found for name in names if (found := self._unchanged(name, digests[name]))}
        self._debug(f"{len(known)} of {len(names)} artifacts are as they were")
        news = newest(self._registry, self._tags.records)
        same = [event.record.name for event in news if event.artifact in known]
        told = {tag: self._before.events[tag] for tag in same if tag in self._before.events}
        wanted = {event.record.name for event in news}
        for name, facts in self._gathered([name for name in names if name not in known]):
            told |= {event.tag: event for event in facts.events if event.tag in wanted}
            stages = tuple(held.stage for held in facts.ever)
            files = self._write(facts)
            known[name] = Known(digests[name], facts.row, tuple(facts.periods), facts.periods_since, stages, files)
        self._debug("made the artifacts")
        every = [known[name] for name in names]
        last = facts_of(self._registry, news, told)
        problems = self._problems()
        for path, data in common.files(self._pages, every, last, problems, self._order):
            site.write(path, data)
        self._debug("made what all share")
        site.finish()
        self._remember({name.in_tag: known[name] for name in names if name not in self._lacking}, last)
        return Built(
            artifacts=len(every),
            events=sum(each.row.events for each in every),
            problems=len(problems) + sum(each.row.problems for each in every),
            files=site.files,
            changed=site.changed,
        )

    def _digests(self, names: Sequence[ArtifactName]) -> dict[ArtifactName, str]:
        question = self._question
        same = (gto_action.__version__, templates.digest(), question.about, question.links, self._config)
        base = repr((*same, question.accept_lightweight))
        found = {}
        for name in names:
            records = self._registry.around(name)
            ahead = [record.name for record in records if (record.signature.time or 0) > question.now + SKEW]
            found[name] = digest_of(base, records, ahead)
        return found

    def _unchanged(self, name: ArtifactName, digest: str) -> Known | None:
        """An artifact of the last run that is as it was, its files included, which are kept."""
        known = self._before.artifacts.get(name.in_tag)
        if not known or known.digest != digest:
            return None
        if any(self._site.state_of(path) != state for path, state in known.files.items()):
            return None
        for path in known.files:
            self._site.keep(path)
        return known

    def _gathered(self, names: Sequence[ArtifactName]) -> Iterator[tuple[ArtifactName, ArtifactFacts]]:
        """Everything about artifacts, one after the other."""
        artifacts = [self._registry.artifact(name) for name in names]
        annotations = read_annotations(artifacts, self._tags, is_partial=self._question.is_partial)
        self._lacking = {*annotations.lacking}
        self._debug("read the annotations")
        raw = read_raw(self._tags, (record for name in names for record in self._registry.around(name)))
        for artifact in artifacts:
            records = self._registry.around(artifact.name)
            found = [
                *([_too_long(artifact)] if not has_files(str(artifact.name)) else []),
                *diagnose(
                    records,
                    self._config,
                    lambda *_: None,
                    {record.name: raw[record.name] for record in records if record.name in raw},
                    self._question.now,
                    None if self._question.accept_lightweight else self._registry,
                ),
                *annotations.problems(artifact),
            ]
            yield artifact.name, self._gather(artifact, annotations, found)

    def _gather(self, artifact: Artifact, annotations: Annotations, problems: Sequence[Problem]) -> ArtifactFacts:
        return gather(self._registry, artifact, annotations.of(artifact.name), problems, self._order)

    def _write(self, facts: ArtifactFacts) -> dict[str, tuple[int, int]]:
        """Writes the files of one artifact; gives their paths, with no state yet."""
        found = {}
        for path, data in common.files_of_artifact(self._pages, facts) if has_files(facts.name) else ():
            self._site.write(path, data)
            found[path] = (-1, -1)
        return found

    def _problems(self) -> list[Problem]:
        """What is wrong with the registry, and with no artifact that there is."""
        strangers = self._registry.strangers()
        raw = read_raw(self._tags, strangers)
        found = diagnose(strangers, Config(), self._tags.files.read, raw, self._question.now)
        return [*self._misconfigured, *found]

    def _remember(self, artifacts: Mapping[str, Known], news: Sequence[EventFacts]) -> None:
        known = {
            name: each._replace(files={path: self._site.state_of(path) for path in each.files})
            for name, each in artifacts.items()
        }
        save(self._place, Memory(known, {event.tag: event for event in news}))


def _too_long(artifact: Artifact) -> Problem:
    message = f"The artifact's name has {len(str(artifact.name)):,} characters, so it has no page and no files."
    return Problem(Level.WARNING, message, f"Give it one of at most {LONGEST}.")
