"""Reads the service's configuration: TOML to values, or an error with its line."""

import re
from functools import partial
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from gto_action.errors import GitError, InputError
from gto_action.git.address import address_of, is_address, parse_address, shown
from gto_action.job.filters import Filters
from gto_action.job.patterns import name_patterns, stage_patterns
from gto_action.job.values import Lightweight, Since, since
from gto_action.service.config.secrets import parse_secret
from gto_action.service.config.settings import (
    MINUTE,
    USER,
    Hook,
    Provider,
    RepositorySettings,
    Settings,
    SinkSettings,
    Start,
)
from gto_action.service.config.targets import target_of
from gto_action.service.config.toml_table import Table, TomlText
from gto_action.service.rules.retries import Retry, Then
from gto_action.service.rules.wanted import Wanted, word_patterns

_SUCH: Final = "Write one such as 'https://HOST/OWNER/NAME'."
_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_duration: Final = re.compile(r"([0-9]{1,6})([smhd])", re.ASCII)
_name: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,62}[A-Za-z0-9])?", re.ASCII)
_listen: Final = re.compile(r"(\[[0-9A-Fa-f:]+\]|[^\s:\[\]]+):([0-9]{1,5})", re.ASCII)
_plain: Final = re.compile(r"[^\x00-\x20\x7f]+")
_option: Final = re.compile(r"(?:ssh://)?(?:[^/@]*@)?-")
"""The beginning of what ssh would take for an option."""
_program: Final = re.compile(r"[A-Za-z0-9]+::")
"""The beginning of what git would take for the name of a program."""
_schemes: Final = ("https", "http", "ssh", "git", "file")
_databases: Final = ("sqlite:///", "postgresql://")


def read_settings(path: Path) -> Settings:
    """The configuration that a file has.

    :raises InputError: if it cannot be read, or used.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise InputError(f"The configuration {str(path)!r} cannot be read: {why}.", "Name it with --config.") from error
    return parse_settings(TomlText(str(path), text))


def parse_settings(text: TomlText) -> Settings:
    """The configuration that a text has.

    :raises InputError: if it cannot be used.
    """
    top = Table(text)
    database = top.take("database", _database)
    listen, admin = top.take("listen", _address, ("127.0.0.1", 8080)), top.take("admin", _address, ("127.0.0.1", 9090))
    settings = Settings(
        file=text.file,
        database=database,
        database_secret=None if database.startswith(_databases) else parse_secret(database),
        listen=listen,
        admin=admin,
        keep=top.take("keep", duration, 30 * 86400.0),
        grace=top.take("grace", duration, 20.0),
        repositories=tuple(_repository(each) for each in top.tables("repositories")),
        sinks=tuple(_sink(each) for each in top.tables("sinks")),
    )
    top.done()
    if listen[1] and listen == admin:
        top.fail("admin", "'admin' and 'listen' cannot be the same address")
    if not settings.repositories:
        top.fail("", "there is no repository", "Add a table [repositories.NAME] with a 'url'.")
    return settings


def duration(text: str) -> float:
    """A number of seconds.

    >>> duration("90s"), duration("3d")
    (90.0, 259200.0)

    :raises InputError: if it is anything else.
    """
    match = _duration.fullmatch(text)
    if not match or not int(match[1]):
        raise InputError(f"{text!r} is not a duration", "Use one such as '30s', '5m', '12h' or '3d'.")
    return float(int(match[1]) * _UNITS[match[2]])


def _database(text: str) -> str:
    if text.startswith(_databases):
        if urlsplit(text).password or "password" in urlsplit(text).query.lower():
            raise InputError("it has a password", "Write 'env:NAME' or 'file:/PATH', and the whole address there.")
        if text.startswith("sqlite:///") and not text.startswith("sqlite:////"):
            raise InputError("its path is not absolute", "Write sqlite:////PATH.")
        return text
    return parse_secret(text).place


def _address(text: str) -> tuple[str, int]:
    match = _listen.fullmatch(text)
    if not match or int(match[2]) > 65_535:  # noqa: PLR2004 - the last port there is
        raise InputError(f"{text!r} is not an address to listen at", "Write HOST:PORT, such as '127.0.0.1:8080'.")
    return match[1].strip("[]"), int(match[2])


def _named(table: Table) -> str:
    if not _name.fullmatch(table.name):
        table.fail("", f"the name {table.name!r} cannot be used", "Use letters, digits, '-', '_' and '.'.")
    return table.name


def _repository(table: Table) -> RepositorySettings:
    name = _named(table)
    hook = _hook(each) if (each := table.table("hook")) else None
    poll = table.take("poll", duration, 30 * MINUTE if hook else 5 * MINUTE)
    if poll < 1:
        table.fail("poll", "'poll' is too short")
    repository = RepositorySettings(
        name=name,
        url=table.take("url", _url),
        token=table.take("token", parse_secret) if table.has("token") else None,
        token_user=table.take("token_user", str, USER),
        hook=hook,
        poll=poll,
        start=table.take("start", _start) if table.has("start") else Start.NOW,
        lightweight=table.take("lightweight", _lightweight, Lightweight.WARN),
        timeout=table.take("timeout", duration, 120.0),
    )
    table.done()
    if repository.token and not repository.url.startswith("https://") and not is_loopback(repository.url):
        table.fail("token", "a token is sent over https:// only")
    return repository


def _hook(table: Table) -> Hook:
    hook = Hook(
        provider=table.take("provider", _provider),
        secrets=table.texts("secrets", parse_secret, needed=True),
        user=table.take("user", str, ""),
    )
    table.done()
    if not hook.secrets:
        table.fail("secrets", "there is no secret, so anybody could send hooks")
    return hook


def _provider(text: str) -> Provider:
    try:
        return Provider(text)
    except ValueError:
        known = ", ".join(repr(each.value) for each in Provider)
        raise InputError(f"{text!r} is no provider", f"Use one of {known}.") from None


def _url(text: str) -> str:
    if text.startswith("/"):
        return address_of(Path(text))
    scheme, named, _ = text.partition("://")
    if not is_address(text) or not _plain.fullmatch(text) or _option.match(text):
        raise InputError(f"{shown(text)!r} is not an address of a repository", _SUCH)
    if _program.match(text) or (named and scheme.lower() not in _schemes):
        raise InputError(f"{shown(text)!r} would run a program", _SUCH)
    try:
        address = parse_address(text)
    except GitError as error:
        raise InputError(error.message, error.hint) from error
    if address.password or (address.user and address.url.startswith("http")):
        raise InputError("the address has a user or a password", "Use 'token', with 'env:' or 'file:'.")
    return text


def is_loopback(url: str) -> bool:
    """Whether an address leads to this machine, so that nobody else reads along."""
    return urlsplit(url).hostname in {"127.0.0.1", "::1", "localhost"}


def _start(text: str) -> Start | Since:
    if text in {each.value for each in Start}:
        return Start(text)
    try:
        return since("start", text)
    except InputError:
        hint = "Use 'now', 'everything', a duration such as '7d', or a time such as '2026-11-23T09:30:00Z'."
        raise InputError(f"it cannot be {text!r}", hint) from None


def _lightweight(text: str) -> Lightweight:
    choices = {each.value: each for each in (Lightweight.WARN, Lightweight.ACCEPT)}
    if text not in choices:
        raise InputError(f"it cannot be {text!r}", "Use 'warn' or 'accept'.")
    return choices[text]


def _sink(table: Table) -> SinkSettings:
    name = _named(table)
    target, timeout = target_of(table, duration)
    filters = Filters(
        events=table.texts("events", str),
        names=tuple(each for (each,) in table.texts("names", partial(name_patterns, "names"))),
        stages=tuple(each for (each,) in table.texts("stages", partial(stage_patterns, "stages"))),
    )
    try:
        word_patterns(filters.events)
    except InputError as error:
        table.fail("events", error.message.rstrip("."), error.hint)
    sink = SinkSettings(
        name=name,
        target=target,
        timeout=timeout,
        wanted=Wanted(repositories=table.texts("repositories", str), filters=filters),
        superseded=table.boolean("superseded", default=True),
        retry=_retry(table.table("retry")),
        concurrency=table.number("concurrency", 1, 256, 16),
    )
    table.done()
    return sink


def _retry(table: Table | None) -> Retry:
    if table is None:
        return Retry()
    retry = Retry(table.take("for", duration, Retry().seconds), table.take("then", _then, Then.HOLD))
    table.done()
    return retry


def _then(text: str) -> Then:
    try:
        return Then(text)
    except ValueError:
        raise InputError(f"it cannot be {text!r}", "Use 'hold' or 'skip'.") from None
