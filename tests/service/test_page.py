"""docs/service.md says what there is: its configurations can be read, its tables have every metric, command and provider."""

import re
from typing import Final

import pytest

from gto_action.service.commands import COMMANDS
from gto_action.service.config.read import parse_settings
from gto_action.service.config.settings import Provider
from gto_action.service.config.toml_table import TomlText
from gto_action.service.metrics import Metrics
from gto_action.service.rules.wanted import WORDS
from tests.support.pages import ROOT

PAGE: Final = (ROOT / "docs/service.md").read_text()


def names_of_metrics() -> set[str]:
    text = Metrics().text(lambda: None).decode()
    found = set(re.findall(r"^# TYPE (gto_\w+) \w+", text, re.MULTILINE))
    return {name for name in found if not name.endswith("_created")}


@pytest.mark.parametrize("text", re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL))
def test_what_it_shows_can_be_read(text: str) -> None:
    assert parse_settings(TomlText("serve.toml", text)).sinks


def test_every_metric_has_a_row() -> None:
    assert {
        name for name in re.findall(r"`(gto_\w+)`", PAGE) if name in PAGE.partition("| metric |")[2]
    } == names_of_metrics()


def test_every_command_provider_and_event_is_named() -> None:
    rows = re.findall(r"^\| `gto-action (\w+)", PAGE, re.MULTILINE)
    assert {*rows} == {command.name for command in COMMANDS}
    providers = re.findall(
        r"`([\w-]+)`", " ".join(re.findall(r"^\| (`[^|]*`) \| [^|]* \| [^|]* \|$", PAGE, re.MULTILINE))
    )
    assert {each.value for each in Provider} <= {*providers}
    assert all(f"`{word}`" in PAGE for word in WORDS)
