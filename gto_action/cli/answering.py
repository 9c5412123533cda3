"""Answers from the tags on the server, read with the credentials of a CI system."""

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from gto_action.answer.answer import Answer, OfEvent, OfVersion
from gto_action.answer.explain import Question, explain, select
from gto_action.answer.files import files_for
from gto_action.answer.no_event import no_event
from gto_action.cli.checking import of_event, without_version
from gto_action.cli.session import open_tags
from gto_action.cli.terminal import show_note
from gto_action.errors import InputError, Level, Problem, RegistryError
from gto_action.git.clone_settings import for_token, settings_of
from gto_action.git.location import origin, remote_at
from gto_action.git.remote import Remote
from gto_action.git.repository import Repository
from gto_action.git.surroundings import Settings
from gto_action.git.tags import Tags
from gto_action.gto.registry import Registry
from gto_action.gto.selector import Selector
from gto_action.gto.tag import Tag, parse_tag
from gto_action.hosts.ci_run import address_of, credentials_of
from gto_action.hosts.ci_systems import System
from gto_action.job.filters import Filters
from gto_action.job.trigger import OfTag, Trigger
from gto_action.job.values import Lightweight
from gto_action.render.links import GITHUB, Links, forge_of

_HERE: Final = "."


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What to find out."""

    wanted: Selector | None
    """A version; None for the event of the trigger."""
    trigger: Trigger
    filters: Filters
    lightweight: Lightweight
    token_env: str
    """The variable with the token for reading; empty for the system's own."""
    whole: bool
    """Whether to show the whole registry, not only the artifact."""

    @property
    def of(self) -> Selector | Tag | None:
        """The version or the tag to answer for; None if there is none."""
        return self.wanted or (parse_tag(self.trigger.tag_name) if isinstance(self.trigger, OfTag) else None)


@dataclass(frozen=True, slots=True)
class _Source:
    """The tags as a source of files and messages."""

    tags: Tags

    def expect_files(self, commit: str, paths: Iterable[str]) -> None:
        """Starts fetching files."""
        self.tags.files.expect(commit, paths)

    def read_file(self, commit: str, path: str) -> bytes | None:
        """A file's content at a commit; None if there is no such file."""
        return self.tags.files.read(commit, path)

    def message(self, oid: str) -> tuple[str, int]:
        """The message of a tag or a commit; and its full length in bytes if it was cut, otherwise 0."""
        return self.tags.message(oid)


def answer_in(
    system: System | None, repo: str | None, asked: Asked, variables: Mapping[str, str]
) -> tuple[Answer, Links]:
    """The answer, and the pages of the repository.

    Args:
        system: the CI system of the run.
        repo: a path or an address of another repository.
        asked: what to find out.
        variables: the environment variables.

    :raises GtoActionError: if there is no answer.
    """
    if not (of := asked.of):
        return no_event(asked.trigger), Links()
    if system is None and repo is None:
        repo = _HERE
    if repo is not None and Path(repo).is_dir():
        return _answer_here(repo, of, asked, variables), Links()
    with _fetched(*remote_in(system, repo, asked.token_env, variables), of, asked) as tags:
        page = tags.remote.page
        forge = (system and not repo and system.forge) or forge_of(page)
        return _answer(of, asked, tags, variables), Links(page, forge) if forge else Links("", GITHUB)


def _answer_here(repo: str, of: Selector | Tag, asked: Asked, variables: Mapping[str, str]) -> Answer:
    """The answer of a repository on this machine."""
    if asked.token_env:
        raise InputError(
            f"The repository at {repo!r} is on this machine, so no token is needed.",
            "Name an address with --repo, or leave --token-env out.",
        )
    with open_tags(repo, show_note) as (tags, gaps):
        answer = _answer(of, asked, tags, variables)
    doubtful = of_event(answer.event) if isinstance(answer, OfEvent) and gaps and gaps.may_lack_tags else ()
    if line := without_version(doubtful):
        show_note(line)
    return answer


def remote_in(
    system: System | None, repo: str | None, token_env: str, variables: Mapping[str, str]
) -> tuple[Remote, Settings]:
    """Where the tags are, and git's settings for fetching them.

    A system's own token goes only to the repository that the system names, whatever a clone says.
    """
    own = system if repo is None else None
    user = credentials_of(system, token_env, variables)
    token = user.token if own or token_env else ""
    settings: Settings = ()
    named = address_of(own, variables) if own else ""
    if repo is not None:
        remote = remote_at(repo)
    else:
        remote = Remote(named or origin(Path.cwd()))
        settings = settings_of(Path.cwd())
    if token and not remote.is_http:
        if token_env:
            raise InputError(
                f"The address {remote.shown!r} does not use HTTP, so no token can be sent to it.",
                "Name the https:// address with --repo, or leave out --token-env.",
            )
        token = ""
    if token:
        remote = replace(remote, token=token, token_user=user.user)
        settings = for_token(settings, remote.url, own=bool(named and system and system.token))
    if own and (certificates := variables.get(own.certificates, "")):
        settings = (*settings, ("http.sslcainfo", certificates))
    return remote, settings


@contextmanager
def _fetched(remote: Remote, settings: Settings, of: Selector | Tag, asked: Asked) -> Iterator[Tags]:
    with Repository(remote, log=show_note, own_config=True, settings=settings) as repository:
        name, files = (str(of), files_for(of)) if isinstance(of, Tag) else ("", ())
        commit = asked.trigger.sha if isinstance(asked.trigger, OfTag) else ""
        fetching = repository.start(name, () if asked.whole else [of.artifact], [of.artifact], files, commit)
        show_note(f"Fetching the tags of {remote.shown}")
        yield fetching.finish()


def _answer(of: Selector | Tag, asked: Asked, tags: Tags, variables: Mapping[str, str]) -> Answer:
    accept = asked.lightweight is Lightweight.ACCEPT
    registry = Registry(tags.records, accept_lightweight=accept, now=time.time(), more_than=tags.more_than)
    gto = {name: value for name, value in variables.items() if name.startswith("GTO_")}
    question = Question(filters=asked.filters, lightweight=asked.lightweight, gto=gto)
    if isinstance(of, Selector):
        return _with_gaps(select(of, registry, _Source(tags), question), tags)
    record = registry.record(of)
    if record is None:
        raise RegistryError(
            f"The repository {tags.remote.shown!r} has no tag {str(of)!r}: it was deleted, or never pushed.",
            "Push the tag, or name another REF.",
        )
    if isinstance(asked.trigger, OfTag):
        asked.trigger.check(record)
    return _with_gaps(explain(of, registry, _Source(tags), question), tags)


def _with_gaps(answer: Answer, tags: Tags) -> Answer:
    """The answer, with a warning if tags of other artifacts were not read."""
    if not (error := tags.incomplete) or not isinstance(answer, OfEvent | OfVersion):
        return answer
    message = f"{error.message} Only the artifact's own tags were read."
    return replace(answer, problems=(Problem(Level.WARNING, message, error.hint, fails_strict=True), *answer.problems))
