"""The versions on an artifact's page: what the template shows of each, as plain texts, for there are very many."""

import shlex
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from gto_action.dvc_yaml.annotation import Annotation
from gto_action.gto.words import short
from gto_action.page.facts import ArtifactFacts, VersionFacts
from gto_action.page.texts import shown
from gto_action.render.links import Links
from gto_action.render.markup import visible


class Get(NamedTuple):
    """How to get a version, as commands and as a step of a workflow; empty where there is no way."""

    dvc: str
    gto: str
    step: str


class VersionRow(NamedTuple):
    """One version. The template unpacks it, as looking up so many names would take longer than all the rest."""

    version: str
    id: str
    """Of the element, for links to it."""
    stages: list[str]
    is_latest: bool
    idle: str
    """Why it counts no more; empty if it does."""
    before: str
    """The stages that it was in."""
    time: str
    """In ISO 8601; empty for a tag without a date."""
    author: str
    annotation: Annotation | None
    file_page: str
    """The address of the file with the annotation; empty if there is none."""
    is_read: bool
    """Whether its commit was looked at."""
    tag: str
    tag_page: str
    commit: str
    commit_page: str
    get: Get


def version_rows(
    facts: ArtifactFacts, versions: Iterable[VersionFacts], links: Links, repository: str
) -> Iterator[VersionRow]:
    """The rows of versions of an artifact, in the order in which they are given.

    Args:
        facts: the artifact.
        versions: those to show.
        links: the repository's pages on its server.
        repository: its address for `git`; empty if nobody but this machine knows it.
    """
    for each in versions:
        is_registered = each.version.startswith("v")
        noted = each.annotation
        yield VersionRow(
            shown(short(each.version), 80),
            f"{shown(each.version)}-{short(each.sha)}" if is_registered else shown(each.version),
            [shown(stage, 60) for stage in each.stages],
            each == facts.latest,
            "" if each.active else "deregistered" if is_registered else "in no stage",
            shown(", ".join(each.before[:10]), 120),
            each.created_at,
            shown(each.author, 60),
            noted,
            links.file(each.sha, noted.file, noted.line) if noted else "",
            each.is_read,
            shown(each.tag, 200),
            links.tag(each.tag),
            each.sha,
            links.commit(each.sha),
            _get(facts, each, repository),
        )


def _get(facts: ArtifactFacts, version: VersionFacts, repository: str) -> Get:
    """How to get a version. A text that does not look like what it is is in no command."""
    path = version.annotation.path if version.annotation else ""
    selector = f"{facts.name}@{version.version}" if version.version.startswith("v") and version.active else ""
    in_git = path and "://" not in path and not path.startswith("/") and visible(path) == path
    dvc = ""
    if in_git and repository:
        where = f"./{path}" if path.startswith("-") else path
        dvc = shlex.join(("dvc", "get", repository, where, f"--rev={version.tag}"))
    named = selector and not selector.startswith("-")  # which would be an option
    gto = f"gto show {shlex.quote(selector)} --ref" if named and facts.row.active else ""
    return Get(dvc, gto, selector if facts.row.active else "")
