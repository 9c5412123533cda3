"""What the action does once git works: the answer, what is done with it, and how it is told.

`step/main.py` imports this, and with it nearly all of the program, while git works.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from gto_action.answer.answer import Answer, Nothing, OfEvent, OfVersion
from gto_action.answer.deleted import explain_deleted
from gto_action.answer.explain import Question, explain, nothing, select
from gto_action.errors import Level, Problem, RegistryError
from gto_action.git.location import clone_in
from gto_action.git.remote import Remote
from gto_action.git.repository import Repository
from gto_action.gto.cures import delete
from gto_action.gto.registry import Registry
from gto_action.gto.selector import Selector
from gto_action.gto.tag import Tag, breaks_gto, correction_of, looks_like_tag
from gto_action.gto.words import short
from gto_action.hosts.github.runner import Runner
from gto_action.job.trigger import OfTag, Trigger
from gto_action.job.values import Lightweight, Scope
from gto_action.step.asked import Asked
from gto_action.step.deliver import Shown, deliver
from gto_action.step.place import remote_of, repository_of


def finish_without_tag(asked: Asked, host: Runner) -> None:
    """Ends a run that is not about a GTO tag."""
    if asked.inputs.fetch_tags:
        _bring_tags(asked, host, remote_of(asked), asked.inputs.timeout)
    deliver(_no_event(asked.trigger), Shown.by(asked), host)


def finish(asked: Asked, host: Runner, repository: Repository, started: float) -> None:
    """Answers, does what else was asked, and tells it.

    Args:
        asked: what the run is to do.
        host: takes what is said and written.
        repository: whose tags are being fetched.
        started: when that began, in seconds since 1970.
    """
    inputs = asked.inputs
    host.debug("imported")
    repository.fetch_tags()
    host.debug("fetched")
    registry = _registry_of(asked, repository)
    host.debug(f"read {registry.size} tags")
    answer = _ask(asked, host, repository, registry)
    host.debug("answered")
    if inputs.fetch_tags:
        _bring_tags(asked, host, repository.remote, repository.time_left)
    if inputs.pull:
        from gto_action.pull.run import bring  # noqa: PLC0415 - few ask for it

        answer = bring(answer, asked.inputs, asked.environment, repository, host)
        host.debug("pulled")
        if isinstance(answer, OfEvent | OfVersion) and answer.noted.data and answer.noted.data.pulled:
            started = time.time()
            answer = _again(answer, asked, host, repository.remote)
            host.debug("asked again")
    page = repository.remote.page if asked.environment.repository_url else ""
    deliver(answer, Shown.by(asked, page), host)
    host.debug("delivered")
    if inputs.deployments and isinstance(answer, OfEvent):
        from gto_action.deployments.run import deploy  # noqa: PLC0415 - few ask for it, and it takes long to import

        seconds = inputs.timeout if inputs.pull else repository.time_left
        deploy(answer, asked.inputs, asked.environment, host, seconds, started)
        host.debug("deployed")


def _ask(asked: Asked, host: Runner, repository: Repository, registry: Registry) -> Answer:
    """What the tags say; without a tag or a version to ask for, what no run has handled."""
    if asked.inputs.catch_up:
        from gto_action.catch_up.run import catch_up  # noqa: PLC0415 - few ask for it, and it takes long to import

        return catch_up(asked.inputs, asked.environment, repository, registry, host)
    answer = _answer(asked, repository, registry)
    return replace(answer, problems=(*_left_out(host, repository), *answer.problems))


def _answer(asked: Asked, repository: Repository, registry: Registry) -> Answer:
    inputs = asked.inputs
    question = Question(filters=inputs.filters, lightweight=inputs.lightweight, gto=asked.environment.gto)
    shows_tables = (inputs.show or inputs.summary) and inputs.scope is Scope.REGISTRY
    source = _Source(repository, registry.artifacts if shows_tables else list)
    wanted = asked.wanted
    if isinstance(wanted, Selector):
        return select(wanted, registry, source, question)
    assert wanted  # noqa: S101 - only asked where there is one
    if asked.is_of_deletion:
        return explain_deleted(wanted, inputs.filters, registry)
    _check(asked.trigger, wanted, repository, registry)
    return explain(wanted, registry, source, question)


def _check(trigger: Trigger, tag: Tag, repository: Repository, registry: Registry) -> None:
    """Refuses a tag that is not there, or no longer where it was."""
    record = registry.record(tag)
    if record is None:
        raise RegistryError(
            f"The remote {repository.remote.shown!r} has no tag {str(tag)!r}: it was deleted, or never pushed.",
            "Push the tag, or ask for another in the input 'ref'.",
        )
    if isinstance(trigger, OfTag):
        trigger.check(record)


@dataclass(frozen=True, slots=True)
class _Source:
    """The repository as the source of files and messages; `meanwhile` is called while files come."""

    repository: Repository
    meanwhile: Callable[[], object]

    def expect_files(self, commit: str, paths: Iterable[str]) -> None:
        self.repository.expect_files(commit, paths)
        self.meanwhile()  # the registry's table folds all artifacts

    def read_file(self, commit: str, path: str) -> bytes | None:
        return self.repository.read_file(commit, path)

    def message(self, oid: str) -> tuple[str, int]:
        return self.repository.tags.message(oid)


def _registry_of(asked: Asked, repository: Repository) -> Registry:
    """The registry of the tags that have been fetched."""
    accept = asked.inputs.lightweight is Lightweight.ACCEPT
    return Registry(repository.records(), accept_lightweight=accept, now=time.time())


def _again(before: OfEvent | OfVersion, asked: Asked, host: Runner, remote: Remote) -> OfEvent | OfVersion:
    """What the tags say after a pull, which may have taken long: what is written must be so then.

    :raises RegistryError: if the answer is about another commit now, whose data was not brought.
    """
    with repository_of(asked, host, remote) as repository:
        repository.start(asked.tag_name, asked.only, asked.needed)
        host.log("Fetching the tags again, as they may have changed while the data came")
        repository.fetch_tags()
        now = _ask(asked, host, repository, _registry_of(asked, repository))
    if isinstance(now, OfEvent | OfVersion) and now.record.target == before.record.target:
        return replace(now, noted=replace(now.noted, data=before.noted.data))
    if isinstance(before, OfVersion):
        versions = (str(each.version) if isinstance(each, OfVersion) else "nothing" for each in (before, now))
        text = f"{str(before.selector)!r} has changed while its data was pulled, from {' to '.join(versions)}."
    else:
        commits = (short(each.record.target) if isinstance(each, OfEvent) else "none" for each in (before, now))
        text = (
            f"The tag {before.record.name!r} has been moved while its data was pulled, "
            f"from commit {' to '.join(commits)}."
        )
    raise RegistryError(text, "The data in the workspace is that of before: start a new run.")


def _left_out(host: Runner, repository: Repository) -> tuple[Problem, ...]:
    """What is wrong where tags of other artifacts have not been read."""
    if not (error := repository.too_large):
        return ()
    message = f"{error.message} Only the tags of the artifact itself have been read."
    return (Problem(Level.WARNING, message, host.advice(error), fails_strict=True),)


def _no_event(trigger: Trigger) -> Nothing:
    """The answer where the run is not about a GTO tag."""
    if isinstance(trigger, OfTag):
        reason, hint = f"The tag {trigger.tag_name!r} is not a GTO tag.", _meant(trigger.tag_name)
    else:
        reason, hint = trigger.reason, ""
    return Nothing(headline=reason, problems=(nothing(reason, hint),))


def _meant(name: str) -> str:
    """What to do if a GTO tag was meant, as `doctor` says it; nobody knows here whose tag it is."""
    if breaks_gto(name):
        return f"gto fails on it. Delete it: {delete(name)}"
    if meant := correction_of(name):
        return f"If {meant!r} is meant, delete it, and let gto make that: {delete(name)}"
    return "A GTO tag is written NAME@vX.Y.Z or NAME#STAGE." if looks_like_tag(name) else ""


def _bring_tags(asked: Asked, host: Runner, remote: Remote, timeout: float) -> None:
    """Brings all tags into the repository of the workspace, which is a container action's working directory."""
    from gto_action.git.workspace_tags import fetch_all_tags  # noqa: PLC0415 - few ask for it

    clone = clone_in(Path.cwd(), remote, remote_of(asked).url)
    count = fetch_all_tags(clone, remote, timeout=timeout, log=host.log)
    host.log(f"Tags that are new or moved in the workspace's repository: {count}")
