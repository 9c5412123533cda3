"""What the commands have in common: the configuration that is named, opened."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

import click

from gto_action.cli.checking import ADVICE
from gto_action.cli.place import Failure, Place, failing
from gto_action.errors import Kind
from gto_action.service.config.read import read_settings
from gto_action.service.opening import open_database, open_vault
from gto_action.service.state.deliveries import Deliveries

CONFIG: Final = click.option(
    "--config",
    "config",
    type=click.Path(path_type=Path),
    default=Path("serve.toml"),
    show_default=True,
    envvar="GTO_ACTION_SERVE_CONFIG",
    help="The configuration.",
)
OWN_ADVICE: Final = {
    **ADVICE,
    Kind.REFUSED: "Check the repository's 'token' in the configuration.",
    Kind.MISSING: "Check the repository's 'url' and 'token' in the configuration.",
    Kind.MOVED: "Use the new address as the repository's 'url'.",
}


class Opened:
    """What a command works with beside a service that may be running."""

    def __init__(self, config: Path, variables: Mapping[str, str]) -> None:
        self.settings = read_settings(config)
        self.vault = open_vault(self.settings, variables)
        self.database = open_database(self.settings, self.vault)
        self.deliveries = Deliveries(self.database)
        self.variables = variables


@contextmanager
def opened_by(place: Place, config: Path) -> Iterator[Opened]:
    """What a configuration names, as long as the command runs; foreseen failures become click's, without secrets."""
    with failing(OWN_ADVICE):
        opened = Opened(config, place.variables)
    try:
        with failing(OWN_ADVICE), closing(opened.database):
            yield opened
    except Failure as failure:  # a server may say back what it was sent
        raise Failure(opened.vault.hide(failure.message)) from failure
