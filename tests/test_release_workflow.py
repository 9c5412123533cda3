"""What `.github/workflows/release.yml` may do, and in which order: each stage has the rights that it needs, and no more."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from gto_action.published import REPOSITORY, VARIANTS
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
    "try-variants": {"contents": "read"},
    "try-package": {"contents": "read"},
    "publish": {"contents": "write", "packages": "write"},
    "pypi": {"id-token": "write"},
    "verify-package": {},
    "verify": {},
}
EMPTY_TREE: Final = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
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
    tried = {"try", "try-native", "try-variants", "try-package"}
    assert before("publish") == {"check", "package", "build", "index", "parts", "attest", *tried}
    assert {name for name in JOBS if name != "check" and "check" not in before(name)} == set()
    for name in ("pypi", "verify"):
        assert "publish" in before(name)
    assert "pypi" in before("verify-package")


def test_all_that_is_published_was_tried() -> None:
    """The image by its action, each variant by its digest, and the very wheel that PyPI gets."""
    (commit,) = (step for step in JOBS["try"]["steps"] if "release.py commit" in step.get("run", ""))
    assert commit["env"] == {"DIGEST": "${{ needs.index.outputs.action }}"}
    assert [step["uses"] for step in JOBS["try"]["steps"] if step.get("id") == "gto"] == ["./"]
    (step,) = (step for step in JOBS["try-variants"]["steps"] if "run" in step)
    for variant in VARIANTS:
        assert step["env"][variant.upper()] == f"${{{{ needs.index.outputs.{variant} }}}}"
        assert f'try-release.sh {variant} "$IMAGE@${variant.upper()}"\n' in step["run"]
    downloads = [
        [step["with"] for step in JOBS[name]["steps"] if "/download-artifact@" in step.get("uses", "")]
        for name in ("try-package", "pypi", "verify-package")
    ]
    assert downloads == [[{"artifact-ids": "${{ needs.package.outputs.dist }}", "path": "dist/"}]] * 3
    assert JOBS["verify-package"]["steps"][-1]["run"] == "python3 -I tools/package_index.py has dist"
    assert JOBS["try-package"]["steps"][-1]["run"] == "tools/try-release.sh package dist"


def test_what_goes_from_job_to_job_is_not_replaced() -> None:
    """Whatever runs in a job may put another artifact in the place of a name; an id is that of what was uploaded."""
    steps = [(name, step) for name, job in JOBS.items() for step in job["steps"]]
    uploads = [(name, step) for name, step in steps if "/upload-artifact@" in step.get("uses", "")]
    for name, step in uploads:
        assert JOBS[name]["outputs"] == {step["with"]["name"]: f"${{{{ steps.{step['id']}.outputs.artifact-id }}}}"}
        assert step["with"]["overwrite"] is True  # so that the job can be run again
    known = {f"${{{{ needs.{name}.outputs.{step['with']['name']} }}}}" for name, step in uploads}
    downloads = [(name, step["with"]) for name, step in steps if "/download-artifact@" in step.get("uses", "")]
    assert len(downloads) == 5
    for name, given in downloads:
        assert {*given["artifact-ids"].split(",")} <= known
        assert "name" not in given
        assert "package" in before(name) or "parts" in before(name)


@pytest.mark.parametrize("name", ["try", "try-variants"])
def test_it_is_tried_on_every_machine_that_it_is_built_for(name: str) -> None:
    machines = [each["runner"] for each in JOBS["build"]["strategy"]["matrix"]["include"]]
    assert JOBS[name]["strategy"]["matrix"]["runner"] == machines


def script_of(job: str, name: str) -> str:
    (step,) = (step for step in JOBS[job]["steps"] if step.get("name") == name)
    return str(step["run"])


def run_script(script: str, folder: Path, variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Runs a step's script as the runner does."""
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
    environ = {"PATH": os.environ["PATH"], "HOME": str(folder), **variables}
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize(
    ("repository", "ref", "code"),
    [
        (REPOSITORY, "refs/heads/main", 0),
        ("somebody/gto-action", "refs/heads/main", 1),  # a fork
        (REPOSITORY, "refs/heads/other", 1),
        (REPOSITORY, "refs/tags/main", 1),
    ],
)
def test_a_release_is_made_on_main_of_the_repository_only(repository: str, ref: str, code: int) -> None:
    """With a sentence, as a run that skips all looks as if it had passed."""
    script = script_of("check", "It is main of the repository that releases")
    ran = run_script(script, ROOT, {"GITHUB_REPOSITORY": repository, "GITHUB_REF": ref})
    said = f"::error::Releases are made on main of {REPOSITORY}, not on {ref} of {repository}.\n"
    assert (ran.returncode, ran.stdout) == (code, said if code else "")


class Origin:
    """The repository with a tag `v3.0.0` that was just pushed, and the workflow's clone of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clone = folder / "clone"
        for name in ("gto_action", "tools"):
            (self.clone / name).mkdir(parents=True)
        for name in ("gto_action/published.py", *(f"tools/{each.name}" for each in (ROOT / "tools").glob("*.py"))):
            shutil.copy2(ROOT / name, self.clone / name)
        subprocess.run(["git", "init", "-q", "--bare", folder / "origin.git"], check=True)
        self.git("init", "-q", "-b", "main")
        self.git("remote", "add", "origin", str(folder / "origin.git"))
        self.older, self.commit = (self.git("commit-tree", "-m", each, EMPTY_TREE) for each in ("older", "released"))
        self.push(self.commit, "v3.0.0")

    def git(self, *arguments: str) -> str:
        identity = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")
        command = ["git", *identity, "-C", str(self.clone), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout.strip()

    def push(self, commit: str, tag: str) -> None:
        self.git("push", "-q", "--force", "origin", f"{commit}:refs/tags/{tag}")

    def tags(self) -> dict[str, str]:
        lines = [line.split() for line in self.git("ls-remote", "--tags", "origin").splitlines()]
        return {ref.removeprefix("refs/tags/"): commit for commit, ref in lines}

    def move(self) -> subprocess.CompletedProcess[str]:
        """Runs the step that moves tags."""
        path = f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
        script = script_of("publish", "Move the tags that are to move")
        return run_script(script, self.clone, {"PATH": path, "VERSION": "3.0.0", "COMMIT": self.commit})


@pytest.fixture
def origin(tmp_path: Path) -> Origin:
    return Origin(tmp_path)


def test_the_first_release_makes_the_tags_that_move(origin: Origin) -> None:
    for _ in range(2):  # the job is run again
        ran = origin.move()
        assert ran.returncode == 0, ran.stderr
        assert origin.tags() == dict.fromkeys(("v3", "v3.0", "v3.0.0"), origin.commit)


def test_a_release_moves_the_tags_of_its_line(origin: Origin) -> None:
    for name in ("v3", "v3.0"):
        origin.push(origin.older, name)
    assert origin.move().returncode == 0
    assert origin.tags() == dict.fromkeys(("v3", "v3.0", "v3.0.0"), origin.commit)


def test_a_release_that_is_overtaken_takes_nothing_back(origin: Origin) -> None:
    """`v3.1.0` was released while this one waited for somebody's yes."""
    for name in ("v3", "v3.1", "v3.1.0"):
        origin.push(origin.older, name)
    assert origin.move().returncode == 0
    assert origin.tags() == {
        **dict.fromkeys(("v3", "v3.1", "v3.1.0"), origin.older),
        **dict.fromkeys(("v3.0", "v3.0.0"), origin.commit),
    }


@pytest.mark.parametrize("before", ["older", ""])
def test_a_tag_that_somebody_moves_at_that_moment_is_theirs(origin: Origin, before: str) -> None:
    if before:
        origin.push(origin.older, "v3")
    theirs = origin.git("commit-tree", "-m", "theirs", EMPTY_TREE)
    program = origin.folder / "bin/python3"  # between the look at the tags and the push
    program.parent.mkdir()
    push = f"git push -q --force origin {theirs}:refs/tags/v3"
    program.write_text(f'#!/bin/sh\n{push}\nexec "{sys.executable}" "$@"\n')
    program.chmod(0o755)
    ran = origin.move()
    assert ran.returncode != 0
    assert "stale info" in ran.stderr or "rejected" in ran.stderr
    assert origin.tags()["v3"] == theirs


def test_no_condition_lets_a_stage_run_after_a_failure() -> None:
    assert not [name for name, job in JOBS.items() if "if" in job]
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
