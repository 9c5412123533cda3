"""docs/service.md says what there is: its configurations can be read, its tables have every metric, command and provider."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from gto_action.service.commands import COMMANDS
from gto_action.service.config.read import parse_settings
from gto_action.service.config.settings import Provider
from gto_action.service.config.toml_table import TomlText
from gto_action.service.metrics import Metrics
from gto_action.service.rules.wanted import WORDS
from tests.support.pages import ROOT
from tests.support.ports import free_port
from tests.support.service import wait_for

PAGE: Final = (ROOT / "docs/service.md").read_text()


def names_of_metrics() -> set[str]:
    text = Metrics().text(lambda: None).decode()
    return set(re.findall(r"^# TYPE (gto_\w+) \w+", text, re.MULTILINE))


def test_the_five_minutes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every command of the page, as a new user types them; only the package is installed already."""
    _, before, after = re.findall(r"```sh\n(.*?)```", PAGE.partition("## Configuration")[0], re.DOTALL)
    folder, log = tmp_path / "service", tmp_path / "log"
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".gitconfig").write_text("[user]\n\tname = Ada\n\temail = ada@example.com\n")
    before = before.replace(
        'database = "', f'listen = "127.0.0.1:{free_port()}"\nadmin = "127.0.0.1:{free_port()}"\ndatabase = "'
    )

    def play(text: str, where: Path) -> str:
        command = ["bash", "-euo", "pipefail", "-c", text]
        ran = subprocess.run(command, cwd=where, capture_output=True, text=True, check=False, timeout=120)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    assert "the repository models" in play(before, tmp_path)
    with log.open("wb") as stream, subprocess.Popen(["gto-action", "serve"], cwd=folder, stderr=stream) as service:
        try:
            play(after, folder)
            wait_for(lambda: '"delivered: ' in log.read_text(), 60)
            assert "delivered" in play("gto-action deliveries", folder)
        finally:
            service.terminate()
    assert service.returncode == 0


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
