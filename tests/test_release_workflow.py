"""What `.github/workflows/release.yml` may do, and in which order: each stage has the rights that it needs, and no more."""

import re
import subprocess
from typing import Any, Final

import pytest
import yaml

from tests.support.pages import ROOT

WORKFLOW: Final = ROOT / ".github/workflows/release.yml"
DOCUMENT: Final[dict[Any, Any]] = yaml.safe_load(WORKFLOW.read_text())
JOBS: Final[dict[str, dict[str, Any]]] = DOCUMENT["jobs"]

RIGHTS: Final[dict[str, dict[str, str]]] = {
    "check": {"actions": "read", "contents": "read"},
    "package": {"contents": "read"},
    "build": {"contents": "read", "packages": "write"},
    "index": {"contents": "read", "packages": "write"},
    "parts": {"contents": "read", "packages": "read"},
    "attest": {"attestations": "write", "id-token": "write", "packages": "write"},
    "try": {"contents": "read"},
    "try-native": {"contents": "read"},
    "publish": {"contents": "write", "packages": "write"},
    "pypi": {"id-token": "write"},
    "verify": {},
}
BEHIND_AN_APPROVAL: Final = {"publish": "release", "pypi": "pypi"}


def test_each_job_has_the_rights_it_needs() -> None:
    assert DOCUMENT["permissions"] == {}
    assert {name: job["permissions"] for name, job in JOBS.items()} == RIGHTS


def test_who_may_change_what_is_released_waits_for_a_yes() -> None:
    """No right to the repository's contents, and none to the package index, without an environment."""
    assert {name: job["environment"] for name, job in JOBS.items() if "environment" in job} == BEHIND_AN_APPROVAL
    assert {name for name, rights in RIGHTS.items() if rights.get("contents") == "write"} <= {*BEHIND_AN_APPROVAL}


def before(name: str) -> set[str]:
    """The jobs that have passed when one begins."""
    needs = JOBS[name].get("needs", [])
    direct = {needs} if isinstance(needs, str) else {*needs}
    return direct.union(*(before(each) for each in direct))


def test_nothing_has_a_name_before_it_was_tried() -> None:
    assert before("publish") == {"check", "package", "build", "index", "parts", "attest", "try", "try-native"}
    assert {name for name in JOBS if name != "check" and "check" not in before(name)} == set()
    for name in ("pypi", "verify"):
        assert "publish" in before(name)


def test_no_condition_lets_a_stage_run_after_a_failure() -> None:
    assert {name: job["if"] for name, job in JOBS.items() if "if" in job} == {
        "check": "github.ref == 'refs/heads/main'"
    }
    steps = [step for job in JOBS.values() for step in job["steps"]]
    assert not [step for step in steps if {"if", "continue-on-error"} & set(step)]


@pytest.mark.parametrize("name", JOBS)
def test_scripts_get_values_as_variables(name: str) -> None:
    for step in JOBS[name]["steps"]:
        assert "${{" not in step.get("run", ""), step


def test_no_failure_is_lost_in_a_script() -> None:
    """The runner's own bash has no pipefail; a named one has. `for … in $(…)` and `echo $(…)` lose a failure, too."""
    for path in WORKFLOW.parent.glob("*.yml"):
        document = yaml.safe_load(path.read_text())
        usual = document.get("defaults", {}).get("run", {}).get("shell")
        for step in (step for job in document["jobs"].values() for step in job.get("steps", ())):
            script = step.get("run", "")
            if re.search(r"(?<![|])[|](?![|])", re.sub(r"'[^']*'", "", script)):
                assert step.get("shell", usual) == "bash" or "pipefail" in script, (path.name, script)
            assert not re.search(r"\bfor \w+ in [^;\n]*\$\(", script), (path.name, script)
            assert not re.search(r"\becho [^\n]*\$\(", script), (path.name, script)


def test_who_can_sign_runs_nothing_but_actions() -> None:
    """What a package or a program of ours could do with the right to sign, an image would be trusted for."""
    for name, rights in RIGHTS.items():
        if "id-token" in rights:
            scripts = {step["run"].partition(" ")[0] for step in JOBS[name]["steps"] if "run" in step}
            assert scripts <= {"docker"}, name
            assert not [step for step in JOBS[name]["steps"] if "/checkout@" in step.get("uses", "")], name


def test_the_images_that_are_made_are_attested_and_verified() -> None:
    subjects = [
        step["with"]["subject-digest"] for step in JOBS["attest"]["steps"] if "/attest@" in step.get("uses", "")
    ]
    assert {*subjects} == {f"${{{{ needs.index.outputs.{variant} }}}}" for variant in ("action", "cli", "dvc")}
    (script,) = (step["run"] for step in JOBS["verify"]["steps"] if "attestation verify" in step["run"])
    assert 'for each in "$digest" "$CLI" "$DVC"' in script
    for option in (
        "--signer-workflow",
        "--source-ref refs/heads/main",
        '--source-digest "$parent"',
        "--deny-self-hosted",
    ):
        assert option in script


@pytest.mark.parametrize(
    "digest", ["", "null", "v3.0.0", f"sha256:{'0' * 63}", f"sha256:{'0' * 65}", f"sha256:{'G' * 64}"]
)
def test_what_is_no_digest_is_never_named(digest: str) -> None:
    """Such as what a stage before printed that lost a failure."""
    command = [str(ROOT / "tools/container/publish"), "index", "v0.0.0", digest]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr.endswith(f"has no digest but {digest!r}, which is not sha256: and 64 digits\n")
    assert ran.stderr.count("\n") == 1


def test_it_is_started_by_hand_only() -> None:
    assert list(DOCUMENT[True]) == ["workflow_dispatch"]  # `on`, as YAML 1.1 reads it
    assert DOCUMENT["concurrency"] == {"group": "release", "cancel-in-progress": False}


def test_no_checkout_keeps_its_token() -> None:
    checkouts = [step for job in JOBS.values() for step in job["steps"] if "/checkout@" in step.get("uses", "")]
    assert len(checkouts) >= 7
    assert {step["with"]["persist-credentials"] for step in checkouts} == {False}


def test_a_right_has_its_reason() -> None:
    text = WORKFLOW.read_text()
    rights = re.findall(r"^      (?:[\w-]+): (?:read|write)( # \S.*)?$", text, re.MULTILINE)
    assert len(rights) == sum(map(len, RIGHTS.values()))
    assert all(rights)


def test_every_tool_it_calls_is_called_as_it_is() -> None:
    """Each command of tools/release.py is used, with no option that it does not know."""
    used = set(re.findall(r"\S+/release[.]py (\w+)", WORKFLOW.read_text()))
    assert used == {"check", "commit", "moving", "notes", "verify"}
    assert set(re.findall(r"\S+/publish (\w+)", WORKFLOW.read_text())) == {"build", "index", "parts"}
