"""What is written for the runner, read back as the runner reads it."""

import resource
import signal
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gto_action.errors import GtoActionError, HostError, Level, Problem
from gto_action.hosts.github.runner import Runner, read_payload
from tests.support.runner_files import parse_outputs


@given(st.dictionaries(st.sampled_from(["event", "name", "path"]), st.text(st.characters(exclude_categories=["Cs"]))))
def test_outputs_are_read_back(outputs: dict[str, str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "output")
        Runner({"GITHUB_OUTPUT": str(path)}).write_outputs(outputs)
        assert parse_outputs(path.read_bytes()) == outputs


def test_outputs_are_added_to_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "output"
    path.write_text("before=1\n")
    Runner({"GITHUB_OUTPUT": str(path)}).write_outputs({"event": "a\nb"})
    assert parse_outputs(path.read_bytes()) == {"before": "1", "event": "a\nb"}


def test_a_file_that_can_grow_no_more_is_left_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "output"
    path.write_text("before=1\n")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    previous = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (30, limits[1]))
    try:
        with pytest.raises(HostError, match="only 21 of"):
            Runner({"GITHUB_OUTPUT": str(path)}).write_outputs({"event": "assignment"})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, previous)
    assert path.read_text() == "before=1\n"


def test_what_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(HostError, match="Is a directory"):
        Runner({"GITHUB_OUTPUT": str(tmp_path)}).write_outputs({})
    with pytest.raises(HostError, match=r"GITHUB_STEP_SUMMARY cannot be written at '/dev/full': No space left"):
        Runner({"GITHUB_STEP_SUMMARY": "/dev/full"}).write_summary("x")


def test_annotations(capsys: pytest.CaptureFixture[str]) -> None:
    runner = Runner({})
    runner.tell(Problem(Level.WARNING, "50% of 'a\nb'", "Mend it.", file="a,b:c/dvc.yaml", line=3))
    runner.tell(Problem(Level.NOTICE, "::error::x"))
    runner.error(GtoActionError("bad \x1b[31m", "##[add-mask]x", file="f"))
    runner.group("##[error]title", ["::error::inside"])
    assert capsys.readouterr().out.splitlines() == [
        "::warning title=gto-action,file=a%2Cb%3Ac/dvc.yaml,line=3::50%25 of 'a\\nb' Mend it.",
        "::notice title=gto-action::\\::error::x",
        "::error title=gto-action,file=f::bad \\x1b[31m ##\\[add-mask]x",
        "::group::##\\[error]title",
        "\\::error::inside",
        "::endgroup::",
    ]


@pytest.mark.parametrize("content", [None, "", "[]", "{", "\xff", "[" * 100_000], ids=["none", "empty", "list", "broken", "latin", "deep"])  # fmt: skip
def test_a_payload_that_cannot_be_read_is_none(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "event.json"
    if content is not None:
        path.write_bytes(content.encode("latin-1"))
    assert read_payload(str(path)) == {}
