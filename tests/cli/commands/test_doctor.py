"""`doctor`, as people and programs read it."""

import json
from collections.abc import Callable

from tests.support.command_line import Run
from tests.support.repo import Repo


def test_doctor_finds_nothing(run: Run) -> None:
    result = run("doctor")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "No problems found.\n", "")


def test_doctor_tells_every_problem(run: Run, registry: Repo) -> None:
    registry.commit({"dvc.yaml": "artifacts:\n  - [", ".gto": "stages: [prod, dev]\ncolour: red"}, time=4000)
    registry.tag("churn@v2.0.0", time=4001)
    registry.tag("churn#qa", time=4002)
    registry.lightweight("churn@V3.0.0")
    result = run("doctor", GTO_STAGES="")
    lines = result.stdout.splitlines()
    assert result.exit_code == 1
    assert lines[-1] == "4 problems found."
    assert lines[0].startswith(".gto:2: '.gto' has a setting that GTO does not know, 'colour'; gto fails on it.")
    assert lines[1].startswith("The tag 'churn@V3.0.0' looks like a GTO tag, but is not one.")
    assert lines[2].startswith("The stage 'qa' is not among those")
    assert lines[3].startswith("dvc.yaml:")
    assert "Seen at commit" in lines[3]


def test_doctor_counts_one(run: Run, registry: Repo) -> None:
    registry.lightweight("churn@v3.0.0")
    assert run("doctor").stdout.endswith("\n1 problem found.\n")


def test_doctor_of_an_empty_repository(run: Run, make_repo: Callable[[str], Repo]) -> None:
    assert run("doctor", repo=str(make_repo("o/empty").path)).stdout == "No problems found.\n"


def test_doctor_as_json(run: Run, registry: Repo) -> None:
    assert run("doctor", "--json").stdout == "[]\n"
    registry.commit({".gto": "colour: red"}, time=4000)
    registry.tag("churn@1.0.0")
    result = run("doctor", "--json")
    assert result.exit_code == 1
    command = "git tag -d churn@1.0.0 && git push origin --delete refs/tags/churn@1.0.0"
    assert json.loads(result.stdout) == [
        {
            "message": "'.gto' has a setting that GTO does not know, 'colour'; gto fails on it.",
            "hint": "Correct the file.",
            "command": "",
            "file": ".gto",
            "line": 1,
        },
        {
            "message": "The tag 'churn@1.0.0' looks like a GTO tag, but is not one.",
            "hint": f"Delete it, and make 'churn@v1.0.0' with gto if you meant that: {command}",
            "command": command,
            "file": "",
            "line": None,
        },
    ]
