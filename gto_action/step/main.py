"""The composition: inputs to tag to event to outputs. The only place that catches, and that knows exit codes."""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from gto_action.errors import GtoActionError
from gto_action.git.location import clone_in, origin
from gto_action.git.remote import Remote
from gto_action.git.repository import Repository
from gto_action.gto.names import ArtifactName
from gto_action.gto.selector import Selector
from gto_action.gto.tag import Tag, parse_tag
from gto_action.hosts.github import runner
from gto_action.job.environment import Environment
from gto_action.job.inputs import Inputs, Job, Scope
from gto_action.job.trigger import Trigger, trigger_of
from gto_action.system.cancellation import cancellable, cancelled, unbroken

if TYPE_CHECKING:
    from gto_action.answer.answer import Answer
    from gto_action.gto.registry import Registry

_EXPECTED = 1
_BUG = 3


def main(environ: Mapping[str, str]) -> int:
    """Runs the action; gives its exit code: 0 an answer, 1 a failure that was foreseen, 3 a bug."""
    try:
        with cancellable():
            _run(Job(Inputs.from_env(environ), Environment.from_env(environ)))
    except GtoActionError as failure:
        runner.error(failure)
        return _EXPECTED
    except Exception as failure:  # whatever nobody foresaw is told as a bug
        if code := cancelled():  # Python 3.11 wraps what is raised while a class is made
            raise SystemExit(code) from failure
        import traceback  # noqa: PLC0415 - takes longer to import than most of the others

        with suppress(OSError, AttributeError):  # standard output itself may be what fails
            for line in traceback.format_exc().splitlines():
                runner.log(line)
            runner.error(GtoActionError("This is a bug in gto-action.", "Please report it, with the lines above."))
        return _BUG
    except SystemExit:
        runner.log("The run was cancelled.")
        raise
    return 0


def _run(job: Job) -> None:
    done = _phases() if job.environment.debug else _quiet
    selector = job.inputs.artifact
    trigger = Trigger("")
    if not selector and not job.inputs.catch_up:
        trigger = trigger_of(job.inputs, job.environment, runner.read_payload(job.environment.event_path))
    tag = parse_tag(trigger.tag_name or trigger.deleted)
    wanted = selector or tag
    if not wanted and not job.inputs.catch_up:
        with unbroken():
            from gto_action.answer.explain import deliver, no_event  # noqa: PLC0415 - see below

        if job.inputs.fetch_tags:
            _bring_tags(job, _remote(job), job.inputs.timeout)
        deliver(job, no_event(trigger))
        return
    known, started = bool(job.environment.repository_url), time.time()
    with Repository(
        _remote(job), log=runner.log, debug=done, timeout=job.inputs.timeout, own_config=not known
    ) as repository:
        repository.start(trigger.tag_name, _only(wanted, job), wanted.artifact if wanted else None)
        runner.log(f"Fetching the tags of {repository.remote.shown}")
        # Most of what a run needs is imported while git works; what is raised in the middle of it would be dropped.
        with unbroken():
            from gto_action.answer.explain import deliver, registry_of  # noqa: PLC0415

        done("imported")
        repository.fetch_tags()
        done("fetched")
        registry = registry_of(job, repository)
        done(f"read {registry.size} tags")
        answer = _ask(wanted, trigger, job, repository, registry)
        done("answered")
        if job.inputs.fetch_tags:
            _bring_tags(job, repository.remote, repository.time_left)
        if job.inputs.pull:
            with unbroken():
                from gto_action.pull.run import bring  # noqa: PLC0415 - few ask for it

            answer = bring(job, answer, repository)
            done("pulled")
        if answer.pulled:
            started = time.time()
            answer = _again(answer, wanted, trigger, job, repository.remote)
            done("asked again")
        deliver(job, answer, repository.remote.page if known else "")
        done("delivered")
        if job.inputs.deployments:
            with unbroken():
                from gto_action.deployments.run import deploy  # noqa: PLC0415 - few ask for it, and it takes long to import

            deploy(job, answer, job.inputs.timeout if job.inputs.pull else repository.time_left, started)
            done("deployed")


def _only(wanted: Selector | Tag | None, job: Job) -> ArtifactName | None:
    """The artifact whose tags are enough; None for every tag."""
    return wanted.artifact if wanted and job.inputs.scope is Scope.ARTIFACT else None


def _ask(
    wanted: Selector | Tag | None, trigger: Trigger, job: Job, repository: Repository, registry: "Registry"
) -> "Answer":
    """What the tags say; without a tag or a version to ask for, what no run has handled."""
    with unbroken():
        from gto_action.answer.explain import explain, left_out, select  # noqa: PLC0415 - imported by now

    if wanted:
        answer = (
            select(wanted, job, repository, registry)
            if isinstance(wanted, Selector)
            else explain(wanted, trigger, job, repository, registry)
        )
        return replace(answer, problems=(*left_out(repository), *answer.problems))
    with unbroken():
        from gto_action.catch_up.run import catch_up  # noqa: PLC0415 - few ask for it, and it takes long to import

    return catch_up(job, repository, registry)


def _again(answer: "Answer", wanted: Selector | Tag | None, trigger: Trigger, job: Job, remote: Remote) -> "Answer":
    """What the tags say after a pull, which may have taken long: what is written must be so then."""
    with unbroken():
        from gto_action.answer.explain import registry_of, with_data  # noqa: PLC0415 - imported by now

    known = bool(job.environment.repository_url)
    with Repository(remote, log=runner.log, timeout=job.inputs.timeout, own_config=not known) as repository:
        repository.start(trigger.tag_name, _only(wanted, job), wanted.artifact if wanted else None)
        runner.log("Fetching the tags again, as they may have changed while the data came")
        repository.fetch_tags()
        return with_data(_ask(wanted, trigger, job, repository, registry_of(job, repository)), answer)


def _phases() -> Callable[[str], None]:
    """Says how long after the start something was done: for those who look for a fault, or for time."""
    start = time.monotonic()
    return lambda what: runner.debug(f"{time.monotonic() - start:.3f} s: {what}")


def _quiet(_: str) -> None:
    """Says nothing."""


def _remote(job: Job) -> Remote:
    return Remote(job.environment.repository_url or origin(Path.cwd()), job.inputs.token)


def _bring_tags(job: Job, remote: Remote, timeout: float) -> None:
    """Brings all tags into the repository of the workspace, which is a container action's working directory."""
    with unbroken():
        from gto_action.git.workspace_tags import fetch_all_tags  # noqa: PLC0415 - few ask for it

    clone = clone_in(Path.cwd(), remote, _remote(job).url)
    count = fetch_all_tags(clone, remote, timeout=timeout, log=runner.log)
    runner.log(f"Tags that are new or moved in the workspace's repository: {count}")
