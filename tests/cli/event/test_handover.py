"""Where an answer goes: values, the JSON document, the page, and what people read."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.support import ci_readers
from tests.support.ci_runs import NAMES, RUNS, run_event
from tests.support.git_server import GitServer
from tests.support.oracle import oracle_python
from tests.support.repo import Repo

TAG = "churn#prod#2"
HOSTILE = {
    "a secret": "$CI_JOB_TOKEN",
    "a secret in parentheses": "$(System.AccessToken)",
    "a secret in per cent": "%CI_JOB_TOKEN%",
    "two lines": "one\nCI_JOB_TOKEN=two",
    "a command": "x ##vso[task.setvariable variable=PATH]y",
    "a command of TeamCity": "##teamcity[buildStop]",
    "quotes": 'it\'s a "b"',
    "spaces": " a ",
    "too long": "x" * 6_000,
    "a terminal's": "\x1b]0;x\x07",
}


@pytest.fixture
def clone_of(registry: Repo, clone: Path) -> Path:
    """The workspace as a clone of the registry, of which nothing was fetched."""
    subprocess.run(["git", "config", "remote.origin.url", registry.path.as_uri()], check=True)
    return clone


def variables_in(workspace: Path, key: str, tag: str = TAG) -> dict[str, str]:
    """Those of a run whose system does not say the address, so that `origin` counts."""
    given = RUNS[key].variables("", tag, workspace)
    return {name: value for name, value in given.items() if "/o/r" not in value and name != "GITHUB_REPOSITORY"}


def names_in(workspace: Path) -> list[str]:
    return sorted(each.name for each in workspace.iterdir() if each.name != ".git")


FILES = {
    "gitlab": ["gto.env", "gto.json"],
    "bitbucket": ["gto.json", "variables"],
    "azure": ["gto.json", "gto.md"],
    "jenkins": ["gto.json"],
    "circleci": ["bash_env", "gto.json"],
    "buildkite": ["gto.json"],
    "woodpecker": ["gto.json", "gto.sh"],
    "drone": ["gto.json", "gto.sh"],
    "codebuild": ["gto.json", "gto.sh"],
    "github": ["gto.json"],
    "gitea": ["gto.json"],
    "forgejo": ["gto.json"],
}


@pytest.mark.parametrize("key", FILES)
def test_what_is_written_by_default(key: str, clone_of: Path) -> None:
    result = run_event(variables=variables_in(clone_of, key))
    assert result.exit_code == 0, result.output
    assert names_in(clone_of) == FILES[key]


def test_in_a_terminal_nothing_is_written(registry: Repo, job: Path) -> None:
    result = run_event("--repo", str(registry.path), TAG, variables={})
    assert result.stdout.splitlines()[1].split() == ["value", "is"]
    assert "latest-version    v1.1.0" in result.stdout
    assert not names_in(job)


@pytest.mark.parametrize(
    ("form", "begins"),
    [
        ("sh", "export GTO_EVENT=assignment\n"),
        ("dotenv", "GTO_EVENT=assignment\n"),
        ("json", "{\n"),
        ("bitbucket", "GTO_"),
    ],
)
@pytest.mark.parametrize("output", [(), ("--output", "-")], ids=str)
def test_values_for_a_pipe_are_alone_on_standard_output(
    form: str, begins: str, output: tuple[str, ...], registry: Repo, job: Path
) -> None:
    result = run_event("--repo", str(registry.path), "--format", form, *output, TAG, variables={})
    assert result.stdout.startswith(begins)
    assert "was assigned to" not in result.stdout
    assert "was assigned to stage prod" in result.stderr
    assert "GTO_VERSION           v1.1.0" in result.stderr
    assert not names_in(job)


def test_every_path_can_be_named(clone_of: Path) -> None:
    result = run_event(
        *("--output", "out/values", "--json-file", "out/all.json", "--summary", "out/page.md"),
        variables=variables_in(clone_of, "gitlab"),
    )
    assert result.exit_code == 0, result.output
    assert ci_readers.gitlab((clone_of / "out/values").read_bytes())["GTO_STAGE"] == "prod"
    assert json.loads((clone_of / "out/all.json").read_text())["stage"] == "prod"
    page = (clone_of / "out/page.md").read_text()
    assert page.startswith("<h3><code>churn</code> <code>v1.1.0</code> was assigned to <code>prod</code></h3>")
    assert "Registry: 2 artifacts" in page


def test_other_artifacts_are_fetched_only_for_a_page(clone_of: Path) -> None:
    run_event(variables=variables_in(clone_of, "gitlab"))
    assert "other" not in (clone_of / "gto.json").read_text()


@pytest.mark.parametrize("key", ["circleci", "bitbucket"])
def test_a_file_of_the_system_is_added_to(key: str, clone_of: Path) -> None:
    variables = variables_in(clone_of, key)
    file = clone_of / ("bash_env" if key == "circleci" else "variables")
    file.write_text("A=b\n")
    for output in ((), ("--output", str(file))):
        assert run_event(*output, variables=variables).exit_code == 0
    text = file.read_text()
    assert text.startswith("A=b\n")
    assert text.count("GTO_STAGE=prod\n") == 2


def test_other_files_are_written_anew(clone_of: Path) -> None:
    (clone_of / "gto.env").write_text("OLD=1\n")
    run_event(variables=variables_in(clone_of, "gitlab"))
    assert len((clone_of / "gto.env").read_text().splitlines()) == len(NAMES)


def test_a_link_from_the_repository_is_replaced(clone_of: Path, tmp_path: Path) -> None:
    (tmp_path / "profile").write_text("safe")
    (clone_of / "gto.env").symlink_to(tmp_path / "profile")
    (clone_of / "gto.json").symlink_to(tmp_path / "nowhere")
    assert run_event(variables=variables_in(clone_of, "gitlab")).exit_code == 0
    assert (tmp_path / "profile").read_text() == "safe"
    assert not (tmp_path / "nowhere").exists()
    assert (clone_of / "gto.env").read_text().startswith("GTO_EVENT=")


def test_later_steps_may_be_somebody_else(clone_of: Path) -> None:
    run_event(variables=variables_in(clone_of, "gitlab"))
    assert (clone_of / "gto.env").stat().st_mode & 0o777 == 0o644


def test_a_device_is_written_to(clone_of: Path) -> None:
    assert run_event("--output", os.devnull, variables=variables_in(clone_of, "gitlab")).exit_code == 0
    assert not Path(os.devnull).is_file()


def test_a_folder_has_a_file_for_each_value(clone_of: Path) -> None:
    result = run_event("--format", "dir", "--output", "results", variables=variables_in(clone_of, "gitlab"))
    assert result.exit_code == 0, result.output
    assert names_in(clone_of / "results") == sorted(name.lower().replace("_", "-") for name in NAMES)
    assert (clone_of / "results/stage").read_bytes() == b"prod"
    assert (clone_of / "results/previous-version").read_bytes() == b"v1.0.0"


@pytest.mark.parametrize(
    ("key", "unset", "arguments", "said"),
    [
        ("bitbucket", "BITBUCKET_PIPELINES_VARIABLES_PATH", (), "BITBUCKET_PIPELINES_VARIABLES_PATH is not set, so "),
        (
            "circleci",
            "BASH_ENV",
            (),
            "BASH_ENV is not set, so the values have nowhere to go. Name a file with --output.",
        ),
        ("gitlab", "", ("--format", "dir"), "The format 'dir' needs a folder. Name it with --output."),
        ("gitlab", "", ("--ci", "tekton", TAG), "The format 'dir' needs a folder. Name it with --output."),
    ],
)
def test_values_that_have_nowhere_to_go(
    key: str, unset: str, arguments: tuple[str, ...], said: str, clone_of: Path
) -> None:
    variables = variables_in(clone_of, key)
    result = run_event(*arguments, variables={name: text for name, text in variables.items() if name != unset})
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(f"error: {said}")
    assert not names_in(clone_of)


def test_an_output_without_a_format(registry: Repo, job: Path) -> None:
    result = run_event("--repo", str(registry.path), "--output", "x", TAG, variables={})
    assert (
        result.stderr
        == "error: --output needs --format, because no CI system was recognized whose format could be used.\n"
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--output", ".git"), "The file of --output cannot be written at '.git': Is a directory."),
        (("--output", "file/x"), "The file of --output cannot be written at 'file/x': File exists."),
        (("--json-file", "/proc/x"), "The file of --json-file cannot be written at '/proc/x': "),
        (("--summary", "file/x"), "The file of --summary cannot be written at 'file/x': "),
        (("--format", "dir", "--output", "file"), "The folder of --output cannot be written at 'file/"),
    ],
)
def test_what_cannot_be_written(arguments: tuple[str, ...], said: str, clone_of: Path) -> None:
    (clone_of / "file").write_text("")
    result = run_event(*arguments, variables=variables_in(clone_of, "gitlab"))
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1].startswith(f"error: {said}")
    assert not (clone_of / "gto.env").exists()
    assert not [name for name in names_in(clone_of) if name.startswith(".")]


def test_a_file_of_the_system_that_cannot_be_written(clone_of: Path) -> None:
    result = run_event(variables=variables_in(clone_of, "circleci") | {"BASH_ENV": str(clone_of)})
    assert result.exit_code == 1
    assert f"BASH_ENV cannot be written at {str(clone_of)!r}: Is a directory." in result.stderr


def test_the_page_of_github_is_added_to(clone_of: Path) -> None:
    (clone_of / "page").write_text("before\n")
    variables = variables_in(clone_of, "github") | {"GITHUB_STEP_SUMMARY": str(clone_of / "page")}
    assert run_event(variables=variables).exit_code == 0
    page = (clone_of / "page").read_text()
    assert page.startswith("before\n")
    assert "was assigned to <code>prod</code>" in page


@pytest.mark.parametrize(
    ("arguments", "scratch", "path"),
    [((), "", "gto.md"), ((), "tmp", "tmp/gto.md"), (("--summary", "a.md"), "tmp", "a.md")],
)
def test_azure_is_told_of_the_page(arguments: tuple[str, ...], scratch: str, path: str, clone_of: Path) -> None:
    variables = variables_in(clone_of, "azure") | ({"AGENT_TEMPDIRECTORY": str(clone_of / scratch)} if scratch else {})
    result = run_event(*arguments, variables=variables)
    assert f"\n##vso[task.uploadsummary]{clone_of / path}\n" in result.stdout
    assert "was assigned to" in (clone_of / path).read_text()


@pytest.mark.parametrize(
    ("key", "link"),
    [
        ("gitlab", "/o/r/-/tags/churn%23prod%232"),
        ("gitea", "/o/r/src/tag/churn%23prod%232"),
        ("github", "/o/r/releases/tag/churn%23prod%232"),
        ("jenkins", ""),
    ],
)
def test_links_are_those_of_the_forge(key: str, link: str, registry: Repo, srv: Path, job: Path) -> None:
    with GitServer(srv, token="s3cret" if RUNS[key].user else "", user=RUNS[key].user) as server:
        result = run_event("--summary", "page.md", variables=RUNS[key].variables(server.url, TAG, job))
        assert result.exit_code == 0, result.output
        page = (job / "page.md").read_text()
        assert (f'href="{server.url}{link}"' in page) if link else ("href" not in page)


@pytest.mark.parametrize("kinds", [*zip([*HOSTILE][::2], [*HOSTILE][1::2], strict=True)], ids=" and ".join)
@pytest.mark.parametrize("key", ["gitlab", "bitbucket", "azure", "woodpecker", "jenkins"])
def test_a_hostile_text_is_read_as_it_is_or_not_at_all(
    key: str, kinds: tuple[str, str], registry: Repo, clone_of: Path
) -> None:
    given = dict(zip(("type", "desc"), (HOSTILE[kind] for kind in kinds), strict=True))
    commit = registry.commit({"dvc.yaml": json.dumps({"artifacts": {"bad": {"path": "a", **given}}})}, time=9000)
    registry.tag("bad@v1.0.0", commit, time=9001)
    result = run_event(variables=variables_in(clone_of, key, "bad@v1.0.0"))
    assert result.exit_code == 0, result.output
    found = dict(RUNS[key].read(clone_of, result))
    document = json.loads((clone_of / "gto.json").read_text())
    for name, text in (("type", given["type"]), ("description", given["desc"])):
        carried = found.pop(f"GTO_{name.upper()}")
        assert carried in {"", text}
        warned = f"warning: GTO_{name.upper()} is left empty, because its value " in result.stderr
        assert warned == (not carried)
        assert document[name] == text
    assert {name: value for name, value in found.items() if value} == {
        "GTO_EVENT": "registration",
        "GTO_NAME": "bad",
        "GTO_VERSION": "v1.0.0",
        "GTO_PATH": "a",
        "GTO_TAG": "bad@v1.0.0",
        "GTO_SHA": commit,
        "GTO_CURRENT_VERSION": "v1.0.0",
        "GTO_LATEST_VERSION": "v1.0.0",
        "GTO_IS_CURRENT": "true",
        "GTO_MATCHED": "true",
    }
    shown = [line for line in result.output.splitlines() if not line.startswith("##vso[task.")]
    assert not [line for line in shown if "##vso[" in line or "##teamcity[" in line or "\x1b" in line]


EVENTS = {
    "registration": "bad@v1.0.0",
    "deregistration": "bad@v1.0.0!#2",
    "assignment": "bad#prod#3",
    "unassignment": "bad#prod!#4",
    "deprecation": "bad@deprecated#5",
}


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("key", [key for key, run in RUNS.items() if not run.arguments])
def test_whatever_happened_a_later_step_reads_each_value_or_nothing(
    key: str, event: str, registry: Repo, clone_of: Path
) -> None:
    text = " ".join(text for kind, text in HOSTILE.items() if kind != "too long")
    given = {"path": text, "type": HOSTILE["too long"], "desc": HOSTILE["two lines"]}
    commit = registry.commit({"dvc.yaml": json.dumps({"artifacts": {"bad": given}})}, time=9000)
    for second, tag in enumerate(EVENTS.values()):
        registry.tag(tag, commit, time=9001 + second)
    result = run_event(variables=variables_in(clone_of, key, EVENTS[event]))
    assert result.exit_code == 0, result.output
    known = ci_readers.document((clone_of / "gto.json").read_text())
    assert (known["GTO_EVENT"], known["GTO_PATH"], known["GTO_DESCRIPTION"]) == (event, text, given["desc"])
    for name, value in RUNS[key].read(clone_of, result).items():
        assert value in {"", known[name]}, name
        left_out = f"warning: {name} is left empty, " in result.stderr
        assert (value == known[name]) != left_out


def test_a_value_that_is_left_out_is_named(registry: Repo, clone_of: Path) -> None:
    registry.tag(
        "bad@v1.0.0", registry.commit({"dvc.yaml": "artifacts: {bad: {path: $x, type: 5 %}}"}, time=9000), time=9001
    )
    result = run_event(variables=variables_in(clone_of, "gitlab", "bad@v1.0.0"))
    assert [line for line in result.stderr.splitlines() if line.startswith("warning: ")] == [
        "warning: GTO_TYPE is left empty, because its value has a '%', which GitLab may expand. gto.json has it.",
        "warning: GTO_PATH is left empty, because its value has a '$', which GitLab may expand. gto.json has it.",
    ]


def test_a_value_that_is_left_out_is_an_error_with_strict(registry: Repo, clone_of: Path) -> None:
    commit = registry.commit({"dvc.yaml": "artifacts: {bad: {path: $x}}"}, time=9000)
    registry.tag("bad@v1.0.0", commit, time=9001)
    result = run_event("--strict", variables=variables_in(clone_of, "gitlab", "bad@v1.0.0"))
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1] == (
        "error: GTO_PATH is left empty, because its value has a '$', which GitLab may expand. "
        "It is an error because of --strict. The format 'json' has it."
    )
    assert not names_in(clone_of)


def test_gto_is_not_steered_by_what_later_steps_have(registry: Repo, clone_of: Path) -> None:
    """GTO_STAGES would make it fail at once."""
    gto = Path(oracle_python()).with_name("gto")
    run_event(variables=variables_in(clone_of, "woodpecker"))
    ours = {f"GTO_ACTION_EVENT_{name}": "x" for name in ("STAGES", "EVENTS", "NAMES", "REF", "CI", "FORMAT", "STRICT")}
    script = f". ./gto.sh; GTO_ACTION_EVENT_REPO=x exec {gto} check-ref -r {registry.path} '{TAG}' --version"
    shown = subprocess.run(
        ["sh", "-c", script], env={**os.environ, **ours}, capture_output=True, text=True, check=False
    )
    assert (shown.stdout.strip(), shown.returncode) == ("v1.1.0", 0), shown.stderr
    stages = subprocess.run(
        [str(gto), "stages", "-r", str(registry.path)],
        env={**os.environ, "GTO_STAGES": "{}"},
        capture_output=True,
        check=False,
    )
    assert stages.returncode, "gto does not mind any longer: this test says nothing"
