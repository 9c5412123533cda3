"""docs/service.md says what there is: its configurations can be read, its tables have every metric, command and provider."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from gto_action.errors import InputError
from gto_action.gto.tag import parse_tag
from gto_action.service.commands import COMMANDS
from gto_action.service.config.read import parse_settings
from gto_action.service.config.settings import Provider
from gto_action.service.config.toml_table import TomlText
from gto_action.service.metrics import Metrics
from gto_action.service.rules.body import Told, body_of
from gto_action.service.rules.outcome import Came
from gto_action.service.rules.ref_changes import Action, Change
from gto_action.service.rules.wanted import WORDS
from gto_action.service.sinks.command import variables_of
from gto_action.service.sinks.sink import sample
from gto_action.service.state.lanes import State
from tests.support.pages import ROOT
from tests.support.ports import free_port
from tests.support.service import wait_for

PAGE: Final = (ROOT / "docs/service.md").read_text()
REFERENCE: Final = PAGE.partition("```toml\n")[2].partition("```")[0]
WITHOUT_DEFAULT: Final = {
    *("database", "url", "repository", "project", "ref", "argv", "provider", "secrets", "trigger_token"),
    *("token", "hook", "environment", "repositories", "events", "names", "stages"),
    "superseded",
}
"""Keys of the page's configuration that must be there, or are not shown with what they are without it."""


def tables(of: dict[str, Any], *path: str) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """Each table of a configuration whose keys are not of the user's making, with its path."""
    if path[-1:] not in {("repositories",), ("sinks",), ("environment",)}:
        yield path, of
    for key, value in of.items():
        if isinstance(value, dict):
            yield from tables(value, *path, key)


def names_of_metrics() -> set[str]:
    text = Metrics().text(lambda: None).decode()
    return set(re.findall(r"^# TYPE (gto_\w+) \w+", text, re.MULTILINE))


def test_the_five_minutes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every command of the page, as a new user types them; only the package is installed already."""
    _, before, after, last = re.findall(r"```sh\n(.*?)```", PAGE.partition("## Configuration")[0], re.DOTALL)
    folder, log = tmp_path / "service", tmp_path / "log"
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in [each for each in os.environ if each.startswith(("GIT_", "EMAIL"))]:  # nor does git know who that is
        monkeypatch.delenv(name)
    before = before.replace(
        'database = "', f'listen = "127.0.0.1:{free_port()}"\nadmin = "127.0.0.1:{free_port()}"\ndatabase = "'
    )

    def play(text: str, where: Path) -> str:
        command = ["bash", "-euo", "pipefail", "-c", text]
        ran = subprocess.run(command, cwd=where, capture_output=True, text=True, check=False, timeout=120)
        assert ran.returncode == 0, ran.stderr
        assert not re.search("warning|hint|fatal", ran.stderr)
        return ran.stdout

    assert "the repository models" in play(before, tmp_path)
    with log.open("wb") as stream, subprocess.Popen(["gto-action", "serve"], cwd=folder, stderr=stream) as service:
        try:
            play(after, folder)
            wait_for(lambda: '"delivered: exit 0 churn@v1.0.0"' in log.read_text(), 60)
            assert "delivered" in play(last, folder)
        finally:
            service.terminate()
    assert service.returncode == 0


@pytest.mark.parametrize("text", re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL))
def test_what_it_shows_can_be_read(text: str) -> None:
    assert parse_settings(TomlText("serve.toml", text)).sinks


def test_every_key_is_in_it() -> None:
    """What the program says of a key that it does not know; of some the page speaks below."""
    below = {*re.findall(r"`(\w+)(?:` | = )", PAGE.partition(REFERENCE)[2].partition("## Operations")[0])}
    shown = {path for path, _ in tables(TomlText("serve.toml", REFERENCE).document)}
    assert {"hook", "retry", "http", "command", "github_dispatch", "gitlab_pipeline"} <= {
        each[-1] for each in shown if each
    }
    for path in shown:
        text = TomlText("serve.toml", REFERENCE)
        (table,) = (each for where, each in tables(text.document) if where == path)
        table["unknown"] = "a text"
        with pytest.raises(InputError, match="the key 'unknown'") as raised:
            parse_settings(text)
        known = {*raised.value.hint.removeprefix("Known are: ").rstrip(".").split(", ")}
        alike = {
            key
            for where, each in tables(text.document)
            if where[:1] == path[:1] and len(where) == len(path)
            for key in each
        }
        assert known <= alike | below, path


def test_what_may_be_left_out_has_its_default() -> None:
    expected = parse_settings(TomlText("serve.toml", REFERENCE))
    tried = 0
    for path, _ in tables(TomlText("serve.toml", REFERENCE).document):
        text = TomlText("serve.toml", REFERENCE)
        (table,) = (each for where, each in tables(text.document) if where == path)
        for key in [each for each, value in table.items() if not isinstance(value, dict) or each == "retry"]:
            if key not in WITHOUT_DEFAULT or (key == "url" and path[-1] == "gitlab_pipeline"):
                del table[key]
                tried += 1
        assert parse_settings(text) == expected, path
    assert tried > 10


def test_the_event_is_one_that_is_sent() -> None:
    shown = json.loads(PAGE.partition("```json\n")[2].partition("```")[0].replace(", …}", "}"))
    tag = parse_tag(shown["tag"])
    assert tag
    told = Told(
        id=shown["id"],
        change=Change(tag, Action.CREATED, "", 1),
        sequence=int(shown["sequence"]),
        source=shown["source"],
        time=shown["time"],
        document=shown["data"],
    )
    assert json.dumps(json.loads(body_of(told))) == json.dumps(shown), "the same keys in the same order"


def test_a_sample_is_as_it_says() -> None:
    message = sample(time.time())
    assert json.loads(message.body)["type"].split(".")[-2] == message.word == "test"
    assert not {"subject", "sequence"} & json.loads(message.body).keys()
    variables = variables_of(message)
    assert variables["GTO_HAPPENED"] == "test"
    assert {variables[f"GTO_{name}"] for name in ("EVENT", "NAME", "VERSION", "STAGE", "TAG")} == {""}


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
    assert all(f"`{word}`" in PAGE for word in (*WORDS, *(each.value for each in (*State, *Came))))
