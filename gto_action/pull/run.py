"""The answer with the artifact itself in the workspace.

`main` imports this, and all that it needs, where it is asked for.
"""

from dataclasses import replace
from pathlib import Path

from gto_action.answer.answer import Answer
from gto_action.errors import Level, Problem
from gto_action.git.repository import Repository
from gto_action.hosts.github import runner
from gto_action.job.inputs import Job
from gto_action.pull.bring import Scratch, pull
from gto_action.pull.question import Asked


def bring(job: Job, answer: Answer, repository: Repository) -> Answer:
    """The answer with the artifact itself in the workspace.

    :raises PullError: if it cannot be brought.
    """
    record = answer.record
    if not record:
        return answer
    path = answer.annotation.path if answer.annotation else ""
    if answer.outputs.document["matched"] is False:
        runner.log("Nothing is pulled, as 'matched' is false.")
        return answer
    if not path:
        problem = Problem(
            Level.WARNING, "There is nothing to pull: 'path' is empty.", "Write it in dvc.yaml.", fails_strict=True
        )
        return replace(answer, problems=(*answer.problems, problem))
    if "://" in path or path.startswith("/"):
        problem = Problem(
            Level.NOTICE, f"{path!r} is outside of the repository and is not pulled.", "See 'uri' in 'json'."
        )
        outputs = answer.outputs.with_pull({"uri": path}, pulled=False)
        return replace(answer, outputs=outputs, problems=(*answer.problems, problem))
    asked = Asked(
        path=path,
        commit=record.target,
        remote=job.inputs.remote,
        variables=job.environment.variables,
        cache=job.environment.cache_path,
        timeout=job.inputs.pull_timeout,
    )
    found = pull(asked, Path.cwd(), Scratch(repository.files_of(record), repository.new_folder), runner.log)
    size = f"{found['size'] / 1e6:,.1f} MB in {found['count']:,} {'file' if found['count'] == 1 else 'files'}"
    runner.log(f"Pulled {path!r}: {size}")
    return replace(answer, outputs=answer.outputs.with_pull(found, pulled=True))
