"""One contract: action.yml, the code and the README say the same, both ways."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from support.action import SCHEMA

from gto_action.inputs import INPUTS, Inputs
from gto_action.names import Version
from gto_action.outputs import NAMES, SCHEMA_VERSION, Outputs
from gto_action.record import TagRecord
from gto_action.registry import Registry
from gto_action.standing import standing_of
from gto_action.tag import Kind, Tag, parse_tag

ROOT: Final = Path(__file__).parents[1]
ACTION: Final[dict[str, Any]] = yaml.safe_load((ROOT / "action.yml").read_text())
README: Final = (ROOT / "README.md").read_text()
# Of docs.github.com, "Metadata syntax": `branding.color`. Of the icons only the one that is taken is known here.
COLORS: Final = {"white", "black", "yellow", "blue", "green", "orange", "red", "purple", "gray-dark"}
ICONS: Final = {"tag"}
# The action's own commit is not known before its release; all other actions in the README are pinned by theirs.
ZIZMOR: Final = {"rules": {"unpinned-uses": {"config": {"policies": {"gto-action/*": "ref-pin", "*": "hash-pin"}}}}}

Row = dict[str, str]


def table(heading: str) -> list[Row]:
    """The rows of the first table after a text of the README; code marks and white space taken from each cell."""
    _, found, rest = README.partition(heading)
    assert found, heading
    head, _, *rows = re.findall(r"^\|.*\|$", re.split(r"\n\n(?!\|)", rest[rest.index("\n|") :])[0], re.MULTILINE)
    columns = _cells(head)
    return [dict(zip(columns, _cells(row), strict=True)) for row in rows]


def _cells(row: str) -> list[str]:
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    return [cell[1:-1] if re.fullmatch(r"`[^`]*`", cell) else cell for cell in cells]


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


WORKFLOWS: Final = [block for block in blocks("yaml") if re.search(r"^on:", block, re.MULTILINE)]


def events() -> list[Row]:
    """The rows of the README's table of tags."""
    begin, end = "<!-- events:begin -->", "<!-- events:end -->"
    assert begin in README
    assert end in README
    return table(begin)


def scripts(value: object) -> Iterator[str]:
    """Every `run:` in a workflow."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "run" and isinstance(inner, str):
                yield inner
            yield from scripts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from scripts(inner)


def is_expression(default: str) -> bool:
    return default.startswith("${{")


def test_the_inputs_are_those_of_the_code() -> None:
    declared = {name: each["default"] for name, each in ACTION["inputs"].items()}
    in_code = {name: "" if is_expression(default) else default for name, default in declared.items()}
    assert list(in_code.items()) == list(INPUTS.items())
    assert [name.replace("-", "_") for name in INPUTS] == list(Inputs.__dataclass_fields__)


def test_the_inputs_are_those_of_the_readme() -> None:
    declared = [(name, each["default"]) for name, each in ACTION["inputs"].items()]
    assert [(row["name"], row["default"]) for row in table("## Inputs")] == declared


def test_the_outputs_are_those_of_the_code() -> None:
    assert tuple(ACTION["outputs"]) == NAMES
    assert tuple(Outputs().texts()) == NAMES


def test_the_outputs_are_those_of_the_readme() -> None:
    rows = table("## Outputs")
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
    outputs = outputs_of(registry, tag).texts()
    assert {name: outputs[name] for name in row} == row
    assert outputs["sha"] == commit


def test_the_document_of_the_readme_has_every_key() -> None:
    shown = json.loads(blocks("json")[0])
    tag = parse_tag(shown["tag"])
    assert tag is not None
    release = _record(f"{tag.artifact.in_tag}@{shown['version']}", shown["sha"])
    document = json.loads(outputs_of(Registry([release, _record(shown["tag"], shown["sha"])]), tag).texts()["json"])
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


def outputs_of(registry: Registry, tag: Tag) -> Outputs:
    event = registry.event(tag)
    return Outputs.of_event(event, standing_of(event, registry), None, "", matched=True)


def _record(name: str, commit: str) -> TagRecord:
    return TagRecord(name, oid="0" * 40, target=commit, target_type="commit", inner_name=name)


@pytest.mark.parametrize("message", [row["message"] for row in table("## When it fails")])
def test_the_messages_of_the_readme_are_those_of_the_code(message: str) -> None:
    code = "\n".join(path.read_text() for path in sorted((ROOT / "gto_action").glob("*.py")))
    for part in message.split("…"):
        words = part.strip()
        assert not re.search(r"\w{2}", words) or words in code, words


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda workflow: yaml.safe_load(workflow)["name"])
def test_an_example_is_a_workflow_without_a_fault(workflow: str, tmp_path: Path) -> None:
    for script in scripts(yaml.safe_load(workflow)):
        assert "${{" not in script
    file = tmp_path / ".github/workflows/example.yml"
    file.parent.mkdir(parents=True)
    file.write_text(workflow)
    config = tmp_path / "zizmor.yml"
    config.write_text(yaml.safe_dump(ZIZMOR))
    check("actionlint", str(file))
    check("zizmor", "--offline", "--no-progress", "--config", str(config), str(file))


def test_there_are_examples() -> None:
    assert len(WORKFLOWS) >= 2


def check(program: str, *arguments: str) -> None:
    """Runs a checker of the environment that runs the tests; it must find nothing."""
    beside = Path(sys.executable).with_name(program)
    path = beside if beside.exists() else shutil.which(program)
    if path is None:
        pytest.fail(f"no {program}: run the tests by `make test`")
    process = subprocess.run([path, *arguments], capture_output=True, text=True, timeout=60, check=False)
    assert process.returncode == 0, process.stdout + process.stderr
