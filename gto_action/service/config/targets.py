"""Where a sink sends, from its table of the configuration."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from gto_action.errors import InputError
from gto_action.git.address import shown
from gto_action.service.config.secrets import parse_secret
from gto_action.service.config.settings import (
    GITHUB,
    GITLAB,
    CommandTarget,
    DispatchTarget,
    HttpTarget,
    PipelineTarget,
    Target,
)
from gto_action.service.config.toml_table import Table

_LOOPBACK: Final = {"127.0.0.1", "::1", "localhost"}
_full_name: Final = re.compile(r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+", re.ASCII)
_header: Final = re.compile(r"[A-Za-z0-9-]+", re.ASCII)
_plain: Final = re.compile(r"[!-\[\]-~]+")
"""An address without what one reader takes for its end, and another does not."""
_variable: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_Duration = Callable[[str], float]


def target_of(table: Table, duration: _Duration) -> tuple[Target, float]:
    """The one target of a sink, and the seconds that an attempt may take.

    :raises InputError: if there is none, or several, or it cannot be used.
    """
    given = [kind for kind in _TARGETS if table.has(kind)]
    if len(given) != 1:
        kinds = ", ".join(map(repr, _TARGETS))
        table.fail("", f"the sink {table.name!r} has {len(given) or 'no'} targets", f"Give it one of {kinds}.")
    inner = table.table(given[0])
    assert inner is not None  # noqa: S101 - it has just been seen
    target = _TARGETS[given[0]](inner)
    timeout = inner.take("timeout", duration, 600.0 if given[0] == "command" else 20.0)
    inner.done()
    return target, timeout


def _http(table: Table) -> HttpTarget:
    url = _checked_url(table, "url")
    headers = table.named("headers", parse_secret)
    for name, _ in headers:
        if not _header.fullmatch(name) or name.lower().startswith(("webhook-", "content-", "host", "transfer-")):
            table.fail("headers", f"the header {name!r} cannot be set")
    return HttpTarget(
        url=url,
        secrets=table.texts("secrets", parse_secret, needed=True),
        headers=headers,
        ca=table.take("ca", _file, "") if table.has("ca") else "",
    )


def _checked_url(table: Table, key: str, default: str | None = None) -> str:
    """An address that nobody else can read along to, unless somebody says that this does not matter."""
    insecure = table.boolean("insecure", default=False)

    def parse(text: str) -> str:
        try:
            parts = urlsplit(text)
            port_is_right = parts.port is None or parts.port > 0
        except ValueError:
            raise InputError(f"{shown(text).partition('?')[0]!r} is not an address") from None
        if "@" in parts.netloc:
            raise InputError("the address has a user or a password", "Use 'headers', with 'env:' or 'file:'.")
        plain = shown(text).partition("?")[0]
        if parts.scheme not in {"http", "https"} or not parts.hostname or not port_is_right or parts.fragment:
            raise InputError(f"{plain!r} is not an address", "Write one such as 'https://HOST/PATH'.")
        if not _plain.fullmatch(text):
            raise InputError(f"{plain!r} is not an address", "Write other characters as %XX.")
        if parts.scheme == "http" and parts.hostname not in _LOOPBACK and not insecure:
            raise InputError(f"{plain!r} can be read by others on its way", "Use https://, or set 'insecure' to true.")
        return text

    return table.take(key, parse, default)


def _file(text: str) -> str:
    if not Path(text).is_file():
        raise InputError(f"there is no file {text!r}")
    return text


def _command(table: Table) -> CommandTarget:
    argv = table.texts("argv", str, needed=True)
    if not argv or not argv[0].startswith("/"):
        table.fail("argv", "'argv' must begin with the absolute path of a program")
    if any("\0" in each for each in argv):
        table.fail("argv", "'argv' has a NUL, which no program can be given")
    environment = table.named("environment", parse_secret)
    for name, _ in environment:
        if not _variable.fullmatch(name) or name.startswith("GTO_"):
            table.fail("environment", f"the variable {name!r} cannot be set")
    return CommandTarget(argv=argv, environment=environment)


def _dispatch(table: Table) -> DispatchTarget:
    def repository(text: str) -> str:
        if not _full_name.fullmatch(text):
            raise InputError(f"{text!r} is not a repository", "Write OWNER/NAME.")
        return text

    def event_type(text: str) -> str:
        if not 1 <= len(text) <= 100:  # noqa: PLR2004 - docs.github.com, "Create a repository dispatch event"
            raise InputError("it must have 1 to 100 characters")
        return text

    return DispatchTarget(
        repository=table.take("repository", repository),
        token=table.take("token", parse_secret),
        event_type=table.take("event_type", event_type, "gto"),
        api=_checked_url(table, "api", GITHUB),
    )


def _pipeline(table: Table) -> PipelineTarget:
    return PipelineTarget(
        project=table.take("project", str),
        ref=table.take("ref", str),
        trigger_token=table.take("trigger_token", parse_secret),
        url=_checked_url(table, "url", GITLAB),
    )


_TARGETS: Final[Mapping[str, Callable[[Table], Target]]] = {
    "http": _http,
    "command": _command,
    "github_dispatch": _dispatch,
    "gitlab_pipeline": _pipeline,
}
