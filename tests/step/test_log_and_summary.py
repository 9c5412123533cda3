"""What people read: the log and the summary."""

import html
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.action import Action
from tests.support.churn import DVC_YAML
from tests.support.git_server import GitServer
from tests.support.repo import Repo


def test_the_log_shows_the_registry_and_the_history(registry: Repo, action: Action) -> None:
    log = action("refs/tags/models=churn@v1.0.0").log.splitlines()
    start = log.index("::group::Registry")
    assert [line.split() for line in log[start + 1 : start + 4]] == [
        ["artifact", "latest", "stages"],
        ["models:churn", "v1.0.0", "eu/prod:", "v1.0.0"],
        ["other", "-", "dev:", registry.git("rev-parse", "main")[:7]],
    ]
    start = log.index("::group::History of models:churn")
    assert [line.split()[1::4] for line in log[start + 1 : start + 4]] == [
        ["event", "tag"],
        ["assignment", "models=churn#eu/prod#2"],
        ["registration", "models=churn@v1.0.0"],
    ]
    quiet = action("refs/tags/models=churn@v1.0.0", INPUT_SHOW="false", INPUT_HISTORY="false").log
    assert "Registry" not in quiet
    assert "History" not in quiet


HOSTILE = (
    "two\nlines\r\n::error::no\n##[add-mask]x ##[set-output name=event]no\nevent=no\nevent<<E\nno\nE\n"
    "ghadelimiter_\n%0A%25 \x1b[31mred \u202e| <b>@team</b> ![x](y) $(id) `id` \U0001f600\n"
)


def test_a_hostile_description_stays_text(repo: Repo, action: Action) -> None:
    escaped = "".join(c if " " <= c <= "~" and c not in '"\\' else f"\\U{ord(c):08x}" for c in HOSTILE)
    repo.commit({"dvc.yaml": f'artifacts: {{churn: {{path: "a b\\n;", type: "x\\nname=other", desc: "{escaped}"}}}}'})
    repo.tag("churn@v1.0.0", message=HOSTILE, tagger="##[error]x <x> 1 +0000")
    run = action("refs/tags/churn@v1.0.0")
    assert run.outputs is not None
    assert (run.outputs["event"], run.outputs["name"]) == ("registration", "churn")
    assert run.outputs["description"] == HOSTILE
    assert run.outputs["type"] == "x\nname=other"
    commands = [line for line in run.log.splitlines() if line.lstrip().startswith("::")]
    groups = ("Registry", "History of churn", "Outputs")
    assert commands == [line for group in groups for line in (f"::group::{group}", "::endgroup::")]
    assert "##[" not in run.log
    assert "\x1b" not in run.log
    assert "\x1b" not in run.summary
    assert html.escape("<b>") in run.summary


@pytest.mark.parametrize("locale", ["C", "POSIX", "en_US.ISO-8859-1"])
def test_the_log_is_utf_8_in_any_locale(repo: Repo, action: Action, locale: str) -> None:
    repo.commit({"dvc.yaml": "artifacts: {churn: {path: x, desc: déjà vu 🎉}}"})
    repo.tag("churn@v1.0.0")
    run = action("refs/tags/churn@v1.0.0", LC_ALL=locale, PYTHONIOENCODING="ascii")
    assert "déjà vu 🎉" in run.log
    assert run.document["description"] == "déjà vu 🎉"


def test_outputs_can_stay_out_of_the_log(registry: Repo, action: Action) -> None:
    run = action("refs/tags/churn#prod#4", INPUT_PRINT_OUTPUTS="false")
    assert "Who leaves" not in run.log
    assert run.document["event"] == "assignment"


def test_the_summary_says_what_happened(registry: Repo, action: Action) -> None:
    run = action("refs/tags/churn#prod#4")
    assert "<code>v3.1.0</code> was assigned to <code>prod</code>" in run.summary
    assert "```mermaid\n" in run.summary
    assert "Registry: " in run.summary


@pytest.mark.parametrize(
    ("markers", "path"),
    [({}, "releases/tag"), ({"GITEA_ACTIONS": "true"}, "src/tag"), ({"FORGEJO_ACTIONS": "true"}, "src/tag")],
    ids=["GitHub", "Gitea", "Forgejo"],
)
def test_links_are_those_of_the_server(
    markers: dict[str, str], path: str, registry: Repo, action: Action, http: Callable[..., GitServer]
) -> None:
    with http() as server:
        run = action("refs/tags/churn@v3.0.0", GITHUB_SERVER_URL=server.url, **markers)
    assert f'href="{server.url}/o/r/{path}/churn%40v3.0.0"' in run.summary


def test_no_summary(registry: Repo, action: Action) -> None:
    run = action("refs/tags/churn#prod#4", INPUT_SUMMARY="false")
    assert run.document["event"] == "assignment"
    assert run.summary == ""


def test_the_summary_of_one_artifact(registry: Repo, action: Action) -> None:
    run = action("refs/tags/churn#prod#4", INPUT_SHOW="false", INPUT_HISTORY="false")
    assert "was assigned to" in run.summary
    assert "```mermaid\n" in run.summary
    assert "Registry" not in run.summary
    assert "History" not in run.summary


@pytest.mark.parametrize(
    ("environ", "why"),
    [
        ({"INPUT_STAGES": "staging"}, "Not matched: stage 'prod' is not among `stages`: staging."),
        ({"INPUT_EVENTS": "*registration"}, "Not matched: event 'assignment' is not among `events`: *registration."),
        (
            {"INPUT_ARTIFACT": "churn@latest", "INPUT_STAGES": "prod"},
            "Not matched: there is no stage, and `stages` asks for prod.",
        ),
    ],
    ids=["stages", "events", "artifact"],
)
def test_what_does_not_match_is_said(repo: Repo, action: Action, environ: dict[str, str], why: str) -> None:
    repo.commit(time=1)
    repo.tag("churn@v1.0.0", time=2)
    repo.tag("churn#prod#4", time=3)
    run = action("refs/tags/churn#prod#4", **environ)
    assert run.outputs
    assert run.outputs["matched"] == "false"
    assert run.log.splitlines()[-2] == why
    assert "Not matched: " in run.summary
    assert "Not matched" not in action("refs/tags/churn#prod#4").log


def test_the_closing_sentence_stands_out(registry: Repo, action: Action) -> None:
    closing = action("refs/tags/churn#prod#4", NO_COLOR="").log.splitlines()[-1]
    assert re.fullmatch(r"\x1b\[1mchurn v3\.1\.0 was assigned to stage prod .*\x1b\[0m", closing)


def test_debug_logging_says_what_git_does_and_when(registry: Repo, action: Action, srv: Path) -> None:
    with GitServer(srv, token="s3cret") as server:
        environ = {"GITHUB_SERVER_URL": server.url, "INPUT_TOKEN": "s3cret"}
        quiet = action("refs/tags/churn#prod#4", **environ)
        run = action("refs/tags/churn#prod#4", **environ, RUNNER_DEBUG="1")
    assert "::debug::" not in quiet.log
    said = [line for line in run.log.splitlines() if line.startswith("::debug::")]
    assert all(re.match(r"::debug::\d+\.\d{3} s: ", line) for line in said)
    for text in (
        "remote-http",
        "fetched",
        f"read {len(registry.git('tag').splitlines())} tags",
        "answered",
        "delivered",
    ):
        assert any(text in line for line in said), text
    assert "s3cret" not in run.log


def test_ten_annotations_of_a_level_and_the_rest_counted(repo: Repo, action: Action) -> None:
    settings = "".join(f"what{number}: 1\n" for number in range(15))
    repo.commit({"dvc.yaml": DVC_YAML, ".gto": settings})
    repo.tag("churn@v1.0.0")
    run = action("refs/tags/churn@v1.0.0")
    assert run.code == 0, run.log
    assert len(run.told("warning")) == 10
    assert "Only 10 of 15 warnings are shown as annotations; the rest are in the log." in run.log
    for number in range(15):
        assert f"'what{number}'" in run.log
        assert f"&#x27;what{number}&#x27;" in run.summary


def test_without_a_summary_file(registry: Repo, action: Action) -> None:
    assert action("refs/tags/churn#prod#4", GITHUB_STEP_SUMMARY="").code == 0
