"""What every command of the service begins with: the secrets and the database."""

import os
from collections.abc import Mapping
from contextlib import ExitStack
from urllib.parse import urlsplit

from gto_action.errors import InputError
from gto_action.service.config.secrets import Secret, Vault
from gto_action.service.config.settings import Settings
from gto_action.service.sinks.sink import check_key, check_keys, secrets_of
from gto_action.service.state.database import Database, DatabaseError
from gto_action.service.state.repositories import Repositories


def all_secrets(settings: Settings) -> list[Secret]:
    """Every secret that the configuration names."""
    found = [settings.database_secret] if settings.database_secret else []
    for repository in settings.repositories:
        found += [repository.token] if repository.token else []
        found += repository.hook.secrets if repository.hook else ()
    for sink in settings.sinks:
        found += secrets_of(sink)
    return found


def open_vault(settings: Settings, variables: Mapping[str, str]) -> Vault:
    """The secrets, all of which are there.

    :raises InputError: if one is not, or cannot be used.
    """
    vault = Vault(variables)
    read(vault, settings)
    return vault


def read(vault: Vault, settings: Settings) -> None:
    """Reads the secrets, again or for the first time.

    :raises InputError: if one is not there, or cannot be used; then those of before count.
    """
    fresh = vault.fresh(all_secrets(settings))
    for sink in settings.sinks:
        check_keys(sink, fresh)
    for repository in settings.repositories:
        for secret in repository.hook.secrets if repository.hook else ():
            check_key(secret, fresh)
    vault.take(fresh)


def _address(settings: Settings, vault: Vault) -> str:
    """The database's address, which the configuration has or a secret.

    :raises InputError: if it is none.
    """
    secret = settings.database_secret
    if secret is None:
        return settings.database
    address = vault[secret]
    try:
        port_is_right = address.startswith("sqlite:////") or (urlsplit(address).port or 1) > 0
    except ValueError:
        port_is_right = False
    if not port_is_right or not address.startswith(("sqlite:////", "postgresql://")):
        raise InputError(
            f"The secret {secret.place!r} is not the address of a database.",
            "Write postgresql://USER:PASSWORD@HOST/NAME or sqlite:////PATH, and odd characters of a password as %XX.",
        )
    return address


def try_database(settings: Settings, vault: Vault) -> None:
    """Opens the database if there is one, and makes none: who checks may be another user than the service's.

    :raises DatabaseError: if it cannot be opened, or made.
    """
    path = Database(_address(settings, vault)).path
    if path is None or path.exists():
        open_database(settings, vault).close()
    elif not os.access(path.parent, os.W_OK | os.X_OK):
        raise DatabaseError(f"No database can be made in the folder {str(path.parent)!r}.", "Make it writable.")


def open_database(settings: Settings, vault: Vault) -> Database:
    """The database, with the tables of this version.

    :raises DatabaseError: if it cannot be opened.
    """
    database = Database(_address(settings, vault))
    with ExitStack() as unusable:
        unusable.callback(database.close)
        database.migrate()
        Repositories(database).know(each.name for each in settings.repositories)
        unusable.pop_all()
    return database
