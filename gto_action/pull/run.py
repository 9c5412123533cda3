"""Adds the artifact's data to an answer and to the workspace.

`main` imports this, and everything that it needs, only for the input `pull`.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from gto_action.answer.answer import Answer, Data, OfEvent, OfVersion
from gto_action.errors import Level, Problem
from gto_action.git.tags import Tags
from gto_action.hosts.host import Host
from gto_action.job.environment import Environment
from gto_action.job.inputs import AnswerInputs
from gto_action.pull.bring import Scratch, pull
from gto_action.pull.question import Asked


def bring(  # noqa: PLR0913, PLR0917 - what it knows, and what it may use
    answer: Answer,
    inputs: AnswerInputs,
    environment: Environment,
    tags: Tags,
    new_folder: Callable[[], Path],
    host: Host,
) -> Answer:
    """Pulls the artifact into the workspace; returns the answer with what was pulled.

    :raises PullError: if the data cannot be pulled.
    """
    if not isinstance(answer, OfEvent | OfVersion):
        return answer
    path = answer.noted.annotation.path if answer.noted.annotation else ""
    if answer.unmatched:
        host.log("Nothing is pulled, because 'matched' is false.")
        return answer
    if not path:
        problem = Problem(
            Level.WARNING, "There is nothing to pull: 'path' is empty.", "Set it in dvc.yaml.", fails_strict=True
        )
        return replace(answer, problems=(*answer.problems, problem))
    if "://" in path or path.startswith("/"):
        problem = Problem(
            Level.NOTICE, f"{path!r} is outside the repository and is not pulled.", "See 'uri' in 'json'."
        )
        noted = replace(answer.noted, data=Data(pulled=False, found={"uri": path}))
        return replace(answer, noted=noted, problems=(*answer.problems, problem))
    asked = Asked(
        path=path,
        commit=answer.record.target,
        remote=inputs.dvc_remote,
        variables=environment.variables,
        cache=environment.cache_path,
        timeout=inputs.pull_timeout,
    )
    found = pull(asked, Path.cwd(), Scratch(tags.files_of(answer.record), new_folder), host.log)
    size = f"{found['size'] / 1e6:,.1f} MB in {found['count']:,} {'file' if found['count'] == 1 else 'files'}"
    host.log(f"Pulled {path!r}: {size}")
    return replace(answer, noted=replace(answer.noted, data=Data(pulled=True, found=found)))
