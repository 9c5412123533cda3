"""The composition: inputs to tag to event to outputs. The only place that catches, and that knows exit codes."""

import signal
import sys
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType

from gto_action import runner
from gto_action.annotation import read_annotation
from gto_action.errors import GtoActionError, Level, Problem, RegistryError, StrictError
from gto_action.event import Assignment, Event, Unassignment
from gto_action.inputs import Environment, Inputs, Lightweight
from gto_action.outputs import Outputs
from gto_action.record import TagRecord
from gto_action.registry import Registry
from gto_action.remote import Remote
from gto_action.report import lines, sentence, summary
from gto_action.repository import Repository, origin
from gto_action.tag import looks_like_tag, parse_tag
from gto_action.trigger import trigger_of

_EXPECTED = 1
_BUG = 3
_TERMINATED = 128 + signal.SIGTERM


def main(environ: Mapping[str, str]) -> int:
    """Runs the action; gives its exit code: 0 an answer, 1 a failure that was foreseen, 3 a bug."""
    # Process 1 of a container has no default for SIGTERM; and a number in a tag name may be long (it is bounded by
    # git's 64 KiB for a ref, so reading it costs little).
    previous = signal.signal(signal.SIGTERM, _terminate)
    sys.set_int_max_str_digits(0)
    try:
        _run(Inputs.from_env(environ), Environment.from_env(environ))
    except GtoActionError as failure:
        runner.error(failure)
        return _EXPECTED
    except Exception:  # noqa: BLE001 - whatever nobody foresaw is told as a bug
        for line in traceback.format_exc().splitlines():
            runner.log(line)
        runner.error(GtoActionError("This is a bug in gto-action.", "Please report it, with the lines above."))
        return _BUG
    finally:
        signal.signal(signal.SIGTERM, previous)
    return 0


def _terminate(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(_TERMINATED)


def _run(inputs: Inputs, environment: Environment) -> None:
    payload = runner.read_payload(environment.event_path)
    trigger = trigger_of(inputs, environment, payload)
    if not trigger.tag_name:
        _answer(inputs, environment, Outputs(), trigger.reason, [_not_an_event(trigger.reason)])
        return
    tag = parse_tag(trigger.tag_name)
    if tag is None:
        headline = f"The tag {trigger.tag_name!r} is not a tag of GTO's."
        hint = "See the README for how such a tag is written." if looks_like_tag(trigger.tag_name) else ""
        _answer(inputs, environment, Outputs(), headline, [_not_an_event(headline, hint)])
        return

    own = not environment.repository_url
    remote = Remote(origin(Path.cwd()) if own else environment.repository_url, inputs.token)
    with Repository(remote, log=runner.log, own_config=own) as repository:
        runner.log(f"Fetching the tags of {remote.shown}")
        repository.fetch_tags()
        registry = Registry(repository.records(), accept_lightweight=inputs.lightweight is Lightweight.ACCEPT)
        record = registry.record(tag)
        if record is None:
            raise RegistryError(
                f"The remote {remote.shown!r} has no tag {str(tag)!r}: it was deleted, or never pushed.",
                "Push the tag, or ask for another in the input 'ref'.",
            )
        trigger.check(record)
        if not record.annotated and inputs.lightweight is not Lightweight.ACCEPT:
            problem = _lightweight(record, inputs)
            _answer(inputs, environment, Outputs(), problem.message, [problem])
            return
        event = registry.event(tag)
        annotation, noted = read_annotation(event.artifact, lambda path: repository.read_file(event.commit, path))
        outputs = Outputs.of(event, annotation, repository.message(record))
    problems = [*_ambiguity(event), *registry.problems(event.artifact), *noted]
    _answer(inputs, environment, outputs, sentence(event), problems)


def _answer(
    inputs: Inputs, environment: Environment, outputs: Outputs, headline: str, problems: Sequence[Problem]
) -> None:
    """Tells what was found, then writes it: a run that fails here has written no output."""
    fatal = next((each for each in problems if each.fails_strict), None) if inputs.strict else None
    for problem in problems:
        if problem is not fatal:
            runner.tell(problem)
    if fatal:
        raise StrictError(
            fatal.message, f"{fatal.hint} It is an error because the input 'strict' is true.".lstrip(),
            file=fatal.file, line=fatal.line,
        )  # fmt: skip
    if inputs.print_outputs and outputs.event:
        with runner.group("Outputs"):
            for line in lines(outputs):
                runner.log(line)
    if environment.summary_path:
        runner.write_summary(environment.summary_path, summary(headline, outputs))
    runner.write_outputs(environment.output_path, outputs.texts())
    runner.log(headline)


def _not_an_event(reason: str, hint: str = "") -> Problem:
    return Problem(Level.NOTICE, reason, f"All outputs are empty. {hint}".rstrip(), fails_strict=True)


def _lightweight(record: TagRecord, inputs: Inputs) -> Problem:
    """A lightweight triggering tag: an error, or a warning and empty outputs.

    :raises RegistryError: unless the input `lightweight` says otherwise.
    """
    message = f"The tag {record.name!r} is a lightweight one, and GTO only knows annotated ones."
    hint = (
        f"Make it annotated: git tag -a -f {record.name!r} -m MESSAGE {record.target[:7]}, "
        f"then git push --force origin {record.name!r}."
    )
    if inputs.lightweight is Lightweight.FAIL:
        raise RegistryError(message, f"{hint} Or set the input 'lightweight' to 'accept'.")
    return Problem(Level.WARNING, message, f"All outputs are empty. {hint}", fails_strict=True)


def _ambiguity(event: Event) -> list[Problem]:
    if not isinstance(event, Assignment | Unassignment) or not event.ambiguous:
        return []
    candidates = ", ".join(str(each) for each in event.candidates)
    return [
        Problem(
            Level.WARNING,
            f"Several versions of {str(event.artifact)!r} are registered at commit {event.commit[:7]} ({candidates}); "
            f"{event.version} was taken.",
            "Register each version on a commit of its own.",
            fails_strict=True,
        )
    ]
