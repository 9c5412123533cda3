"""What the action does once git works: the answer, what is done with it, and how it is told.

`step/main.py` imports this, and with it nearly all of the program, while git works.
"""

import time
from dataclasses import replace
from pathlib import Path

from gto_action.answer.answer import Answer, OfEvent, OfVersion
from gto_action.answer.explain import Question
from gto_action.answer.no_event import no_event
from gto_action.errors import Level, Problem, RegistryError
from gto_action.git.location import clone_in
from gto_action.git.remote import Remote
from gto_action.git.repository import Fetching, Repository
from gto_action.git.tags import Tags
from gto_action.gto.registry import Registry
from gto_action.gto.words import short
from gto_action.hosts.host import Host
from gto_action.job.environment import Environment
from gto_action.job.inputs import AnswerInputs
from gto_action.job.values import Lightweight
from gto_action.step.asked import Asked
from gto_action.step.deliver import Shown, deliver
from gto_action.step.place import remote_of, repository_of
from gto_action.step.question import TagsSource, answer_of


def finish_without_tag(asked: Asked, inputs: AnswerInputs, environment: Environment, host: Host) -> None:
    """Ends a run that is not about a GTO tag."""
    if inputs.fetch_tags:
        _bring_tags(remote_of(environment, inputs.token), inputs, environment, inputs.timeout, host)
    deliver(no_event(asked.trigger), Shown.by(inputs), host)


def finish(  # noqa: PLR0913, PLR0917 - what was asked, and what may be used
    asked: Asked,
    inputs: AnswerInputs,
    environment: Environment,
    repository: Repository,
    fetching: Fetching,
    host: Host,
) -> None:
    """Answers, does what else was asked, and tells it.

    Args:
        asked: the tag or the version to answer for.
        inputs: what the run is to do.
        environment: where it runs.
        repository: where it is asked.
        fetching: the tags, on their way.
        host: takes what is said and written.
    """
    host.debug("imported")
    tags = fetching.finish()
    host.debug("fetched")
    answer = ask(asked, inputs, environment, tags, host)
    if inputs.fetch_tags:
        _bring_tags(tags.remote, inputs, environment, repository.time_left, host)
    if inputs.pull:
        from gto_action.pull.run import bring  # noqa: PLC0415 - few ask for it

        answer = bring(answer, inputs, environment, tags, repository.new_folder, host)
        host.debug("pulled")
        if isinstance(answer, OfEvent | OfVersion) and answer.noted.data and answer.noted.data.pulled:
            answer = _again(answer, asked, inputs, environment, tags.remote, host)
            host.debug("asked again")
    page = tags.remote.page if environment.repository_url else ""
    deliver(answer, Shown.by(inputs, page), host)
    host.debug("delivered")


def ask(asked: Asked, inputs: AnswerInputs, environment: Environment, tags: Tags, host: Host) -> Answer:
    """What the tags say."""
    accept = inputs.lightweight is Lightweight.ACCEPT
    registry = Registry(tags.records, accept_lightweight=accept, now=time.time())
    host.debug(f"read {registry.size} tags")
    question = Question(filters=inputs.filters, lightweight=inputs.lightweight, gto=environment.gto)
    shows_tables = (inputs.show or inputs.summary) and not inputs.only_artifact
    source = TagsSource(tags, registry.artifacts if shows_tables else list)
    answer = answer_of(asked, registry, source, question, tags.remote)
    host.debug("answered")
    return replace(answer, problems=(*_left_out(host, tags), *answer.problems))


def _again(  # noqa: PLR0913, PLR0917 - all that the first answer took
    before: OfEvent | OfVersion,
    asked: Asked,
    inputs: AnswerInputs,
    environment: Environment,
    remote: Remote,
    host: Host,
) -> OfEvent | OfVersion:
    """What the tags say after a pull, which may have taken long: what is written must be so then.

    :raises RegistryError: if the answer is about another commit now, whose data was not brought.
    """
    with repository_of(remote, environment, inputs.timeout, host) as repository:
        fetching = repository.start(asked.tag_name, asked.artifact if inputs.only_artifact else None, asked.artifact)
        host.log("Fetching the tags again, as they may have changed while the data came")
        now = ask(asked, inputs, environment, fetching.finish(), host)
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


def _left_out(host: Host, tags: Tags) -> tuple[Problem, ...]:
    """What is wrong where tags of other artifacts have not been read."""
    if not (error := tags.too_large):
        return ()
    message = f"{error.message} Only the tags of the artifact itself have been read."
    return (Problem(Level.WARNING, message, host.advice(error), fails_strict=True),)


def _bring_tags(remote: Remote, inputs: AnswerInputs, environment: Environment, timeout: float, host: Host) -> None:
    """Brings all tags into the repository of the workspace, which is a container action's working directory."""
    from gto_action.git.workspace_tags import fetch_all_tags  # noqa: PLC0415 - few ask for it

    clone = clone_in(Path.cwd(), remote, remote_of(environment, inputs.token).url)
    count = fetch_all_tags(clone, remote, timeout=timeout, log=host.log)
    host.log(f"Tags that are new or moved in the workspace's repository: {count}")
