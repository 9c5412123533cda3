"""The templates, in which every text is escaped. The only user of jinja2."""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Final

import jinja2

from gto_action.gto.tag import EventKind
from gto_action.gto.words import HAPPENED, short
from gto_action.page.spelling import spelled
from gto_action.page.texts import day, minute, shown
from gto_action.published import REPOSITORY

_HERE: Final = Path(__file__).parent
_ASSETS: Final = ("page.css", "page.js", "icon.svg")


def _happened(event: str) -> str:
    return HAPPENED[EventKind(event)]


def _pretty(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


@cache
def environment() -> jinja2.Environment:
    """All templates, with what they use."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    made.filters |= {
        "day": day,
        "happened": _happened,
        "minute": minute,
        "pretty": _pretty,
        "short": short,
        "shown": shown,
        "spelled": spelled,
    }
    made.globals["assets"] = {name.replace(".", "_"): path for name, path in asset_paths().items()}
    made.globals["action"] = f"{REPOSITORY}@v3"
    return made


def render(template: str, **values: object) -> bytes:
    """A page. A lone surrogate, which UTF-8 does not have, becomes a question mark."""
    return environment().get_template(template).render(values).encode("utf-8", "replace")


@cache
def asset_files() -> dict[str, bytes]:
    """The files beside the pages, by path: named by what is in them, so that no browser shows an old one."""
    return {path: (_HERE / "assets" / name).read_bytes() for name, path in asset_paths().items()}


@cache
def asset_paths() -> dict[str, str]:
    """Where each file beside the pages is."""
    found = {}
    for name in _ASSETS:
        digest = hashlib.sha256((_HERE / "assets" / name).read_bytes()).hexdigest()[:12]
        stem, _, ending = name.partition(".")
        found[name] = f"assets/{stem}-{digest}.{ending}"
    return found


@cache
def digest() -> str:
    """Of all templates and files."""
    found = hashlib.sha256()
    for path in sorted((_HERE / "templates").iterdir()):
        found.update(path.read_bytes())
    return found.hexdigest() + "".join(asset_paths().values())
