"""Where each file of the site is, from its root; the folders have no other names than these."""

import re
from typing import Final

from gto_action.page.facts import has_files
from gto_action.page.spelling import spelled

OVERVIEW: Final = "index.html"
REGISTRY: Final = "api/registry.json"
EVENTS: Final = "api/events.json"
FEED: Final = "feed.atom"
NO_JEKYLL: Final = ".nojekyll"
"""With it GitHub publishes a branch as it is."""
_OF_A_SITE: Final = re.compile(
    r"""
    index\.html | feed\.atom | \.nojekyll
    | overview/[0-9]+\.html
    | (?:artifacts|stages)/[^/.]+\.html
    | history/[^/.]+/[0-9]+\.html
    | assets/[a-z]+-[0-9a-f]+\.(?:css|js|svg)
    | api/(?:registry|events|stages/[^/.]+|artifacts/[^/.]+)\.json
    | api/artifacts/[^/.]+/(?:latest|stages/[^/.]+)(?:\.badge)?\.json
    """,
    re.VERBOSE,
)
"""Where a version of this program has ever put a file: a place that leaves this list is never tidied up."""


def is_of_a_site(path: str) -> bool:
    """Whether a site can have a file there."""
    return _OF_A_SITE.fullmatch(path) is not None


def overview(number: int) -> str:
    """The overview, or one of its further pages, which are counted from 1."""
    return OVERVIEW if number == 1 else f"overview/{number}.html"


def artifact_page(name: str) -> str:
    """The page of an artifact; empty if its name is too long for a file."""
    return f"artifacts/{spelled(name)}.html" if has_files(name) else ""


def history_page(name: str, number: int) -> str:
    """A page of an artifact's history; the oldest events are on the page 1."""
    return f"history/{spelled(name)}/{number}.html"


def stage_page(stage: str) -> str:
    """The page of a stage; empty if its name is too long for a file."""
    return f"stages/{spelled(stage)}.html" if has_files(stage) else ""


def of_stage(stage: str) -> str:
    """What a stage holds, of all artifacts."""
    return f"api/stages/{spelled(stage)}.json"


def of_artifact(name: str) -> str:
    """Everything that is known of an artifact; empty if its name is too long for a file."""
    return f"api/artifacts/{spelled(name)}.json" if has_files(name) else ""


def latest(name: str) -> str:
    """The latest version of an artifact."""
    return f"api/artifacts/{spelled(name)}/latest.json"


def latest_badge(name: str) -> str:
    """The badge of the latest version of an artifact."""
    return f"api/artifacts/{spelled(name)}/latest.badge.json"


def held(name: str, stage: str) -> str:
    """What a stage of an artifact holds."""
    return f"api/artifacts/{spelled(name)}/stages/{spelled(stage)}.json"


def held_badge(name: str, stage: str) -> str:
    """The badge of a stage of an artifact."""
    return f"api/artifacts/{spelled(name)}/stages/{spelled(stage)}.badge.json"
