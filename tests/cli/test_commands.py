"""The command line, on real repositories."""

import json
import os
import pty
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gto_action.cli import commands
from tests.support.git_server import GitServer
from tests.support.repo import Repo

ROOT = Path(__file__).parents[2]

Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def _no_colours_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE", "COLUMNS", "GTO_STAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The registry that most tests ask about, made once."""
    repo = Repo(tmp_path_factory.mktemp("template") / "r")
    first = repo.commit({"dvc.yaml": "artifacts: {churn: {path: a}}"}, time=1000)
    repo.tag("churn@v1.0.0", first, time=1001)
    repo.tag("churn#prod#1", first, time=1002)
    second = repo.commit({"dvc.yaml": "artifacts: {churn: {path: a}}", "README.md": "2"}, time=2000)
    repo.tag("churn@v1.1.0", second, time=2001, message="better")
    repo.tag("churn#dev#2", second, time=2002)
    repo.tag("models/nlp=sentiment@v0.1.0", second, time=2003)
    repo.tag("old@v1.0.0", second, time=2004)
    repo.tag("old@deprecated", second, time=2005)
    third = repo.commit(time=3000)
    repo.tag("bare#dev", third, time=3001)
    repo.tag("nightly-7", third, time=3002)
    return repo.path


@pytest.fixture
def registry(repo: Repo, template: Path) -> Repo:
    shutil.copytree(template, repo.path, dirs_exist_ok=True)
    return repo


@pytest.fixture
def run(registry: Repo) -> Run:
    def invoke(*arguments: str, repo: str = str(registry.path), **variables: str) -> Result:
        return CliRunner().invoke(commands.group, ["--repo", repo, *arguments], obj=variables)

    return invoke


def _python(*arguments: str, cwd: Path, **options: object) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "gto_action", *arguments]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


def _rows(text: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines()]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["churn#prod#1", "--name"], "churn\n"),
        (["churn#prod#1", "--version"], "v1.0.0\n"),
        (["churn#prod#1", "--stage"], "prod\n"),
        (["churn#prod#1", "--event"], "assignment\n"),
        (["refs/tags/churn@v1.1.0", "--version"], "v1.1.0\n"),
        (["churn@v1.1.0", "--stage"], ""),
        (["old@deprecated", "--version"], ""),
        (["old@deprecated", "--event"], "deprecation\n"),
        (["models/nlp=sentiment@v0.1.0", "--name"], "models/nlp:sentiment\n"),
        (["churn@v9.9.9"], ""),
        (["churn@v9.9.9", "--json"], ""),
        (["models/nlp:sentiment@v0.1.0"], ""),
        (["nightly-7"], ""),
        (["main"], ""),
        (["refs/heads/main"], ""),
        (["tags/churn@v1.1.0"], ""),
    ],
)
def test_check_ref(run: Run, arguments: list[str], expected: str) -> None:
    result = run("check-ref", *arguments)
    assert (result.exit_code, result.stdout) == (0, expected)


@pytest.mark.parametrize(
    ("ref", "reason"),
    [
        ("churn@v9.9.9", "There is no tag 'churn@v9.9.9'."),
        ("refs/tags/churn#prd#9", "There is no tag 'churn#prd#9'."),
        ("churn@1.0.0", "'churn@1.0.0' is not a GTO tag; 'churn@v1.0.0' would be one."),
        ("models/nlp:sentiment@v0.1.0", "'models/nlp:sentiment@v0.1.0' is not a GTO tag; 'models/nlp=sentiment@v0.1.0' would be one."),
        ("nightly-7", "'nightly-7' is not a GTO tag."),
        ("refs/heads/main", "'refs/heads/main' is not a GTO tag."),
        ("churn@created", "'churn@created' is not a GTO tag."),
    ],
)  # fmt: skip
@pytest.mark.parametrize("form", [[], ["--json"], ["--version"]])
def test_check_ref_says_why_it_says_nothing(run: Run, ref: str, reason: str, form: list[str]) -> None:
    result = run("check-ref", ref, *form)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", f"{reason}\n")


@pytest.mark.parametrize("arguments", [["churn@v1.1.0", "--stage"], ["old@deprecated", "--version"], ["churn#prod#1"]])
def test_check_ref_says_nothing_beside_an_answer(run: Run, arguments: list[str]) -> None:
    assert run("check-ref", *arguments).stderr == ""


def test_check_ref_is_a_sentence_for_people(run: Run, registry: Repo) -> None:
    commit = registry.git("rev-parse", "churn#prod#1^{commit}")[:7]
    sentence = f"churn v1.0.0 was assigned to stage prod (tag churn#prod#1, commit {commit})\n"
    assert run("check-ref", "churn#prod#1").stdout == sentence


def test_check_ref_as_json(run: Run, registry: Repo) -> None:
    assert json.loads(run("check-ref", "churn@v1.1.0", "--json").stdout) == {
        "artifact": "churn",
        "created_at": "1970-01-01T00:33:21+00:00",
        "author": "Ada Lovelace",
        "author_email": "ada@example.com",
        "message": "better",
        "commit_hexsha": registry.git("rev-parse", "churn@v1.1.0^{commit}"),
        "tag": "churn@v1.1.0",
        "version": "v1.1.0",
        "event": "registration",
    }


def test_check_ref_of_a_lightweight_tag(run: Run, registry: Repo) -> None:
    commit = registry.lightweight("churn@v3.0.0")
    result = run("check-ref", "churn@v3.0.0")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == (
        "The tag 'churn@v3.0.0' is a lightweight one, and GTO only knows annotated ones. Make it again, dated as its "
        f"commit: GIT_COMMITTER_DATE='@3000 +0000' git tag -a -f -m MESSAGE churn@v3.0.0 {commit[:12]} && "
        "git push --force origin refs/tags/churn@v3.0.0\n"
    )


def test_check_ref_of_a_tag_on_a_tree_is_an_error(run: Run, registry: Repo) -> None:
    registry.tag("churn@v3.0.0", "main^{tree}", kind="tree")
    result = run("check-ref", "churn@v3.0.0")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("error: The tag 'churn@v3.0.0' points to a tree, not to a commit.")


def test_show_is_a_table_of_the_registry(run: Run, registry: Repo) -> None:
    commit = registry.git("rev-parse", "bare#dev^{commit}")[:7]
    assert _rows(run("show").stdout) == [
        ["name", "latest", "#dev", "#prod"],
        ["bare", "-", commit, "-"],
        ["churn", "v1.1.0", "v1.1.0", "v1.0.0"],
        ["models/nlp:sentiment", "v0.1.0", "-", "-"],
    ]


def test_a_name_may_look_like_a_commit(run: Run, registry: Repo) -> None:
    name, stage = "a" * 40, "b" * 64
    registry.tag(f"{name}#{stage}", "main", time=4000)
    commit = registry.git("rev-parse", "main")
    assert [name, "-", commit[:7], "-", "-"] in _rows(run("show").stdout)
    newest = _rows(run("history").stdout)[1]
    assert newest[1:] == [name, "assignment", commit[:7], stage, commit[:7], f"{name}#{stage}"]


def test_show_as_json(run: Run) -> None:
    document = json.loads(run("show", "--json").stdout)
    assert sorted(document) == ["bare", "churn", "models/nlp:sentiment"]
    assert document["churn"]["stage"] == {"dev": "v1.1.0", "prod": "v1.0.0"}


def test_show_names(run: Run) -> None:
    assert run("show", "--name").stdout.splitlines() == ["bare", "churn", "models/nlp:sentiment"]


@pytest.mark.parametrize(
    ("wanted", "form", "expected"),
    [
        ("churn", "--version", ["v1.1.0", "v1.0.0"]),
        ("churn", "--ref", ["churn@v1.1.0", "churn@v1.0.0"]),
        ("churn", "--stage", ["dev", "prod"]),
        ("churn", "--name", ["churn", "churn"]),
        ("churn@latest", "--version", ["v1.1.0"]),
        ("churn@greatest", "--ref", ["churn@v1.1.0"]),
        ("churn@v1.0.0", "--ref", ["churn@v1.0.0"]),
        ("churn@v1.0.0", "--stage", ["prod"]),
        ("churn#prod", "--version", ["v1.0.0"]),
        ("churn#nowhere", "--version", []),
        ("churn@v9.9.9", "--ref", []),
        ("bare#dev", "--ref", ["bare#dev"]),
        ("old", "--version", []),
        ("old@latest", "--version", []),
        ("models/nlp:sentiment", "--version", ["v0.1.0"]),
        ("models/nlp:sentiment@latest", "--ref", ["models/nlp=sentiment@v0.1.0"]),
    ],
)
def test_show_gives_one_thing_a_line(run: Run, wanted: str, form: str, expected: list[str]) -> None:
    result = run("show", wanted, form)
    assert (result.exit_code, result.stdout.splitlines(), result.stderr) == (0, expected, "")


def test_show_of_an_artifact_is_a_table(run: Run) -> None:
    assert _rows(run("show", "churn").stdout) == [
        ["artifact", "version", "stage", "created_at", "ref"],
        ["churn", "v1.1.0", "dev", "1970-01-01T00:33:21+00:00", "churn@v1.1.0"],
        ["churn", "v1.0.0", "prod", "1970-01-01T00:16:41+00:00", "churn@v1.0.0"],
    ]


def test_show_of_a_version_as_json(run: Run) -> None:
    (version,) = json.loads(run("show", "churn@latest", "--json").stdout)
    assert (version["version"], version["ref"], version["message"]) == ("v1.1.0", "churn@v1.1.0", "better")


@pytest.mark.parametrize("form", [[], ["--version"]])
def test_nothing_found_is_no_output(run: Run, form: list[str]) -> None:
    assert run("show", "churn#nowhere", *form).output == ""


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ("nobody", "There is no artifact 'nobody' in the registry."),
        ("nobody@latest", "There is no artifact 'nobody' in the registry."),
        ("churn@1.0", "The artifact cannot be 'churn@1.0'."),
        ("-churn", "There can be no artifact '-churn'."),
        ("", "There can be no artifact ''."),
        ("a\x1b[31m", "There can be no artifact 'a\\x1b[31m'."),
    ],
)
def test_an_artifact_that_is_not_there_is_an_error(run: Run, wanted: str, message: str) -> None:
    result = run("show", "--", wanted)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(f"error: {message}")
    assert len(result.stderr.splitlines()) == 1


def test_history_is_a_table_newest_first(run: Run, registry: Repo) -> None:
    commit = registry.git("rev-parse", "churn@v1.0.0^{commit}")[:7]
    rows = _rows(run("history", "churn").stdout)
    assert rows[0] == ["timestamp", "artifact", "event", "version", "stage", "commit", "ref"]
    assert [row[-1] for row in rows[1:]] == ["churn#dev#2", "churn@v1.1.0", "churn#prod#1", "churn@v1.0.0"]
    assert rows[-1] == ["1970-01-01T00:16:41+00:00", "churn", "registration", "v1.0.0", "-", commit, "churn@v1.0.0"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], 8),
        (["old"], 2),
        (["models/nlp:sentiment"], 1),
        (["models/nlp=sentiment"], 1),
        (["nobody"], 0),
        (["churn@latest"], 0),
    ],
)
def test_history_as_json(run: Run, arguments: list[str], expected: int) -> None:
    result = run("history", *arguments, "--json")
    assert result.exit_code == 0
    assert len(json.loads(result.stdout)) == expected
    assert len(run("history", *arguments).stdout.splitlines()) == (expected + 1 if expected else 0)


def test_stages_in_use(run: Run) -> None:
    assert run("stages").stdout == "dev\nprod\n"
    assert json.loads(run("stages", "--json").stdout) == ["dev", "prod"]


def test_stages_allowed(run: Run, registry: Repo) -> None:
    registry.commit({".gto": "stages: [prod, qa]"}, time=4000)
    assert run("stages").stdout == "prod\nqa\n"
    assert run("stages", GTO_STAGES='["only"]').stdout == "only\n"
    assert _rows(run("show").stdout)[0] == ["name", "latest", "#prod", "#qa"]


def test_tags(run: Run, registry: Repo) -> None:
    registry.lightweight("churn@1.0.0")
    assert run("tags", "--other").stdout == "churn@1.0.0\nnightly-7\n"
    ours = run("tags").stdout.splitlines()
    assert ours == sorted({*registry.git("tag").splitlines()} - {"churn@1.0.0", "nightly-7"})


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


@pytest.mark.parametrize(
    "arguments",
    [
        ["check-ref"],
        ["check-ref", "x", "--name", "--version"],
        ["show", "--ref"],
        ["show", "--version"],
        ["show", "--stage"],
        ["show", "churn", "--json", "--ref"],
        ["history", "a", "b"],
        ["tags", "x"],
        ["unknown"],
        ["doctor", "--unknown"],
    ],
)
def test_wrong_usage(run: Run, arguments: list[str]) -> None:
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Usage: " in result.stderr


@pytest.mark.parametrize("command", [["show"], ["history"], ["stages"], ["tags"], ["tags", "--other"]])
def test_an_empty_repository(run: Run, make_repo: Callable[[str], Repo], command: list[str]) -> None:
    result = run(*command, repo=str(make_repo("o/empty").path))
    assert (result.exit_code, result.output) == (0, "")


def test_doctor_of_an_empty_repository(run: Run, make_repo: Callable[[str], Repo]) -> None:
    assert run("doctor", repo=str(make_repo("o/empty").path)).stdout == "No problems found.\n"


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("nowhere", "There is no folder 'nowhere'."),
        ("/", "There is no git repository at '/'."),
        ("file:///nowhere", "The remote 'file:///nowhere' was not found."),
        ("ext::sh -c date", "Git failed at the remote 'ext::sh -c date'."),
    ],
)
def test_a_repository_that_is_not_there(run: Run, place: str, message: str) -> None:
    result = run("tags", repo=place)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(f"error: {message}")


def test_an_address(run: Run, registry: Repo) -> None:
    assert run("stages", repo=registry.path.as_uri()).stdout == "dev\nprod\n"


@pytest.mark.parametrize("detached", [True, False])
@pytest.mark.parametrize("within", [".", "sub folder", ".git"])
def test_the_repository_one_is_in(registry: Repo, tmp_path: Path, within: str, *, detached: bool) -> None:
    work = tmp_path / "ä work tree"
    registry.commit({".gto": "stages: [prod]"}, time=4000)
    registry.git("clone", "-q", str(registry.path), str(work))
    if detached:
        registry.git("-C", str(work), "-c", "advice.detachedHead=false", "checkout", "-q", "--detach")
    registry.git("-C", str(work), "-c", "user.name=a", "-c", "user.email=a@b", "tag", "-a", "own@v1.0.0", "-m", "local")
    (work / "sub folder").mkdir()
    before = registry.git("-C", str(work), "for-each-ref")
    result = _python("show", "own", "--version", cwd=work / within)
    assert (result.returncode, result.stdout, result.stderr) == (0, "v1.0.0\n", "")
    assert _python("stages", cwd=work / within).stdout == "prod\n"
    assert registry.git("-C", str(work), "for-each-ref") == before
    assert registry.git("-C", str(work), "status", "--porcelain") == ""


def test_a_linked_work_tree(registry: Repo, tmp_path: Path) -> None:
    registry.git("worktree", "add", "-q", "--detach", str(tmp_path / "linked"), "churn@v1.0.0")
    registry.commit({".gto": "stages: [prod]"}, time=4000)
    assert _python("stages", cwd=tmp_path / "linked").stdout == "dev\nprod\n"  # of the commit that it is at


def test_no_text_of_strangers_reaches_the_terminal_as_it_is(run: Run, registry: Repo) -> None:
    registry.tag("new\u202e\x9b31m", time=5000)
    assert run("tags", "--other").stdout == "new\\u202e\\x9b31m\nnightly-7\n"
    registry.commit({".gto": '"\\e[31m[bold]x": 1'}, time=6000)
    assert "[bold]x" in run("doctor").stdout
    assert "\x1b" not in run("doctor").stdout


def test_lines_are_whole_where_nobody_looks(registry: Repo) -> None:
    registry.tag(f"{'long' * 60}@v1.0.0", time=5000)
    result = _python("history", cwd=registry.path)
    assert "long" * 60 + "@v1.0.0" in result.stdout
    assert "\x1b" not in result.stdout
    assert not [line for line in result.stdout.splitlines() if line != line.rstrip()]


def test_a_terminal_has_colours(registry: Repo) -> None:
    reader, writer = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "200"}
    command = [sys.executable, "-m", "gto_action", "show"]
    subprocess.run(command, cwd=registry.path, env=environment, stdout=writer, check=True)
    os.close(writer)
    shown = os.read(reader, 100_000).decode()
    os.close(reader)
    assert "\x1b[1m" in shown
    assert "churn" in shown


def test_a_closed_pipe_is_quiet(registry: Repo) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    for arguments in (["tags"], ["history"], ["show", "--json"]):
        command = [sys.executable, "-m", "gto_action", *arguments]
        result = subprocess.run(
            command, cwd=registry.path, env=environment, stdout=writer, stderr=subprocess.PIPE, check=False
        )
        assert result.stderr == b""
    os.close(writer)


def test_exit_codes_of_the_process(registry: Repo, tmp_path: Path) -> None:
    assert _python("doctor", cwd=registry.path).returncode == 0
    registry.lightweight("churn@v3.0.0")
    assert _python("doctor", cwd=registry.path).returncode == 1
    assert _python("show", "--ref", cwd=registry.path).returncode == 2
    failed = _python("tags", cwd=tmp_path)
    assert (failed.returncode, failed.stdout) == (1, "")
    assert failed.stderr == "error: There is no git repository at '.'. Name another with --repo.\n"


def test_variables_of_the_environment_count(registry: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GTO_STAGES", '["qa"]')
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    assert _python("stages", cwd=registry.path).stdout == "qa\n"


def test_the_version_and_the_help(tmp_path: Path) -> None:
    assert _python("--version", cwd=tmp_path).stdout.startswith("gto-action, version ")
    assert "Commands:" in _python("--help", cwd=tmp_path).stdout


def test_a_bug_is_told_as_one(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(commands, "open_session", broken)
    assert commands.main(["tags"], {}) == 3
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("Traceback")
    assert lines[-1] == "error: This is a bug in gto-action. Please report it, with the lines above."


@pytest.mark.parametrize("missing", ["click", "rich"])
def test_what_it_needs_may_be_missing(tmp_path: Path, missing: str) -> None:
    program = f"import sys; sys.modules[{missing!r}] = None; from gto_action.__main__ import main; sys.exit(main())"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", program]
    result = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout) == (1, "")
    assert (
        result.stderr == f"error: The command line needs {missing!r}, which is not installed: pip install click rich\n"
    )


def test_an_address_with_the_users_own_credentials(run: Run, registry: Repo, srv: Path) -> None:
    registry.commit({".gto": "stages: [prod]"}, time=4000)
    with GitServer(srv, token="s3cret") as server:
        refused = run("stages", repo=f"{server.url}/o/r")
        assert (refused.exit_code, refused.stdout) == (1, "")
        assert refused.stderr.startswith(f"error: The remote '{server.url}/o/r' asks for a token.")
        helper = "!f() { echo username=x-access-token; echo password=s3cret; }; f"
        (Path.home() / ".gitconfig").write_text(f'[credential]\n\thelper = "{helper}"\n')
        assert run("stages", repo=f"{server.url}/o/r").stdout == "prod\n"


def test_a_run_that_is_ended_leaves_nothing_behind(registry: Repo, srv: Path, tmp_path: Path) -> None:
    (tmp_path / "tmp").mkdir()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path / "tmp")}
    with GitServer(srv) as server:
        server.stall()
        command = [sys.executable, "-m", "gto_action", "--repo", f"{server.url}/o/r", "tags"]
        with subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE) as process:
            while not server.requests and process.poll() is None:
                time.sleep(0.01)
            process.terminate()
            assert process.communicate(timeout=30)[1] == b""
    assert process.returncode == 128 + signal.SIGTERM
    assert not [*(tmp_path / "tmp").iterdir()]


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
            "hint": f"Delete it, and let gto make 'churn@v1.0.0' if that is meant: {command}",
            "command": command,
            "file": "",
            "line": None,
        },
    ]


@pytest.mark.parametrize("option", ["--repo", "-r"])
def test_the_repository_may_be_named_behind_the_command(registry: Repo, option: str) -> None:
    for command in (
        ["show", "churn", "--version"],
        ["history"],
        ["stages"],
        ["tags"],
        ["doctor"],
        ["check-ref", "churn#prod#1"],
    ):
        before, behind = ([option, str(registry.path), *command], [*command, option, str(registry.path)])
        one, other = (CliRunner().invoke(commands.group, arguments, obj={}) for arguments in (before, behind))
        assert (one.exit_code, one.stdout) == (0, other.stdout)
        assert other.exit_code == 0


def test_json_is_json_whatever_a_log_takes_for_a_command(run: Run, registry: Repo) -> None:
    registry.tag("churn@v4.0.0", message="##[add-mask]x \x7f ::error::é")
    result = run("check-ref", "churn@v4.0.0", "--json")
    assert json.loads(result.stdout)["message"] == "##[add-mask]x \x7f ::error::é"
    assert "##[" not in result.stdout
    assert result.stdout.isascii()


def _clone(registry: Repo, path: Path, *options: str) -> Path:
    registry.git("config", "uploadpack.allowFilter", "true")
    registry.git("clone", "-q", *options, registry.path.as_uri(), str(path))
    return path


SHALLOW = "warning: The repository at '.' is a shallow clone, so tags may be missing. Bring them: git fetch --tags\n"
NO_TAGS = (
    "warning: The repository at '.' is a clone without tags, so tags may be missing. Bring them: git fetch --tags\n"
)
NO_CONFIG = "warning: The repository at '.' is a partial clone; it lacks '.gto', which does not count.\n"
CLONES = {
    "whole": ([], ""),
    "no blobs": (["--filter=blob:none"], ""),
    "no blobs, bare": (["--filter=blob:none", "--bare"], NO_CONFIG),
    "no blobs, no checkout": (["--filter=blob:none", "--no-checkout"], NO_CONFIG),
    "no trees": (["--filter=tree:0"], ""),
    "no trees, no checkout": (["--filter=tree:0", "--no-checkout"], NO_CONFIG),
    "sparse": (["--filter=blob:none", "--sparse"], ""),
    "as sparse as actions/checkout": (["--filter=blob:none", "--sparse", "--depth=1", "--no-single-branch"], SHALLOW),
    "shallow": (["--depth=1", "--no-single-branch"], SHALLOW),
    "shallow, no trees": (["--depth=1", "--no-single-branch", "--filter=tree:0", "--no-checkout"], SHALLOW + NO_CONFIG),
    "no tags": (["--no-tags"], NO_TAGS),
}


@pytest.mark.parametrize("kind", CLONES)
def test_clones_that_are_not_whole(registry: Repo, tmp_path: Path, kind: str) -> None:
    options, warning = CLONES[kind]
    registry.commit({".gto": "stages: [prod]", "src/a": "1", "dvc.yaml": "artifacts: {}"}, time=4000)
    registry.git("update-ref", "-d", "refs/heads/side")
    work = _clone(registry, tmp_path / "work", *options)
    before = sorted(str(path) for path in work.rglob("*"))
    shown = _python("history", "churn", cwd=work)
    assert (shown.returncode, shown.stderr) == (0, warning)
    expected = [] if kind == "no tags" else ["churn#dev#2", "churn@v1.1.0", "churn#prod#1", "churn@v1.0.0"]
    assert [row[-1] for row in _rows(shown.stdout)[1:]] == expected
    stages = _python("stages", cwd=work)
    assert stages.stdout == ("dev\nprod\n" if NO_CONFIG in warning else "prod\n")
    told = _python("doctor", cwd=work)
    partial = "warning: This is a partial clone; 'dvc.yaml' is looked at where it is here.\n"
    assert told.stderr == warning + (partial if "--filter" in "".join(options) else "")
    assert "Traceback" not in told.stdout
    assert sorted(str(path) for path in work.rglob("*")) == before


def test_a_partial_clone_whose_branch_has_no_commit_yet(registry: Repo, tmp_path: Path) -> None:
    registry.git("config", "uploadpack.allowFilter", "true")
    registry.git("init", "-q", str(tmp_path / "work"))
    work = ("-C", str(tmp_path / "work"))
    registry.git(*work, "remote", "add", "origin", registry.path.as_uri())
    registry.git(*work, "fetch", "-q", "--filter=blob:none", "origin", "+refs/tags/*:refs/tags/*")
    shown = _python("show", "churn", "--version", cwd=tmp_path / "work")
    assert (shown.stdout, shown.returncode) == ("v1.1.0\nv1.0.0\n", 0), shown.stderr


def test_a_linked_work_tree_of_a_partial_clone(registry: Repo, tmp_path: Path) -> None:
    work = _clone(registry, tmp_path / "work", "--filter=blob:none")
    registry.git("-C", str(work), "worktree", "add", "-q", "--detach", str(tmp_path / "linked"), "churn@v1.0.0")
    assert _python("show", "churn", "--version", cwd=tmp_path / "linked").stdout == "v1.1.0\nv1.0.0\n"


def test_a_clone_with_only_the_jobs_tag(registry: Repo, tmp_path: Path) -> None:
    work = _clone(registry, tmp_path / "work", "--no-tags", "--depth=1")
    tag = "refs/tags/churn#prod#1"
    registry.git("-C", str(work), "fetch", "-q", "--no-tags", "--depth=20", "origin", f"+{tag}:{tag}")
    result = _python("check-ref", tag, "--version", cwd=work)
    assert (result.returncode, result.stderr) == (0, SHALLOW)


CONFIGURATIONS = {
    "~/.gitconfig": (".gitconfig", {}),
    "XDG": (".config/git/config", {}),
    "XDG_CONFIG_HOME": ("elsewhere/git/config", {"XDG_CONFIG_HOME": "{home}/elsewhere"}),
    "GIT_CONFIG_GLOBAL": ("my config", {"GIT_CONFIG_GLOBAL": "{home}/my config"}),
}


@pytest.mark.parametrize("where", CONFIGURATIONS)
def test_the_users_own_configuration_counts(
    registry: Repo, srv: Path, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, variables = CONFIGURATIONS[where]
    for variable, value in variables.items():
        monkeypatch.setenv(variable, value.format(home=Path.home()))
    (Path.home() / name).parent.mkdir(parents=True, exist_ok=True)
    helper = "!f() { echo username=x-access-token; echo password=s3cret; }; f"
    (Path.home() / name).write_text(f'[credential]\n\thelper = "{helper}"\n')
    with GitServer(srv, token="s3cret") as server:
        shown = _python("show", "churn", "--version", "-r", f"{server.url}/o/r", cwd=registry.path)
    assert (shown.returncode, shown.stdout, shown.stderr) == (0, "v1.1.0\nv1.0.0\n", "")


def test_only_one_configuration_counts_if_a_variable_says_so(
    registry: Repo, srv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (Path.home() / ".gitconfig").write_text(f'[url "{srv.as_uri()}/"]\n\tinsteadOf = "models:"\n')
    assert _python("stages", "-r", "models:o/r", cwd=registry.path).stdout == "dev\nprod\n"
    monkeypatch.setenv("GIT_SSH_COMMAND", "false")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(Path.home() / "nothing"))
    assert _python("stages", "-r", "models:o/r", cwd=registry.path).returncode == 1


# what a user may have set, and what must not hinder
OWN_SETTINGS = {
    "fsck": "[transfer]\n\tfsckObjects = true\n",
    "fsck of what is fetched": "[fetch]\n\tfsckObjects = true\n",
    "refspecs": '[remote "origin"]\n\tfetch = +refs/pull/*/head:refs/remotes/origin/pr/*\n\tfetch = refs/heads/nope\n',
    "another address": '[remote "origin"]\n\turl = https://nowhere.invalid/x\n\ttagOpt = --no-tags\n\tmirror = true\n',
    "bare repositories": "[safe]\n\tbareRepository = explicit\n",
    "hooks": "[core]\n\thooksPath = ~/hooks\n",
    "another name": "[clone]\n\tdefaultRemoteName = upstream\n\trejectShallow = true\n",
    "pruning": "[fetch]\n\tprune = true\n\tpruneTags = true\n\twriteCommitGraph = true\n\tparallel = 0\n",
}


@pytest.mark.parametrize("setting", OWN_SETTINGS)
def test_the_users_own_settings_do_not_hinder(registry: Repo, tmp_path: Path, setting: str) -> None:
    registry.tag("churn@v3.0.0", tagger="", message="what git's fsck complains of")
    hook = Path.home() / "hooks/reference-transaction"
    hook.parent.mkdir()
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    hook.chmod(0o755)
    (Path.home() / ".gitconfig").write_text(OWN_SETTINGS[setting])
    for place in (".", registry.path.as_uri()):
        shown = _python("show", "churn", "--version", "-r", place, cwd=registry.path)
        assert (shown.returncode, shown.stdout, shown.stderr) == (0, "v3.0.0\nv1.1.0\nv1.0.0\n", "")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("place", [".", "{repo}"])
def test_a_configuration_that_git_cannot_read(registry: Repo, place: str) -> None:
    file = Path.home() / ".gitconfig"
    file.write_text("[core\n")
    failed = _python("show", "-r", place.format(repo=registry.path.as_uri()), cwd=registry.path)
    assert (failed.returncode, failed.stdout) == (1, "")
    said = f"fatal: bad config line 1 in file {file}"
    assert failed.stderr == f"error: Git cannot read its configuration: {said!r}. Correct the file.\n"


def test_what_fails_is_told_in_terms_of_the_command_line(
    run: Run, srv: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with GitServer(srv, token="s3cret") as server:
        refused = run("stages", repo=f"{server.url}/o/r").stderr
    assert refused.startswith(
        f"error: The remote '{server.url}/o/r' asks for a token. Git's own credentials are used: "
    )
    with GitServer(srv) as server:
        missing = run("stages", repo=f"{server.url}/o/nope").stderr
    assert missing.startswith(f"error: The remote '{server.url}/o/nope' was not found. Check the address; a private ")
    ssh = tmp_path / "ssh"
    ssh.write_text(
        "#!/bin/sh\necho 'ssh: Could not resolve hostname h.invalid: Name or service not known' >&2\nexit 255\n"
    )
    ssh.chmod(0o755)
    monkeypatch.setenv("GIT_SSH", str(ssh))
    monkeypatch.setattr("time.sleep", lambda _: None)
    unknown = run("stages", repo="git@h.invalid:o/r").stderr.splitlines()[-1]
    assert unknown.endswith(
        " failed. Try again later. Git says: ssh: Could not resolve hostname h.invalid: Name or service not known"
    )
    for text in (refused, missing, unknown):
        assert not {"job", "input", "permissions:"} & set(text.replace("'", " ").split())
