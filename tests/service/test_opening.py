"""What every command begins with: secrets that can be used, or an error that does not say them."""

import io
import json
import os
import time
from pathlib import Path

import psycopg
import pytest

from gto_action.errors import InputError
from gto_action.service.config.read import parse_settings
from gto_action.service.config.secrets import Secret, Vault
from gto_action.service.config.toml_table import TomlText
from gto_action.service.log import Log
from gto_action.service.opening import open_database, open_vault
from gto_action.service.serving import reload
from gto_action.service.state.database import Database, DatabaseError
from tests.support.postgres import Postgres

CONFIG = """\
database = "env:DATABASE_URL"
[repositories.models]
url = "https://github.com/acme/models"
hook = { provider = "generic", secrets = ["env:HOOK"] }
[sinks.script]
command = { argv = ["/bin/cat"], environment = { KEY = "env:KEY" } }
"""
GOOD = {"DATABASE_URL": "sqlite:////nowhere/serve.db", "HOOK": "a secret that is long", "KEY": "k"}


def opened(**variables: str) -> None:
    settings = parse_settings(TomlText("serve.toml", CONFIG))
    vault = open_vault(settings, {**GOOD, **variables})
    open_database(settings, vault).close()


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("HOOK", "hunter2", "'env:HOOK' has 7 bytes, which can be guessed"),
        ("HOOK", "whsec_", "'env:HOOK' has 0 bytes, which can be guessed"),
        ("HOOK", "whsec_hunter2!", "after 'whsec_' it is not Base64"),
        ("HOOK", "", "'env:HOOK' is empty or not set"),
        ("KEY", "a\0hunter2", "'env:KEY' has a NUL, which no variable can have"),
        ("DATABASE_URL", "mysql://ada:hunter2@h/d", "'env:DATABASE_URL' is not the address of a database"),
        ("DATABASE_URL", "postgresql://ada:hunter2@h:port/d", "'env:DATABASE_URL' is not the address of a database"),
        ("DATABASE_URL", "postgresql://ada:hunter2#@h/d", "'env:DATABASE_URL' is not the address of a database"),
        ("DATABASE_URL", "sqlite:///hunter2", "'env:DATABASE_URL' is not the address of a database"),
        ("DATABASE_URL", GOOD["DATABASE_URL"], "There is no folder '/nowhere' for the database"),
    ],
)
def test_what_cannot_be_used_is_said_without_it(name: str, value: str, says: str) -> None:
    with pytest.raises(Exception, match=r"secret|folder") as raised:
        opened(**{name: value})
    assert says in str(raised.value)
    assert "hunter2" not in str(raised.value)


def test_a_password_is_in_no_error_of_postgresql() -> None:
    with pytest.raises(Exception, match="failed") as raised:
        opened(DATABASE_URL="postgresql://ada:hunter2@127.0.0.1:9/d")
    assert "hunter2" not in str(raised.value)
    assert "ada:***@127.0.0.1:9/d" in str(raised.value)


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
def test_a_database_that_cannot_take_every_name_is_refused(database: Postgres, encoding: str) -> None:
    """PostgreSQL gives the first to a database that is made without a locale."""
    with psycopg.connect(database.url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE other ENCODING '{encoding}' TEMPLATE template0 LOCALE 'C'".encode())
    with pytest.raises(DatabaseError, match=rf"/other' has the encoding {encoding}\. .*ENCODING 'UTF8'"):
        opened(DATABASE_URL=database.url.replace("/postgres", "/other"))


def test_nor_is_one_in_a_query() -> None:
    address = "postgresql://ada@127.0.0.1:9/d?password=hunter2&sslpassword=hunter22"
    with pytest.raises(Exception, match="failed") as raised:
        opened(DATABASE_URL=address)
    assert "hunter2" not in str(raised.value)
    vault = Vault({"A": address})
    vault.take(vault.fresh([Secret("env:A")]))
    assert vault.hide("it is hunter2 or hunter22") == "it is *** or ***"


def test_the_files_of_the_database_are_for_who_runs_the_service(tmp_path: Path) -> None:
    """They have what a private registry says; whoever else is to read them is let in by people."""
    before = os.umask(0)
    database = Database(f"sqlite:///{tmp_path}/serve.db")
    try:
        database.migrate()
        found = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
        assert found == dict.fromkeys(("serve.db", "serve.db-wal", "serve.db-shm"), 0o600)
    finally:
        os.umask(before)
        database.close()


def test_sqlite_has_the_clock_that_the_engine_takes_for_granted(tmp_path: Path) -> None:
    """SQLite has it since 3.42, and Python 3.12 may come with an older one."""
    database = Database(f"sqlite:///{tmp_path / 'serve.db'}")
    with database.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TABLE t (a INTEGER, at INTEGER NOT NULL DEFAULT (unixepoch('subsec') * 1000))"
        )
        connection.exec_driver_sql("INSERT INTO t (a) VALUES (1)")
        at = float(connection.exec_driver_sql("SELECT at FROM t").scalar_one())
    database.close()
    assert abs(at / 1000 - time.time()) < 600
    assert at % 1000, "whole seconds"


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    settings = parse_settings(TomlText("serve.toml", CONFIG.replace("env:HOOK", f"file:{tmp_path}/none")))
    with pytest.raises(InputError, match="cannot be read: No such file"):
        open_vault(settings, GOOD)


def test_what_is_read_again_are_files_and_the_log_says_so(tmp_path: Path) -> None:
    """Or nothing, if one of them cannot be used."""
    file = tmp_path / "key"
    file.write_text("the first")
    settings = parse_settings(TomlText("serve.toml", CONFIG.replace("env:KEY", f"file:{file}")))
    vault, said = open_vault(settings, GOOD), io.StringIO()
    file.write_text("the second")
    reload(vault, settings, Log(said))
    assert vault[Secret(f"file:{file}")] == "the second"
    file.write_text("")
    reload(vault, settings, Log(said))
    assert vault[Secret(f"file:{file}")] == "the second"
    first, second = (json.loads(line) for line in said.getvalue().splitlines())
    assert (first["level"], second["level"]) == ("info", "error")
    assert first["message"] == "The secrets in files have been read again; those in variables stay until a restart."
    assert second["message"].startswith(f"The secrets of before stay. The secret 'file:{file}' is empty or not set.")
