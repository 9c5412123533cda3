"""The example workflows: without a fault, by the rules that the README gives, and true to action.yml."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from gto_action.hosts.github.variables import read_inputs
from tests.support.action import run_entrypoint
from tests.support.actions import USED
from tests.support.pages import README, ROOT, codes, table
from tests.support.push_filter import read_workflow, starts
from tests.support.repo import Repo

FILES: Final = sorted(ROOT.glob("examples/*.yml"))
ZIZMOR: Final = ROOT / "tools/zizmor-examples.yml"
PAGES: Final = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])

each_example = pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)


def steps(file: Path) -> Iterator[dict[str, Any]]:
    for job in read_workflow(file)["jobs"].values():
        yield from job["steps"]


def own(found: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The steps that use one of the actions."""
    return [step for step in found if step.get("uses", "").startswith("gto-action/")]


def asked(text: str) -> set[tuple[str, str]]:
    """Each output of a step that a text asks for, with the step's id."""
    return set(re.findall(r"steps\.([\w-]+)\.outputs\.([\w-]+)", text))


def check_steps(found: Iterable[dict[str, Any]], text: str) -> None:
    """What the steps of a job give to the actions, and what a text asks of them, is theirs."""
    ids: dict[str, set[str]] = {}
    found = list(found)
    others = {step["id"] for step in found if "id" in step and step not in own(found)}
    for step in own(found):
        uses = re.sub("@[0-9a-f]{40}$", "@v3", step["uses"])
        action = USED[re.sub("/native(?=[/@])", "", uses)]  # the twins take and give the same
        assert set(step.get("with", {})) <= set(action.contract["inputs"])
        given = {name: str(value) for name, value in step.get("with", {}).items() if "${{" not in str(value)}
        read_inputs(action.kind, {f"INPUT_{name.upper()}": value for name, value in given.items()})
        if "id" in step:
            ids.setdefault(step["id"], set()).update(action.outputs)
    for step_id, output in asked(text):
        if step_id not in others:
            assert output in ids[step_id], f"{step_id}: {output}"


def check(program: str, *arguments: str) -> None:
    """Runs a checker of the environment that runs the tests; it must find nothing."""
    beside = Path(sys.executable).with_name(program)
    path = beside if beside.exists() else shutil.which(program)
    if path is None:
        pytest.fail(f"no {program}: run the tests by `make test`")
    process = subprocess.run([path, *arguments], capture_output=True, text=True, timeout=60, check=False)
    assert process.returncode == 0, process.stdout + process.stderr


def test_there_are_examples() -> None:
    assert len(FILES) >= 8


def test_the_readme_names_every_example() -> None:
    rows = table(README, "More workflows to paste")
    assert sorted(row["file"] for row in rows) == [f"[{file.name}](examples/{file.name})" for file in FILES]


def test_the_workflow_of_the_readme_is_an_example() -> None:
    blocks = re.findall(r"^```yaml\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    assert (ROOT / "examples/deploy.yml").read_text() in blocks


def test_the_readme_begins_with_a_step_of_six_lines() -> None:
    before, _, rest = README.partition("```yaml\n")
    block = rest.partition("```")[0]
    assert len(before.splitlines()) <= 10, "it is on the first screen"
    assert len([line for line in block.splitlines() if line]) == 6
    check_steps(yaml.safe_load(block), block)
    assert rest.index("docs/summary.png") < rest.index("## ")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_steps_of_a_page_are_those_of_the_actions(page: Path) -> None:
    for block in re.findall(r"^```ya?ml\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL):
        found = yaml.safe_load(block)
        if isinstance(found, list) and own(found):
            others = {step["id"] for step in found if "id" in step} - {
                step["id"] for step in own(found) if "id" in step
            }
            check_steps(found, re.sub(rf"steps\.({'|'.join(others)})\.", "", block) if others else block)


def test_no_page_has_a_workflow_that_nothing_runs() -> None:
    examples = {file.read_text() for file in FILES}
    for page in PAGES:
        blocks = re.findall(r"^```ya?ml\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)
        assert {block for block in blocks if re.search(r"^(on|jobs):", block, re.MULTILINE)} <= examples, page


def test_the_page_of_catching_up_has_both_workflows() -> None:
    page = (ROOT / "docs/no-event-lost.md").read_text()
    for name in ("catch-up.yml", "catch-up-matrix.yml"):
        assert (ROOT / "examples" / name).read_text() in page


@each_example
def test_the_checkers_find_nothing(file: Path) -> None:
    check("actionlint", "-shellcheck", str(Path(sys.executable).with_name("shellcheck")), str(file))
    check("zizmor", "--offline", "--no-progress", "--persona", "pedantic", "--config", str(ZIZMOR), str(file))
    check("check-jsonschema", "--builtin-schema", "vendor.github-workflows", str(file))


@each_example
def test_no_expression_is_in_a_script(file: Path) -> None:
    for step in steps(file):
        assert "${{" not in step.get("run", "")


@each_example
def test_what_deploys_is_limited_and_waits_for_its_environment(file: Path) -> None:
    """zizmor's own rule asks for a limit of every job; one that only asks needs none."""
    workflow = read_workflow(file)
    for name, job in workflow["jobs"].items():
        asks_only = len(job["steps"]) == 1
        assert asks_only or "concurrency" in job or "concurrency" in workflow, name
        if "environment" in job:
            assert job["concurrency"]["cancel-in-progress"] == "false"


@each_example
def test_inputs_and_outputs_are_those_of_the_actions(file: Path) -> None:
    """Each value is taken, with those beside it; an expression may stand for the default."""
    assert own(steps(file))
    others = {step["id"] for step in steps(file) if "id" in step and step not in own(steps(file))}
    for job in read_workflow(file)["jobs"].values():
        check_steps(job["steps"], str(job))
        with_id = {step["id"] for step in own(job["steps"]) if "id" in step}
        assert with_id == {step_id for step_id, _ in asked(str(job))} - others, "an id is there for those who ask"


@each_example
def test_every_example_that_a_tag_starts_can_be_dispatched(file: Path) -> None:
    """Else catch-up could not start it."""
    triggers = read_workflow(file)["on"]
    assert "push" not in triggers or "workflow_dispatch" in triggers


def test_what_is_built_or_deployed_by_path_is_pulled() -> None:
    """A model that DVC tracks is in no checkout."""
    for name in ("deploy.yml", "docker.yml"):
        pulled = [step for step in steps(ROOT / "examples" / name) if step.get("with", {}).get("pull")]
        assert len(pulled) == 1, name


@each_example
def test_every_permission_says_what_it_is_for(file: Path) -> None:
    lines = file.read_text().splitlines()
    assert "permissions: {}" in lines
    given = [line for line in lines if re.match(r" +[a-z-]+: (read|write)\b", line)]
    assert given
    assert all(re.search(r" # \w+", line) for line in given)


@each_example
def test_a_job_names_the_outputs_that_others_ask_for(file: Path) -> None:
    jobs = read_workflow(file)["jobs"]
    for job, output in re.findall(r"needs\.([\w-]+)\.outputs\.([\w-]+)", file.read_text()):
        assert output in jobs[job]["outputs"]


def filters() -> Iterator[Any]:
    """The README's table of patterns: what of it starts for which tag."""
    for row in table(README, "### Filters for"):
        for column, expected in (("starts for", True), ("not for", False)):
            patterns = [yaml.safe_load(pattern) for pattern in codes(row["patterns"])]
            for tag in codes(row[column]):
                yield pytest.param(patterns, tag, expected, id=f"{row['wanted']}: {tag}")


@pytest.mark.parametrize(("patterns", "tag", "expected"), list(filters()))
def test_a_pattern_of_the_readme_starts_for(patterns: list[str], tag: str, expected: bool) -> None:
    assert starts(patterns, tag) is expected


def test_the_patterns_of_the_readme_are_patterns(tmp_path: Path) -> None:
    for row in table(README, "### Filters for"):
        file = tmp_path / "workflow.yml"
        tags = "".join(f"      - {pattern}\n" for pattern in codes(row["patterns"]))
        file.write_text(
            f"on:\n  push:\n    tags:\n{tags}jobs:\n  job:\n    runs-on: ubuntu-latest\n    steps:\n      - run: 'true'\n"
        )
        check("actionlint", "-shellcheck=", str(file))


STARTS: Final = [
    ("deploy.yml", "churn#prod", True),
    ("deploy.yml", "models/nlp=churn#staging#4", True),
    ("deploy.yml", "churn#prod!#4", False),
    ("deploy.yml", "churn#dev#4", False),
    ("deploy.yml", "churn@v1.0.0", False),
    ("docker.yml", "models/nlp=churn@v1.0.0+cpu", True),
    ("docker.yml", "churn@v1.0.0!", False),
    ("docker.yml", "churn@v1.0.0!#4", False),
    ("docker.yml", "churn#prod", False),
    ("heroku.yml", "churn#prod#4", True),
    ("heroku.yml", "churn#prod!#4", False),
    ("rollback.yml", "churn#prod!", True),
    ("rollback.yml", "churn#prod!#4", True),
    ("rollback.yml", "churn#prod#4", False),
    ("rollback.yml", "churn@v1.0.0!", False),
    ("gate.yml", "churn#prod", True),
    ("gate.yml", "churn#prod#4", True),
    ("gate.yml", "models/nlp=churn#prod", False),
    ("gate.yml", "churn#production", False),
    ("deployments.yml", "churn#prod#4", True),
    ("deployments.yml", "churn#prod!#4", True),
    ("deployments.yml", "churn@v1.0.0!", True),
    ("deployments.yml", "churn@deprecated#4", True),
    ("deployments.yml", "churn@v1.0.0", False),
    ("deployments.yml", "churn#dev#4", False),
    ("pages.yml", "churn@v1.0.0", True),
    ("pages.yml", "models/nlp=churn#staging/eu!#4", True),
    ("pages.yml", "churn@deprecated#4", True),
    ("pages.yml", "v1.0.0", False),
    ("monorepo.yml", "models/nlp=churn#prod#4", True),
    ("monorepo.yml", "models/nlp/en=team/churn#prod", True),
    ("monorepo.yml", "churn#prod#4", False),
    ("monorepo.yml", "data/models=churn#prod", False),
]


@pytest.mark.parametrize(("name", "tag", "expected"), STARTS, ids=[f"{name} {tag}" for name, tag, _ in STARTS])
def test_an_example_starts_for(name: str, tag: str, expected: bool) -> None:
    assert starts(read_workflow(ROOT / "examples" / name)["on"]["push"]["tags"], tag) is expected


def holds(expression: str, outputs: dict[str, str]) -> bool:
    """What an expression says of a step's outputs: `&&` of comparisons, which is all that it may have."""

    def value(operand: str) -> str | None:
        if operand.startswith("'"):
            return operand.strip("'")
        if match := re.fullmatch(r"steps\.gto\.outputs\.([\w-]+)", operand):
            return outputs[match[1]]
        match = re.fullmatch(r"fromJSON\(steps\.gto\.outputs\.json \|\| '{}'\)\.(\w+)\.(\w+)", operand)
        assert match, operand
        found = json.loads(outputs["json"] or "{}").get(match[1])
        return found[match[2]] if found else None

    inside = re.fullmatch(r"\$\{\{(.*)\}\}", " ".join(expression.split()))
    assert inside, expression
    clauses = [re.split(r" (==|!=) ", clause.strip()) for clause in inside[1].split("&&")]
    return all((value(left) == value(right)) is (sign == "==") for left, sign, right in clauses)


# what has happened, the tag, whether there is anything to go back to or to take down
ROLLBACKS: Final = {
    "of what is there, to the one before": (["churn#prod#3"], "churn#prod!#4", "B", True),
    "of what is there, to nothing": ([], "churn#prod!#4", "A", True),
    "of what prod does not hold": (["churn#prod#3"], "churn#prod!#4", "A", False),
    "of what prod never held": ([], "churn#prod!#4", "B", False),
    "superseded": (["churn#prod#3", "churn#prod!#4", "churn#prod#5"], "churn#prod!#4", "B", False),
    "by gto deprecate of a version that another one has replaced": (["churn#prod#3"], "churn#prod!", "A", False),
}


@pytest.mark.parametrize("what", ROLLBACKS)
def test_a_rollback_goes_where_the_stage_changed(repo: Repo, srv: Path, tmp_path: Path, what: str) -> None:
    tags, tag, commit, expected = ROLLBACKS[what]
    commits = {letter: repo.commit({"file": letter}, time=number) for number, letter in enumerate("AB", 1)}
    repo.tag("churn@v1.0.0", commits["A"], time=10)
    repo.tag("churn@v1.1.0", commits["B"], time=11)
    repo.tag("churn#prod#2", commits["A"], time=12)
    for number, name in enumerate(dict.fromkeys([*tags, tag])):
        repo.tag(name, commits[commit if name == tag else "B"], time=20 + number)
    (step,) = read_workflow(ROOT / "examples/rollback.yml")["jobs"]["detect"]["steps"]
    inputs = {f"INPUT_{name.upper()}": str(value) for name, value in step["with"].items()}
    given = {"GITHUB_SERVER_URL": f"file://{srv}", "GITHUB_REPOSITORY": "o/r", "GITHUB_REF": f"refs/tags/{tag}"}
    run = run_entrypoint(tmp_path / "run", given | inputs)
    assert run.outputs, run.log
    go = read_workflow(ROOT / "examples/rollback.yml")["jobs"]["detect"]["outputs"]["go"]
    assert holds(go, run.outputs) is expected
