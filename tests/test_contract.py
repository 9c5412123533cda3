"""One contract: action.yml, the code and the README say the same, both ways."""

import json
import re
from typing import Any, Final

import pytest
import yaml

from gto_action.answer.answer import Nothing, OfEvent
from gto_action.answer.document import DEPLOYMENT_NAMES, MISSED_NAMES, NAMES, SCHEMA_VERSION, outputs_of
from gto_action.gto.names import Version
from gto_action.gto.record import TagRecord
from gto_action.gto.registry import Registry
from gto_action.gto.standing import standing_of
from gto_action.gto.tag import Kind, Tag, parse_tag
from gto_action.job.declared import inputs_of
from gto_action.job.inputs import AnswerInputs, CatchUpInputs, DeploymentInputs
from tests.support.action import SCHEMA
from tests.support.pages import README, ROOT, Row, events, table

ACTION: Final[dict[str, Any]] = yaml.safe_load((ROOT / "action.yml").read_text())
# Of docs.github.com, "Metadata syntax": `branding.color`. Of the icons only the one that is taken is known here.
COLORS: Final = {"white", "black", "yellow", "blue", "green", "orange", "red", "purple", "gray-dark"}
ICONS: Final = {"tag"}


ACTIONS: Final[dict[str, tuple[Any, tuple[str, ...]]]] = {
    "": (AnswerInputs, NAMES),
    "catch-up": (CatchUpInputs, MISSED_NAMES),
    "deployment": (DeploymentInputs, DEPLOYMENT_NAMES),
}
each_action = pytest.mark.parametrize("folder", ACTIONS, ids=lambda folder: folder or "root")


def declared(folder: str) -> dict[str, Any]:
    found = yaml.safe_load((ROOT / folder / "action.yml").read_text())
    assert isinstance(found, dict)
    return found


@each_action
def test_the_inputs_are_those_of_the_code(folder: str) -> None:
    in_code = {each.name: {"description": each.text, "default": each.default} for each in inputs_of(ACTIONS[folder][0])}
    assert list(declared(folder)["inputs"].items()) == list(in_code.items())


@each_action
def test_the_outputs_are_those_of_the_action(folder: str) -> None:
    assert tuple(declared(folder)["outputs"]) == ACTIONS[folder][1]


@each_action
def test_all_run_from_one_image(folder: str) -> None:
    expected: dict[str, Any] = {"using": "docker", "image": "Dockerfile"}
    if folder:
        expected = {"using": "docker", "image": "../Dockerfile", "args": [folder]}
    assert declared(folder)["runs"] == expected


def test_the_inputs_are_those_of_the_readme() -> None:
    declared = [(name, each["default"]) for name, each in ACTION["inputs"].items()]
    assert [(row["name"], row["default"]) for row in table(README, "## Inputs")] == declared


def test_the_outputs_are_those_of_the_code() -> None:
    assert tuple(ACTION["outputs"]) == NAMES
    assert tuple(outputs_of(Nothing(headline=""))) == NAMES


def test_the_outputs_are_those_of_the_readme() -> None:
    rows = table(README, "## Outputs")
    assert tuple(row["name"] for row in rows) == NAMES
    assert all(row["example"] for row in rows)


@pytest.mark.parametrize("kind", ["inputs", "outputs"])
def test_every_description_is_one_line(kind: str) -> None:
    for name, each in ACTION[kind].items():
        assert each["description"], name
        assert "\n" not in each["description"], name


def test_no_input_is_required_and_every_default_is_text() -> None:
    for name, each in ACTION["inputs"].items():
        assert set(each) == {"description", "default"}, name
        assert isinstance(each["default"], str), name


def test_the_marketplace_takes_it() -> None:
    assert ACTION["name"] == ACTION["name"].strip()
    assert len(ACTION["description"]) <= 125
    assert "\n" not in ACTION["description"]
    assert ACTION["branding"]["color"] in COLORS
    assert ACTION["branding"]["icon"] in ICONS


def test_the_container_gets_its_inputs_as_variables_only() -> None:
    assert ACTION["runs"] == {"using": "docker", "image": "Dockerfile"}


def test_events_of_every_kind_and_no_event_are_in_the_readme() -> None:
    assert {row["event"] for row in events()} == {"", *(kind.value for kind in Kind)}


@pytest.mark.parametrize("row", events(), ids=lambda row: row["tag"])
def test_a_tag_gives_what_the_readme_says(row: Row) -> None:
    tag = parse_tag(row["tag"])
    if not row["event"]:
        assert tag is None
        assert not any((row["name"], row["version"], row["stage"]))
        return
    assert tag is not None
    commit, registrations = "f" * 40, []
    if re.fullmatch("[0-9a-f]{40}", row["version"]):
        commit = row["version"]
    elif row["version"]:
        name = f"{tag.artifact.in_tag}@{Version(row['version'])}"
        registrations = [_record(name, commit)]
    registry = Registry([*registrations, _record(row["tag"], commit)])
    outputs = texts_of(registry, tag)
    assert {name: outputs[name] for name in row} == row
    assert outputs["sha"] == commit


def test_the_document_of_the_docs_has_every_key() -> None:
    shown = json.loads((ROOT / "docs/json.md").read_text().split("```json\n")[1].split("```")[0])
    tag = parse_tag(shown["tag"])
    assert tag is not None
    release = _record(f"{tag.artifact.in_tag}@{shown['version']}", shown["sha"])
    document = json.loads(texts_of(Registry([release, _record(shown["tag"], shown["sha"])]), tag)["json"])
    assert list(shown) == list(document)
    same = ("event", "name", "version", "stage", "tag", "sha", "directory", "semver", "ambiguous", "candidates")
    assert {key: shown[key] for key in same} == {key: document[key] for key in same}
    SCHEMA.validate(shown)
    SCHEMA.validate(document)


def test_the_schema_is_that_of_the_code() -> None:
    schema = SCHEMA.schema
    assert schema["properties"]["schema_version"] == {"const": SCHEMA_VERSION}
    assert schema["required"] == list(schema["properties"])
    assert schema["properties"]["event"]["enum"] == [*(kind.value for kind in Kind), ""]


def texts_of(registry: Registry, tag: Tag) -> dict[str, str]:
    event = registry.event(tag)
    return outputs_of(OfEvent(event=event, standing=standing_of(event, registry), registry=registry))


def _record(name: str, commit: str) -> TagRecord:
    return TagRecord(name, oid="0" * 40, target=commit, target_type="commit", inner_name=name)
