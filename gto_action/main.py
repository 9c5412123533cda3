"""The composition: inputs to tag to event to outputs. The only place that catches, and that knows exit codes."""

import signal
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import FrameType

from gto_action import runner
from gto_action.errors import GtoActionError
from gto_action.inputs import Environment, Inputs, Job, Scope
from gto_action.remote import Remote
from gto_action.repository import Repository, origin
from gto_action.tag import looks_like_tag, parse_tag
from gto_action.trigger import Trigger, trigger_of

_EXPECTED = 1
_BUG = 3


def main(environ: Mapping[str, str]) -> int:
    """Runs the action; gives its exit code: 0 an answer, 1 a failure that was foreseen, 3 a bug."""
    # the first process of a container has no default for SIGTERM
    previous = {each: signal.signal(each, _terminate) for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)}
    try:
        _run(Job(Inputs.from_env(environ), Environment.from_env(environ)))
    except GtoActionError as failure:
        runner.error(failure)
        return _EXPECTED
    except Exception:  # noqa: BLE001 - whatever nobody foresaw is told as a bug
        import traceback  # noqa: PLC0415 - takes longer to import than most of the others

        with suppress(OSError, AttributeError):  # standard output itself may be what fails
            for line in traceback.format_exc().splitlines():
                runner.log(line)
            runner.error(GtoActionError("This is a bug in gto-action.", "Please report it, with the lines above."))
        return _BUG
    except SystemExit:
        runner.log("The run was cancelled.")
        raise
    finally:
        for each, handler in previous.items():
            signal.signal(each, handler)
    return 0


def _terminate(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def _run(job: Job) -> None:
    selector = job.inputs.artifact
    trigger = Trigger("")
    if not selector:
        trigger = trigger_of(job.inputs, job.environment, runner.read_payload(job.environment.event_path))
    tag = parse_tag(trigger.tag_name)
    if not selector and not tag:
        from gto_action.answering import deliver, no_event  # noqa: PLC0415 - see below

        hint = "See the README for how such a tag is written." if looks_like_tag(trigger.tag_name) else ""
        deliver(job, no_event(trigger, hint))
        return
    own = not job.environment.repository_url
    remote = Remote(origin(Path.cwd()) if own else job.environment.repository_url, job.inputs.token)
    with Repository(remote, log=runner.log, timeout=job.inputs.timeout, own_config=own) as repository:
        wanted = selector or tag
        only = wanted.artifact if wanted and job.inputs.scope is Scope.ARTIFACT else None
        repository.start(trigger.tag_name, only)
        runner.log(f"Fetching the tags of {remote.shown}")
        # Most of what a run needs is imported while git works.
        from gto_action.answering import deliver, explain, registry_of, select  # noqa: PLC0415

        repository.fetch_tags()
        registry = registry_of(job, repository)
        if selector:
            answer = select(selector, job, repository, registry)
        else:
            assert tag  # noqa: S101 - there is a selector or a tag
            answer = explain(tag, trigger, job, repository, registry)
        if job.inputs.fetch_tags:
            from gto_action.workspace import fetch_all_tags  # noqa: PLC0415 - few ask for it

            count = fetch_all_tags(Path.cwd(), repository.remote, timeout=job.inputs.timeout, log=runner.log)
            runner.log(f"Brought {count} tags into the workspace's repository")
        deliver(job, answer)
