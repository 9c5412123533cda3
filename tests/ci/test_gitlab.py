"""GitLab: the component and each example, run by gitlab-ci-local against a server that demands the job's token."""

import json
import re
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from gto_action import __version__
from gto_action.hosts.formats import Format
from gto_action.published import REPOSITORY
from tests.ci.conftest import TOKEN
from tests.support import ci_readers
from tests.support.git_server import GitServer
from tests.support.gitlab import Pipeline, from_here, missing, raw_files, run_pipeline
from tests.support.pages import ROOT
from tests.support.repo import Repo
from tests.support.skipping import skip

EXAMPLES: Final = ROOT / "examples/ci"
TEMPLATE: Final = ROOT / "templates/event.yml"
INCLUDED: Final = "include:\n  - local: templates/event.yml\n"

RunTag = Callable[..., Pipeline]


@pytest.fixture(scope="session")
def _gitlab_ci_local() -> None:
    if what := missing():
        skip("GitLab's pipelines", what)


@pytest.fixture
def server(srv: Path) -> Iterator[GitServer]:
    with GitServer(srv, token=TOKEN, user="gitlab-ci-token") as server:
        yield server


@pytest.fixture
def project(registry: Repo, tmp_path: Path, server: GitServer) -> Path:
    """The clone in which jobs run."""
    folder = tmp_path / "project"
    subprocess.run(["git", "clone", "-q", registry.path.as_uri(), str(folder)], check=True)
    subprocess.run(
        ["git", "-C", str(folder), "remote", "set-url", "origin", f"{server.url}/acme/models.git"], check=True
    )
    subprocess.run(["git", "-C", str(folder), "remote", "set-head", "origin", "main"], check=True)
    return folder


@pytest.fixture
def run(_gitlab_ci_local: None, project: Path, programs: Path, server: GitServer) -> Iterator[RunTag]:
    """Runs a pipeline for a tag."""
    with raw_files(f"v{__version__}", REPOSITORY) as address:

        def run(
            text: str, tag: str, *jobs: str, given: Mapping[str, str] | None = None, token: str = TOKEN
        ) -> Pipeline:
            checkout = [
                "git",
                "-C",
                str(project),
                "checkout",
                "--quiet",
                "--force",
                f"refs/tags/{tag}",
            ]  # as the runner does
            subprocess.run(checkout, check=True)
            for folder in ("templates", "examples/ci"):
                for file in (ROOT / folder).glob("*.yml"):
                    target = project / (f"templates/{file.name}" if folder == "templates" else file.name)
                    target.parent.mkdir(exist_ok=True)
                    target.write_text(file.read_text())
            (project / ".gitlab-ci.yml").write_text(from_here(text, address))
            subprocess.run(["git", "-C", str(project), "add", "--all"], check=True)
            variables = {"GITLAB_CI": "true", "CI_PROJECT_URL": f"{server.url}/acme/models", "CI_JOB_TOKEN": token}
            return run_pipeline(
                project, *jobs, programs=programs, variables={**variables, "CI_COMMIT_TAG": tag, **(given or {})}
            )

        yield run


def example(name: str) -> str:
    """An example, but for the release that it installs and the service beside its job: here are neither."""
    text = re.sub(r"^ +services: .*\n", "", (EXAMPLES / name).read_text(), flags=re.MULTILINE)
    return re.sub(r"- pip install .*", "- 'true'", text)


ROWS: Final[list[tuple[str, str, dict[str, str], str]]] = [
    (
        "gitlab-deploy.yml",
        "churn#prod#2",
        {"gto": "PASS", "deploy": "PASS"},
        "Deploying churn v1.1.0 from models/churn.pkl",
    ),
    (
        "gitlab-deploy.yml",
        "churn#prod#1",
        {"gto": "PASS", "deploy": "WARN"},
        "Nothing is deployed: churn#prod#1 is not in force.",
    ),
    (
        "gitlab-deploy.yml",
        "not_gto_#prod",
        {"gto": "PASS", "deploy": "WARN"},
        "Nothing is deployed: not_gto_#prod is not in force.",
    ),
    ("gitlab-deploy.yml", "churn#dev", {"gto": "PASS"}, ""),
    ("gitlab-deploy.yml", "v1.1.0", {}, ""),
    ("gitlab-rules.yml", "churn@v1.1.0", {"gto": "PASS", "registered": "PASS"}, "churn v1.1.0 is registered"),
    ("gitlab-rules.yml", "churn#prod#2", {"gto": "PASS", "assigned": "PASS"}, "prod goes from v1.0.0 to v1.1.0"),
    ("gitlab-rules.yml", "old#prod!#2", {"gto": "PASS", "unassigned": "PASS"}, "prod falls back to nothing"),
    ("gitlab-rules.yml", "not_gto_#prod", {"gto": "FAIL"}, ""),
    (
        "gitlab-rules.yml",
        "churn#prod#1",
        {"gto": "PASS", "assigned": "WARN"},
        "Nothing is done: churn#prod#1 is not in force.",
    ),
    ("gitlab-gate.yml", "churn#prod#2", {"deploy": "PASS"}, "Deploying churn v1.1.0 from models/churn.pkl"),
    ("gitlab-gate.yml", "churn#prod#1", {"deploy": "WARN"}, "churn v1.0.0 is not deployed: prod has v1.1.0 now."),
    ("gitlab-gate.yml", "not_gto_#prod", {"deploy": "WARN"}, "The tag 'not_gto_#prod' is not a GTO tag. "),
]


@pytest.mark.parametrize(("name", "tag", "jobs", "said"), ROWS)
def test_an_example(name: str, tag: str, jobs: dict[str, str], said: str, run: RunTag) -> None:
    pipeline = run(example(name), tag)
    assert pipeline.jobs == jobs, pipeline.log
    lines = [line for job, lines in pipeline.said.items() if job != "gto" for line in lines]
    assert not said or [line for line in lines if line.startswith(said)], pipeline.log


def test_an_image_is_built(run: RunTag, programs: Path, tmp_path: Path) -> None:
    recorder = programs / "docker"
    recorder.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/calls\n[ "$1" != login ] || cat >> {tmp_path}/calls\n')
    recorder.chmod(0o755)
    given = {"CI_REGISTRY": "r.example", "CI_REGISTRY_IMAGE": "r.example/acme/models", "CI_REGISTRY_USER": "u"}
    pipeline = run(example("gitlab-image.yml"), "churn@v1.1.0", given={**given, "CI_REGISTRY_PASSWORD": "p"})
    assert pipeline.jobs == {"gto": "PASS", "build-image": "PASS"}, pipeline.log
    assert (tmp_path / "calls").read_text().splitlines() == [
        "login --username u --password-stdin r.example",
        "pbuild --tag r.example/acme/models/churn:v1.1.0 --build-arg ARTIFACT_PATH=models/churn.pkl .",
        "push r.example/acme/models/churn:v1.1.0",
    ]
    without_path = run(example("gitlab-image.yml"), "Up=it@v2.0.0+cpu")
    assert without_path.jobs == {"gto": "FAIL"}, without_path.log
    assert "It is an error because of --strict." in without_path.log


@pytest.mark.parametrize(
    ("name", "image"),
    [
        ("churn", "r/churn:v1.0.0_cpu"),
        ("a/b:c", "r/a/b__c:v1.0.0_cpu"),
        ("a:b/c", "r/a__b/c:v1.0.0_cpu"),
        ("a.b:c--d", "r/a.b__c--d:v1.0.0_cpu"),
        ("Churn", ""),
        ("a__b", ""),
        ("_x:m", ""),
        ("x/:m", ""),
        ("a//b", ""),
        (".:m", ""),
    ],
)
def test_no_two_artifacts_have_one_image(name: str, image: str, tmp_path: Path) -> None:
    script = "\n".join(yaml.safe_load((EXAMPLES / "gitlab-image.yml").read_text())["build-image"]["script"])
    recorder = tmp_path / "docker"
    recorder.write_text('#!/bin/sh\ncat > /dev/null\n[ "$1" != push ] || echo "$2"\n')
    recorder.chmod(0o755)
    given = {"GTO_NAME": name, "GTO_VERSION": "v1.0.0+cpu", "GTO_PATH": "m.pkl", "CI_REGISTRY_IMAGE": "r"}
    result = subprocess.run(
        ["dash", "-e", "-c", script],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin", **given},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if image:
        assert (result.returncode, result.stdout) == (0, f"{image}\n"), result.stderr
    else:
        assert result.returncode == 1
        assert result.stdout.startswith(f"No image can be named after '{name}': it has capitals, ")


CHILD: Final = yaml.safe_load((EXAMPLES / "gitlab-child.yml").read_text())["event"]


@pytest.mark.parametrize(
    ("tag", "jobs", "said"),
    [
        ("churn#prod#2", {"deploy": "PASS"}, "Deploying churn v1.1.0 to prod"),
        ("churn#dev", {"deploy": "PASS"}, "Deploying churn v1.1.0 to dev"),
        ("churn#prod#1", {"others": "PASS"}, "churn v1.0.0, assignment"),
        ("old#prod!#2", {"fall-back": "PASS"}, "prod falls back to nothing"),
        ("churn@v1.1.0", {"others": "PASS"}, "churn v1.1.0, registration"),
        ("not_gto_#prod", {"others": "PASS"}, "not_gto_#prod , not an event"),
    ],
)
def test_a_child_pipeline(tag: str, jobs: dict[str, str], said: str, run: RunTag, project: Path) -> None:
    """gitlab-ci-local gives a child no variables of a report, so they are made here as GitLab does."""
    parent = run(example("gitlab-child.yml"), tag, "gto")
    assert parent.jobs == {"gto": "PASS"}, parent.log
    values = ci_readers.gitlab(report_in(project))
    given = {name: values[value.removeprefix("$")] for name, value in CHILD["variables"].items()}
    child = run(example(CHILD["trigger"]["include"]), tag, given=given)
    assert child.jobs == jobs, child.log
    assert [said] in child.said.values()


def report_in(project: Path) -> bytes:
    """The job's report, as it is uploaded."""
    (report,) = (project / ".gitlab-ci-local/artifacts").rglob("gto.env")
    return report.read_bytes()


def test_every_example_is_run() -> None:
    run_here = {row[0] for row in ROWS} | {"gitlab-image.yml", "gitlab-child.yml", "gitlab-child-event.yml"}
    assert run_here == {file.name for file in EXAMPLES.glob("gitlab-*")}


COMPONENT: Final = "include:\n  - component: $CI_SERVER_FQDN/$CI_PROJECT_PATH/event@$CI_COMMIT_SHA\n"


@pytest.mark.parametrize("included", [INCLUDED, COMPONENT], ids=["local", "component"])
def test_the_component_gives_everything_by_default(included: str, run: RunTag, project: Path) -> None:
    pipeline = run(included, "churn#prod#2")
    assert pipeline.jobs == {"gto": "PASS"}, pipeline.log
    found = ci_readers.gitlab(report_in(project))
    assert (found["GTO_TAG"], found["GTO_VERSION"], found["GTO_MATCHED"]) == ("churn#prod#2", "v1.1.0", "true")
    (document,) = (project / ".gitlab-ci-local/artifacts").rglob("gto.json")
    assert json.loads(document.read_text())["stage"] == "prod"


def inputs_of(**inputs: object) -> str:
    return yaml.safe_dump(
        {"include": [{"local": "templates/event.yml", "inputs": inputs}], "stages": ["build", "mine"]}
    )


@pytest.mark.parametrize(
    ("inputs", "tag", "jobs", "said"),
    [
        ({"job-name": "what", "job-stage": "mine"}, "churn#prod#2", {"what": "PASS"}, "GTO_MATCHED           true"),
        ({"stages": "dev staging"}, "churn#prod#2", {"gto": "PASS"}, "Not matched: stage 'prod' is not among `stages`: dev, staging."),
        ({"events": "*assignment", "names": "other churn", "stages": "dev prod"}, "churn#prod#2", {"gto": "PASS"}, "GTO_MATCHED           true"),
        ({"strict": True}, "not_gto_#prod", {"gto": "FAIL"}, "error: The tag 'not_gto_#prod' is not a GTO tag."),
        ({"if": "$CI_COMMIT_TAG =~ /#dev$/"}, "churn#prod#2", {}, ""),
        ({"if": "$CI_COMMIT_TAG", "lightweight": "warn"}, "v1.1.0", {"gto": "PASS"}, "The tag 'v1.1.0' is not a GTO tag."),
        ({"prefix": "MODEL_"}, "churn#prod#2", {"gto": "PASS"}, "MODEL_VERSION"),
        ({"token-env": "READ_TOKEN"}, "churn#prod#2", {"gto": "PASS"}, "GTO_MATCHED           true"),
        ({"events": "assign"}, "churn#prod#2", {"gto": "FAIL"}, "Usage: "),
    ],
    ids=str,
)  # fmt: skip
def test_the_inputs_of_the_component(
    inputs: dict[str, object], tag: str, jobs: dict[str, str], said: str, run: RunTag
) -> None:
    token = "wrong" if "token-env" in inputs else TOKEN
    pipeline = run(inputs_of(**inputs), tag, given={"READ_TOKEN": TOKEN}, token=token)
    assert pipeline.jobs == jobs, pipeline.log
    assert not said or [line for lines in pipeline.said.values() for line in lines if line.startswith(said)], (
        pipeline.log
    )


def test_a_token_that_may_not_read(run: RunTag) -> None:
    pipeline = run(INCLUDED, "churn#prod#2", token="wrong")
    assert pipeline.jobs == {"gto": "FAIL"}, pipeline.log
    assert "refused the token. CI_JOB_TOKEN reads its own project, and those whose settings let it in " in pipeline.log
    assert "wrong" not in pipeline.log


def test_a_description_is_not_expanded_in_later_jobs(run: RunTag, registry: Repo, project: Path) -> None:
    text = json.dumps({"artifacts": {"bad": {"path": "$CI_JOB_TOKEN", "type": "a;id", "desc": "$(touch x)"}}})
    registry.tag("bad@v1.0.0", registry.commit({"dvc.yaml": text}, time=9000), time=9001)
    subprocess.run(["git", "-C", str(project), "fetch", "-q", registry.path.as_uri(), "--tags"], check=True)
    later = "later:\n  needs: [gto]\n  script: ['echo \"<$GTO_PATH> <$GTO_TYPE> <$GTO_DESCRIPTION>\"']\n"
    pipeline = run(f"{INCLUDED}{later}", "bad@v1.0.0")
    assert pipeline.said["later"] == ["<> <a;id> <>"], pipeline.log
    assert "GTO_PATH is left empty, " in pipeline.log
    assert TOKEN not in pipeline.log
    assert not [*project.rglob("x")]


def documents() -> tuple[dict[str, Any], dict[str, Any]]:
    spec, job = yaml.safe_load_all(TEMPLATE.read_text())
    return spec["spec"]["inputs"], job


def test_every_input_is_used_and_explained() -> None:
    inputs, _ = documents()
    text = TEMPLATE.read_text()
    for name, declared in inputs.items():
        assert f"$[[ inputs.{name} ]]" in text
        assert declared["description"].endswith(".")
        assert "default" in declared


def test_the_job_hands_over_as_gitlab_reads() -> None:
    _, jobs = documents()
    (job,) = jobs.values()
    assert job["artifacts"]["reports"] == {Format.DOTENV.value: "gto.env"}
    assert job["image"]["entrypoint"] == [""]
