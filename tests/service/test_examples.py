"""The files of examples/service say what there is: configurations are read, metrics are known, programs check the rest."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from gto_action.service.config.read import read_settings
from gto_action.service.metrics import Metrics
from tests.service.test_page import names_of_metrics
from tests.support.pages import ROOT

FOLDER: Final = ROOT / "examples/service"
_SUFFIXES: Final = ("_bucket", "_sum", "_count")


def metrics_in(expressions: list[str]) -> set[str]:
    found = {name for each in expressions for name in re.findall(r"\bgto_\w+", each)}
    return {next((name.removesuffix(end) for end in _SUFFIXES if name.endswith(end)), name) for name in found}


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.toml")), ids=lambda file: file.name)
def test_a_configuration_can_be_read(file: Path) -> None:
    assert read_settings(file).sinks


def test_the_dashboard_shows_every_metric() -> None:
    board = json.loads((FOLDER / "grafana.json").read_text())
    expressions = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    assert metrics_in(expressions) == names_of_metrics()
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])


def test_alerts_are_about_metrics_that_there_are() -> None:
    (group,) = yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"]
    names = metrics_in([rule["expr"] for rule in group["rules"]])
    assert names <= names_of_metrics()
    assert {"gto_oldest_waiting_seconds", "gto_held", "gto_dead", "gto_paused", "gto_halted", "gto_failing"} <= names
    assert {"gto_replicas", "gto_look_age_seconds"} <= names
    for expr in (rule["expr"] for rule in group["rules"]):
        assert re.match(r"(max|sum)( by \(\w+\) )?\(|absent\(", expr), f"one alert for each replica: {expr}"


def test_what_increases_is_a_counter() -> None:
    """Of a gauge, which falls as well, `increase` says something else than it seems to."""
    text = Metrics().text(lambda: None).decode()
    gauges = set(re.findall(r"^# TYPE (\w+) gauge", text, re.MULTILINE))
    files = "".join(file.read_text() for file in FOLDER.iterdir())
    found = {*re.findall(r"\b(?:increase|rate)\((\w+)", files)}
    assert found
    assert not found & gauges


@pytest.mark.parametrize("name", ["compose.yaml", "compose-postgres.yaml"])
def test_the_service_of_compose_is_not_root_and_writes_nothing_else(name: str) -> None:
    document: dict[str, Any] = yaml.safe_load((FOLDER / name).read_text())
    service = document["services"]["gto-action"]
    assert service["user"] == "65532:65532"
    assert service["read_only"] is True
    config = next(each for each in service["volumes"] if each.endswith("/serve.toml:ro"))
    text = (FOLDER / config.partition(":")[0]).read_text()
    wanted = {each.partition(":")[2] for each in re.findall(r'"(env:\w+)"', text)}
    assert wanted <= {*service["environment"]}


def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    text = (FOLDER / "gto-action.service").read_text()
    keys = re.findall(r"^(\w+)=", text, re.MULTILINE)
    assert {"ExecStart", "EnvironmentFile", "DynamicUser", "StateDirectory", "TimeoutStopSec"} <= {*keys}
    if shutil.which("systemd-analyze"):
        unit = tmp_path / "gto-action.service"
        unit.write_text(text.replace("/opt/gto-action/bin/gto-action", "/bin/true"))
        ran = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stderr
        hardened = ["systemd-analyze", "security", "--offline=true", "--threshold=20", str(unit)]  # 2.0 of 10
        ran = subprocess.run(hardened, capture_output=True, text=True, check=False)
        assert ran.returncode == 0 or "option" in ran.stderr, ran.stdout
