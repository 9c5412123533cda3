"""The service's configuration, as values."""

import enum
from dataclasses import dataclass, field
from typing import Final

from gto_action.job.values import Lightweight, Since
from gto_action.service.config.secrets import Secret
from gto_action.service.rules.retries import Retry
from gto_action.service.rules.wanted import Wanted

MINUTE: Final = 60.0
USER: Final = "x-access-token"
"""Whom a token belongs to: GitHub's word, which most servers take."""
GITHUB: Final = "https://api.github.com"
GITLAB: Final = "https://gitlab.com"


class Provider(enum.Enum):
    """Who sends a hook, by whose rules it is checked."""

    GITHUB = "github"
    GITLAB = "gitlab"
    BITBUCKET = "bitbucket"
    BITBUCKET_DC = "bitbucket-dc"
    GITEA = "gitea"
    FORGEJO = "forgejo"
    AZURE = "azure"
    GENERIC = "generic"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """Who may say that a repository has changed."""

    provider: Provider
    secrets: tuple[Secret, ...]
    """Any of which will do, so that they can be changed."""
    user: str = ""
    """Azure DevOps' user; its password is the secret."""


class Start(enum.Enum):
    """Which of the tags that are there when a repository is first looked at are events."""

    NOW = "now"
    """None."""
    EVERYTHING = "everything"


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositorySettings:
    """A repository whose tags are looked at."""

    name: str
    """A part of events' ids, so it never changes."""
    url: str
    token: Secret | None = None
    token_user: str = USER
    hook: Hook | None = None
    poll: float
    """The seconds from one look to the next where no hook comes."""
    start: Start | Since = Start.NOW
    lightweight: Lightweight = Lightweight.WARN
    timeout: float = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpTarget:
    """An endpoint that takes CloudEvents."""

    url: str
    secrets: tuple[Secret, ...]
    """Each signs, so that the receiver can change from one to the next."""
    headers: tuple[tuple[str, Secret], ...] = ()
    ca: str = ""
    """A file with the certificates that are trusted; empty for the system's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandTarget:
    """A program that takes the document on its standard input."""

    argv: tuple[str, ...]
    environment: tuple[tuple[str, Secret], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DispatchTarget:
    """Workflows of a GitHub repository with `on: repository_dispatch`."""

    repository: str
    token: Secret
    event_type: str = "gto"
    api: str = GITHUB


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineTarget:
    """A pipeline of a GitLab project."""

    project: str
    ref: str
    trigger_token: Secret
    url: str = GITLAB


Target = HttpTarget | CommandTarget | DispatchTarget | PipelineTarget


@dataclass(frozen=True, slots=True, kw_only=True)
class SinkSettings:
    """Where events go."""

    name: str
    target: Target
    timeout: float
    wanted: Wanted = field(default_factory=Wanted)
    superseded: bool = True
    """Whether an event is sent that no longer holds when its turn comes."""
    retry: Retry = field(default_factory=Retry)
    concurrency: int = 16
    """How many artifacts are delivered at the same time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All of it."""

    file: str
    database: str
    """SQLAlchemy's address, or the secret that is one."""
    database_secret: Secret | None = None
    listen: tuple[str, int] = ("127.0.0.1", 8080)
    admin: tuple[str, int] = ("127.0.0.1", 9090)
    repositories: tuple[RepositorySettings, ...] = ()
    sinks: tuple[SinkSettings, ...] = ()
    keep: float = 30 * 86400.0
    """The seconds for which it is kept what has been delivered."""
    grace: float = 20.0
    """The seconds that attempts have to end when the service is to."""

    def repository(self, name: str) -> RepositorySettings | None:
        """A repository by its name."""
        return next((each for each in self.repositories if each.name == name), None)

    def sink(self, name: str) -> SinkSettings | None:
        """A sink by its name."""
        return next((each for each in self.sinks if each.name == name), None)
