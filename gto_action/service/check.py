"""What `serve --check` looks at before anything runs: secrets, the database, repositories, sinks."""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from gto_action.errors import GtoActionError
from gto_action.git.ref_list import list_tags
from gto_action.git.remote import Remote
from gto_action.service.config.secrets import Vault
from gto_action.service.config.settings import (
    CommandTarget,
    DispatchTarget,
    HttpTarget,
    PipelineTarget,
    RepositorySettings,
    Settings,
    SinkSettings,
)
from gto_action.service.opening import open_vault, try_database
from gto_action.service.sinks.http import reach

_PATIENCE: Final = 10.0


@dataclass(frozen=True, slots=True)
class Checked:
    """Something that was looked at."""

    what: str
    wrong: str
    """What is wrong with it; empty if nothing is."""


def checks(settings: Settings, variables: Mapping[str, str]) -> Iterator[Checked]:
    """Looks at everything that a configuration names."""
    vault = Vault(variables)

    def secrets() -> None:
        vault.take(open_vault(settings, variables))

    yield (first := _checked("the secrets", secrets, vault))
    if first.wrong:
        return
    yield _checked("the database", lambda: try_database(settings, vault), vault)
    for repository in settings.repositories:
        yield _checked(f"the repository {repository.name}", lambda of=repository: _list(of, vault), vault)  # type: ignore[misc]
    for sink in settings.sinks:
        yield Checked(f"the sink {sink.name}", _why_unreachable(sink))


def _checked(what: str, look: Callable[[], object], vault: Vault) -> Checked:
    try:
        look()
    except GtoActionError as error:
        return Checked(what, vault.hide(str(error)))  # a server may say back what it was sent
    return Checked(what, "")


def _list(of: RepositorySettings, vault: Vault) -> None:
    remote = Remote(of.url, token=vault[of.token] if of.token else "", token_user=of.token_user)
    list_tags(remote, log=lambda _: None, timeout=of.timeout)


def _why_unreachable(sink: SinkSettings) -> str:
    match sink.target:
        case HttpTarget(url=url, ca=ca):
            return reach(url, _PATIENCE, ca)
        case CommandTarget(argv=argv):
            return "" if os.access(argv[0], os.X_OK) else f"{argv[0]!r} is no program"
        case DispatchTarget(api=url) | PipelineTarget(url=url):
            return reach(url, _PATIENCE)
