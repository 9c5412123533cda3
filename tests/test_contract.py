"""One contract for each of the four actions: action.yml, the code and a page say the same, both ways."""

import importlib.util
import json
import re
import shutil
from pathlib import Path
from types import ModuleType
from typing import Final

import pytest

from gto_action.answer.answer import Missed, Nothing, OfEvent, OfVersion
from gto_action.answer.deleted import explain_deleted
from gto_action.answer.document import NAMES, SCHEMA_VERSION, document_of, outputs_of, outputs_of_missed
from gto_action.deployments.run import outputs_of as outputs_of_deployment
from gto_action.errors import InputError
from gto_action.gto.names import Version
from gto_action.gto.record import TagRecord
from gto_action.gto.registry import Registry
from gto_action.gto.selector import Selector
from gto_action.gto.standing import standing_of
from gto_action.gto.tag import EventKind, Tag, parse_tag
from gto_action.hosts.github.variables import read_inputs
from gto_action.job.declared import inputs_of
from gto_action.job.filters import Filters
from gto_action.page.build import outputs_of as outputs_of_page
from tests.support.action import SCHEMA
from tests.support.actions import ACTIONS, Declared
from tests.support.pages import ROOT, Row, events, table

ROOT_ACTION, *OTHERS = ACTIONS
# Of docs.github.com, "Metadata syntax": `branding.color`. Of the icons only the one that is taken is known here.
COLORS: Final = {"white", "black", "yellow", "blue", "green", "orange", "red", "purple", "gray-dark"}
ICONS: Final = {"tag"}
SCREEN: Final = 60
"""The lines that somebody sees of the inputs at once."""
WITH_ANOTHER: Final = {"dvc-remote", "pull-timeout"}
"""The inputs that count only with another one."""

each_action = pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.folder or "root")


@each_action
def test_the_inputs_are_those_of_the_code(action: Declared) -> None:
    declared = [(name, each["default"], each["description"]) for name, each in action.contract["inputs"].items()]
    assert declared == [(each.name, each.default, each.text) for each in inputs_of(action.kind)]


@each_action
def test_the_outputs_are_those_of_the_code(action: Declared) -> None:
    listed = tuple(action.contract["outputs"])
    assert listed == action.outputs, f"{action.file.name} and answer/document.py: not in both, or not in the same order"


def test_what_is_written_are_the_outputs() -> None:
    written = (
        outputs_of(Nothing(headline="")),
        outputs_of_missed(Missed(headline="", is_any=False, events=(), answers=())),
        outputs_of_deployment(None, superseded=None),
        outputs_of_page(None),
    )
    assert [tuple(each) for each in written] == [action.outputs for action in ACTIONS]


@each_action
def test_a_page_has_its_tables(action: Declared) -> None:
    page = (ROOT / action.page).read_text()
    inputs, outputs = (table(page, f"<!-- {kind}:begin") for kind in ("inputs", "outputs"))
    assert [(row["name"], row["default"]) for row in inputs] == [
        (name, each["default"]) for name, each in action.contract["inputs"].items()
    ], "run python tools/tables.py"
    assert tuple(row["name"] for row in outputs) == action.outputs, "run python tools/tables.py"
    assert all(row["what"] for row in (*inputs, *outputs))
    assert all(row["example"] for row in outputs)


@pytest.fixture
def tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The tool that makes the tables, on a copy of what it reads and writes."""
    spec = importlib.util.spec_from_file_location("tables", ROOT / "tools/tables.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for path in (*module.PAGES, *module.PAGES.values()):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        shutil.copy2(ROOT / path, tmp_path / path)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    return module


def test_the_tables_are_made_from_action_yml(tables: ModuleType) -> None:
    assert {action.page: str(action.file.relative_to(ROOT)) for action in ACTIONS} == tables.PAGES
    shown = [tuple(examples) for examples in tables.EXAMPLES.values()]
    assert shown == [action.outputs for action in ACTIONS], "EXAMPLES of tools/tables.py: one for each output, in order"
    tables.main(["--check"])


@each_action
def test_a_table_that_is_not_true_is_named(action: Declared, tables: ModuleType, tmp_path: Path) -> None:
    name = str(action.file.relative_to(ROOT))
    file, page = tmp_path / name, tmp_path / action.page
    file.write_text(file.read_text().replace("Time limit in seconds", "Seconds").replace("Whether", "If"))
    before = page.read_text()
    sentence = f"The tables of {action.page} are not those of {name}: run python tools/tables.py"
    with pytest.raises(tables.StaleError, match=re.escape(sentence)):
        tables.main(["--check"])
    assert page.read_text() == before
    tables.main([])
    tables.main(["--check"])
    assert "| Seconds for all requests" in page.read_text()


def test_a_page_without_a_place_for_a_table_is_named(tables: ModuleType, tmp_path: Path) -> None:
    page = tmp_path / "docs/deployments.md"
    page.write_text(page.read_text().replace("<!-- outputs:end -->", ""))
    with pytest.raises(tables.StaleError, match=r"docs/deployments\.md has no place for a table: <!-- outputs:begin"):
        tables.main([])
    assert (tmp_path / "README.md").read_text() == (ROOT / "README.md").read_text()


@each_action
@pytest.mark.parametrize("kind", ["inputs", "outputs"])
def test_every_description_is_one_line(action: Declared, kind: str) -> None:
    for name, each in action.contract[kind].items():
        assert each["description"].strip() == each["description"], name
        assert each["description"].endswith("."), name
        assert "\n" not in each["description"], name


@each_action
def test_the_inputs_fit_on_a_screen(action: Declared) -> None:
    inputs = action.file.read_text().partition("\ninputs:\n")[2].partition("\n\n")[0]
    assert 0 < len(inputs.splitlines()) <= SCREEN


@each_action
def test_no_input_is_required_and_every_default_is_text(action: Declared) -> None:
    for name, each in action.contract["inputs"].items():
        assert set(each) == {"description", "default"}, name
        assert isinstance(each["default"], str), name


def test_an_input_counts_whenever_it_is_given() -> None:
    inputs = {name: each["description"] for action in ACTIONS for name, each in action.contract["inputs"].items()}
    assert {name for name, text in inputs.items() if text.startswith("With `")} == WITH_ANOTHER


@pytest.mark.parametrize("other", OTHERS, ids=lambda action: action.folder)
def test_an_input_of_another_action_is_refused(other: Declared) -> None:
    """The runner itself only warns."""
    own = {each.name for each in inputs_of(ROOT_ACTION.kind)}
    others = {each.name for each in inputs_of(other.kind)} - own
    assert others
    for name in others:
        with pytest.raises(InputError, match=re.escape(other.uses)):
            read_inputs(ROOT_ACTION.kind, {f"INPUT_{name.upper()}": "1"})


@each_action
def test_the_marketplace_takes_it(action: Declared) -> None:
    contract = action.contract
    assert contract["name"] == contract["name"].strip()
    assert len(contract["description"]) <= 125
    assert "\n" not in contract["description"]


def test_the_marketplace_shows_the_root() -> None:
    branding = ROOT_ACTION.contract["branding"]
    assert branding["color"] in COLORS
    assert branding["icon"] in ICONS
    assert len({action.contract["name"] for action in ACTIONS}) == len(ACTIONS)


@each_action
def test_the_container_gets_its_inputs_as_variables_only(action: Declared) -> None:
    """One image for all; its argument says which."""
    expected: dict[str, object] = {"using": "docker", "image": "Dockerfile"}
    if action.folder:
        expected = {"using": "docker", "image": "../Dockerfile", "args": [action.folder]}
    assert action.contract["runs"] == expected


def test_events_of_every_kind_and_no_event_are_in_the_readme() -> None:
    assert {row["event"] for row in events()} == {"", *(kind.value for kind in EventKind)}


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
    assert list(shown) == list(document), (
        "the sample in docs/json.md has other keys, or another order, than the document"
    )
    same = ("event", "name", "version", "stage", "tag", "sha", "directory", "semver", "ambiguous", "candidates")
    assert {key: shown[key] for key in same} == {key: document[key] for key in same}
    SCHEMA.validate(shown)
    SCHEMA.validate(document)


def test_every_kind_of_answer_has_every_key() -> None:
    registry = Registry([_record("churn@v1.0.0", "f" * 40), _record("churn#prod#1", "f" * 40)])
    event = registry.event(_tag("churn#prod#1"))
    version = registry.artifact(event.artifact).latest
    assert version is not None
    answers = (
        Nothing(headline=""),
        OfEvent(event=event, standing=standing_of(event, registry), registry=registry),
        OfVersion(selector=Selector(event.artifact), version=version, registry=registry),
        explain_deleted(_tag("churn#prod#2"), Filters(), registry),
    )
    declared = set(SCHEMA.schema["properties"])
    for answer in answers:
        of = type(answer).__name__
        keys = set(document_of(answer))
        assert keys == declared, f"{of}: these are not both in answer/document.py and in schema/: {keys ^ declared}"
        assert tuple(outputs_of(answer)) == NAMES, of


def _tag(name: str) -> Tag:
    tag = parse_tag(name)
    assert tag is not None
    return tag


def test_the_schema_is_that_of_the_code() -> None:
    schema = SCHEMA.schema
    assert schema["properties"]["schema_version"] == {"const": SCHEMA_VERSION}
    assert schema["required"] == list(schema["properties"])
    assert schema["properties"]["event"]["enum"] == [*(kind.value for kind in EventKind), ""]


def texts_of(registry: Registry, tag: Tag) -> dict[str, str]:
    event = registry.event(tag)
    return outputs_of(OfEvent(event=event, standing=standing_of(event, registry), registry=registry))


def _record(name: str, commit: str) -> TagRecord:
    return TagRecord(name, oid="0" * 40, target=commit, target_type="commit", inner_name=name)
