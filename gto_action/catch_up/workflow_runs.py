"""Lists and starts the runs of a workflow, through GitHub's API."""

from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import quote

from gto_action.catch_up.missed import WorkflowRun
from gto_action.errors import Kind, RemoteError
from gto_action.hosts.github.api import GithubApi
from gto_action.hosts.github.api_answers import PER_PAGE, Request, iso, seconds_of

_GONE: Final = 5
"""How many runs may be counted but not listed, because somebody deletes them meanwhile."""
_SEARCH: Final = 1000
"""How many runs a search returns at most (docs.github.com, "List workflow runs")."""


class WorkflowRuns:
    """The runs of one workflow."""

    def __init__(self, api: GithubApi, workflow: str) -> None:
        """`workflow` is the name of the workflow's file."""
        self._api, self.workflow = api, workflow
        self._path = f"/actions/workflows/{quote(workflow, safe='')}"

    def since(self, start: int, commits: Iterable[str] = ()) -> list[WorkflowRun]:
        """The runs created at a time or later; only those of some commits, if that takes fewer requests.

        A search returns at most the newest 1,000 runs, so the next search ends where the last one did.

        Args:
            start: seconds since 1970.
            commits: the commits that matter; empty for all.

        :raises RemoteError: if GitHub does not answer, or refuses.
        """
        first = iso(start)
        created = f">={first}"
        total, runs = self._page({"created": created}, 1)
        if 0 < len(shas := sorted(set(commits))) < -(-total // PER_PAGE) - 1:
            return [
                run
                for sha in shas
                for run in self._every(first, {"head_sha": sha}, *self._page({"created": created, "head_sha": sha}, 1))
            ]
        return self._every(first, {}, total, runs)

    def of(self, commit: str) -> list[WorkflowRun]:
        """All runs of a commit, however old: an old one may still wait, or have been repeated.

        :raises RemoteError: if GitHub does not answer, or refuses.
        """
        ever, fixed = iso(0), {"head_sha": commit}
        return self._every(ever, fixed, *self._page({**fixed, "created": f">={ever}"}, 1))

    def dispatch(self, tag: str) -> None:
        """Starts the workflow for a tag. The request is sent only once, as a lost answer may have been a yes.

        :raises RefusedError: if the workflow cannot be started for this tag.
        :raises RemoteError: if GitHub does not answer, or refuses.
        """
        self._api.ask(
            Request(
                verb="POST",
                path=f"{self._path}/dispatches",
                what=f"a run of the workflow {self.workflow!r} for the tag {tag!r}",
                permission="actions: write",
                body={"ref": f"refs/tags/{tag}"},
                once=True,
            )
        )

    def _every(self, first: str, fixed: Mapping[str, str], total: int, runs: list[WorkflowRun]) -> list[WorkflowRun]:
        """All runs since a time, given the first page of the first search."""
        found = {run.number: run for run in self._rest({**fixed, "created": f">={first}"}, total, runs)}
        while total > _SEARCH:
            known, last = len(found), min(run.created for run in found.values())
            parameters = {**fixed, "created": f"{first}..{iso(last)}"}
            total, runs = self._page(parameters, 1)
            found |= {run.number: run for run in self._rest(parameters, total, runs)}
            if len(found) == known and total > _SEARCH:  # too many in one second
                raise self._incomplete(known, total)
        return list(found.values())

    def _rest(self, parameters: Mapping[str, str], total: int, first: list[WorkflowRun]) -> list[WorkflowRun]:
        """All runs that a search returns, given its first page."""
        found = {run.number: run for run in first}
        for number in range(2, -(-min(total, _SEARCH) // PER_PAGE) + 1):
            found |= {run.number: run for run in self._page(parameters, number)[1]}
        if len(found) < min(total, _SEARCH) - _GONE:  # an unknown run would be started again
            raise self._incomplete(len(found), total)
        return list(found.values())

    def _incomplete(self, found: int, total: int) -> RemoteError:
        text = f"GitHub listed only {found} of {total} runs of the workflow {self.workflow!r}."
        return RemoteError(text, kind=Kind.LATER)

    def _page(self, parameters: Mapping[str, str], number: int) -> tuple[int, list[WorkflowRun]]:
        """How many runs a search finds, and one page of them, newest first."""
        answer = self._api.ask(
            Request(
                verb="GET",
                path=f"{self._path}/runs",
                what=f"the runs of the workflow {self.workflow!r}",
                permission="actions: read",
                parameters={**parameters, "per_page": PER_PAGE, "page": number},
            )
        )
        try:
            self._api.check_names(str(each["repository"]["full_name"]) for each in answer["workflow_runs"])
            return int(answer["total_count"]), [_run(each) for each in answer["workflow_runs"]]
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise self._api.not_github() from error


def _run(found: dict[str, Any]) -> WorkflowRun:
    created = seconds_of(found["created_at"])
    again = found.get("run_started_at")  # when the last attempt began; not every server has it
    return WorkflowRun(
        number=int(found["id"]),
        ref_name=str(found["head_branch"] or ""),
        sha=str(found["head_sha"]),
        conclusion=str(found["conclusion"] or ""),
        created=created,
        began=max(created, seconds_of(again)) if again else created,
        ended=seconds_of(found["updated_at"]) if found["status"] == "completed" else None,
        event_name=str(found["event"]),
    )
