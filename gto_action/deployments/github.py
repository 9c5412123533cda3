"""Reads and writes a repository's deployments, through GitHub's API."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from gto_action.errors import MissingError, RefusedError, RemoteError
from gto_action.hosts.github.api import GithubApi
from gto_action.hosts.github.api_answers import PER_PAGE, Request, seconds_of

_PATH: Final = "/deployments"


class Deployment(NamedTuple):
    """A deployment, no matter who created it."""

    number: int
    """GitHub's id for it."""
    task: str
    tag: str
    """The tag name in its payload; empty if it has none."""
    sha: str
    """The commit that it deploys."""
    created: int
    """Seconds since 1970."""
    dated: str | None
    """The tag's own date in its payload, as `Signature.iso`; None if it has none."""

    @property
    def of(self) -> tuple[str, str, str | None]:
        """The tag that it is for, the commit that the tag pointed to, and the tag's date."""
        return self.tag, self.sha, self.dated


class Status(NamedTuple):
    """A reported status of a deployment."""

    state: str
    """In GitHub's words."""
    created: int
    """Seconds since 1970."""


class Report(NamedTuple):
    """A status to report for a deployment."""

    state: str
    """In GitHub's words."""
    description: str
    log_url: str = ""
    environment_url: str = ""


class Deployments:
    """The deployments of the repository."""

    def __init__(self, api: GithubApi) -> None:
        self._api = api

    def listed(self, **filters: str) -> Iterator[Deployment]:
        """Yields the deployments that match, newest first; requests pages only as needed.

        Args:
            filters: GitHub's own filters: `sha`, `task`, `environment`.

        :raises RemoteError: if GitHub does not answer, or refuses.
        """
        number, full = 1, True
        while full:
            found = self._api.ask(
                Request(
                    verb="GET",
                    path=_PATH,
                    what="the deployments of the repository",
                    permission="deployments: read",
                    parameters={**filters, "per_page": PER_PAGE, "page": number},
                )
            )
            try:
                self._api.check_names("/".join(str(each["repository_url"]).rsplit("/", 2)[1:]) for each in found)
                page = [_deployment(each) for each in found]
            except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
                raise self._api.not_github() from error
            yield from page
            number, full = number + 1, len(page) == PER_PAGE

    def state(self, number: int) -> str:
        """The state of a deployment, such as `success`; empty if none was reported.

        :raises RemoteError: if GitHub does not answer, or refuses.
        """
        return next((status.state for status in self.statuses(number, 1)), "")

    def statuses(self, number: int, most: int) -> list[Status]:
        """The last statuses of a deployment, newest first.

        :raises RemoteError: if GitHub does not answer, or refuses.
        """
        found = self._api.ask(
            Request(
                verb="GET",
                path=f"{_PATH}/{number}/statuses",
                what=f"the statuses of the deployment {number}",
                permission="deployments: read",
                parameters={"per_page": most},
            )
        )
        try:
            return [Status(str(each["state"]), seconds_of(each["created_at"])) for each in found]
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise self._api.not_github() from error

    def create(self, body: Mapping[str, Any]) -> int:
        """Creates a deployment and returns its number; if the answer got lost, looks for the deployment.

        :raises RemoteError: if GitHub does not answer, or refuses.
        """
        sha, tag, dated = body["ref"], body["payload"]["tag"], body["payload"]["created_at"]
        request = Request(
            verb="POST",
            path=_PATH,
            what=f"a deployment of {tag!r} to the environment {body['environment']!r}",
            permission="deployments: write",
            body=body,
            once=True,
        )
        try:
            return int(self._api.ask(request)["id"])
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise self._api.not_github() from error
        except RefusedError:
            raise
        except RemoteError:
            if (found := self.find(body["environment"], body["task"], tag, sha, dated)) is None:
                raise
            return found.number

    def find(self, environment: str, task: str, tag: str, sha: str, dated: str) -> Deployment | None:
        """The first deployment of a tag at a commit, None if there is none; one of a tag with another date is skipped.

        :raises RemoteError: if GitHub does not answer, or refuses.
        """
        listed = self.listed(environment=environment, task=task, sha=sha)
        found = [each for each in listed if each.tag == tag and each.dated in {None, dated}]
        return found[-1] if found else None

    def get(self, number: int) -> Deployment | None:
        """The deployment with a number; None if the repository has none.

        :raises RemoteError: if GitHub does not answer, or refuses.
        """
        try:
            found = self._api.ask(
                Request(
                    verb="GET",
                    path=f"{_PATH}/{number}",
                    what=f"the deployment {number}",
                    permission="deployments: read",
                )
            )
        except MissingError:
            return None
        try:
            self._api.check_names(["/".join(str(found["repository_url"]).rsplit("/", 2)[1:])])
            return _deployment(found)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise self._api.not_github() from error

    def report(self, number: int, report: Report) -> None:
        """Reports the status of a deployment. Without `auto_inactive`, as GitHub would also end deployments of others.

        :raises RemoteError: if GitHub does not answer, or refuses.
        """
        links = {"log_url": report.log_url, "environment_url": report.environment_url}
        self._api.ask(
            Request(
                verb="POST",
                path=f"{_PATH}/{number}/statuses",
                what=f"a status of the deployment {number}",
                permission="deployments: write",
                body={
                    "state": report.state,
                    "description": report.description,
                    "auto_inactive": False,
                    **{name: url for name, url in links.items() if url},
                },
            )
        )


def _deployment(found: Mapping[str, Any]) -> Deployment:
    payload = found["payload"]
    if isinstance(payload, str):
        try:
            payload = json.loads(payload or "{}")
        except ValueError:
            payload = {}
    said = payload if isinstance(payload, dict) else {}
    tag, dated = said.get("tag"), said.get("created_at")
    return Deployment(
        number=int(found["id"]),
        task=str(found["task"]),
        tag=tag if isinstance(tag, str) else "",
        sha=str(found["sha"]),
        created=seconds_of(found["created_at"]),
        dated=dated if isinstance(dated, str) else None,
    )
