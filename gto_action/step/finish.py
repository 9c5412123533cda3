"""The rest of a run: answers, does what else was asked, and delivers the answer.

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
from gto_action.hosts.github.server import forge_of_run
from gto_action.hosts.host import Host
from gto_action.job.environment import Environment
from gto_action.job.inputs import AnswerInputs
from gto_action.job.values import Lightweight
from gto_action.render.links import Links
from gto_action.step.asked import Asked
from gto_action.step.deliver import Shown, deliver
from gto_action.step.place import remote_of, repository_of
from gto_action.step.question import TagsSource, answer_of


def finish_without_tag(asked: Asked, inputs: AnswerInputs, environment: Environment, host: Host) -> None:
    """Ends a run that is not about a GTO tag."""
    if inputs.fetch_tags:
        _bring_tags(remote_of(environment, inputs.token), inputs, environment, inputs.timeout, host)
    deliver(no_event(asked.trigger), Shown.by(inputs), host)


def finish(  # noqa: PLR0913, PLR0917 - what was asked, and what to use
    asked: Asked,
    inputs: AnswerInputs,
    environment: Environment,
    repository: Repository,
    fetching: Fetching,
    host: Host,
) -> None:
    """Answers, does what else was asked, and delivers the answer.

    Args:
        asked: the tag or version that the run is about.
        inputs: what the run should do.
        environment: where it runs.
        repository: the source of tags and files.
        fetching: the tags, which are being fetched.
        host: where to log and write.
    """
    host.debug("imported")
    tags = fetching.finish()
    host.debug("fetched")
    answer = ask(asked, inputs, environment, tags, host)
    if inputs.fetch_tags:
        _bring_tags(tags.remote, inputs, environment, repository.time_left, host)
    if inputs.pull:
        from gto_action.pull.run import bring  # noqa: PLC0415 - rarely needed

        answer = bring(answer, inputs, environment, tags, repository.new_folder, host)
        host.debug("pulled")
        if isinstance(answer, OfEvent | OfVersion) and answer.noted.data and answer.noted.data.pulled:
            answer = _again(answer, asked, inputs, environment, tags.remote, host)
            host.debug("asked again")
    page = tags.remote.page if environment.repository_url else ""
    deliver(answer, Shown.by(inputs, Links(page, forge_of_run(environment.variables))), host)
    host.debug("delivered")


def ask(asked: Asked, inputs: AnswerInputs, environment: Environment, tags: Tags, host: Host) -> Answer:
    """Answers from the tags."""
    accept = inputs.lightweight is Lightweight.ACCEPT
    registry = Registry(tags.records, accept_lightweight=accept, now=time.time(), more_than=tags.more_than)
    host.debug(f"read {registry.size} tags")
    question = Question(filters=inputs.filters, lightweight=inputs.lightweight, gto=environment.gto)
    shows_tables = (inputs.show or inputs.summary) and not inputs.only_artifact and not registry.more_than
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
    """Answers again after a pull, because a pull may take long and the outputs must be true when they are written.

    :raises RegistryError: if the answer is now about another commit, whose data was not pulled.
    """
    with repository_of(remote, environment, inputs.timeout, host) as repository:
        only = asked.artifacts if inputs.only_artifact else ()
        fetching = repository.start(asked.tag_name, only, asked.artifacts, asked.files, asked.commit)
        host.log("Fetching the tags again, as they may have changed during the pull")
        now = ask(asked, inputs, environment, fetching.finish(), host)
    if isinstance(now, OfEvent | OfVersion) and now.record.target == before.record.target:
        return replace(now, noted=replace(now.noted, data=before.noted.data))
    if isinstance(before, OfVersion):
        versions = (str(each.version) if isinstance(each, OfVersion) else "nothing" for each in (before, now))
        text = f"{str(before.selector)!r} changed while its data was being pulled, from {' to '.join(versions)}."
    else:
        commits = (short(each.record.target) if isinstance(each, OfEvent) else "none" for each in (before, now))
        text = (
            f"The tag {before.record.name!r} was moved while its data was being pulled, "
            f"from commit {' to '.join(commits)}."
        )
    raise RegistryError(text, "Start a new run, because the workspace has the old data.")


def _left_out(host: Host, tags: Tags) -> tuple[Problem, ...]:
    """The warning if tags of other artifacts were not read."""
    if not (error := tags.incomplete):
        return ()
    message = f"{error.message} Only the artifact's own tags were read."
    return (Problem(Level.WARNING, message, host.advice(error), fails_strict=True),)


def _bring_tags(remote: Remote, inputs: AnswerInputs, environment: Environment, timeout: float, host: Host) -> None:
    """Fetches all tags into the workspace's repository; the workspace is a container action's working directory."""
    from gto_action.git.workspace_tags import fetch_all_tags  # noqa: PLC0415 - rarely needed

    clone = clone_in(Path.cwd(), remote, remote_of(environment, inputs.token).url)
    count = fetch_all_tags(clone, remote, timeout=timeout, log=host.log)
    host.log(f"New or moved tags in the workspace's repository: {count}")
