"""`make release-deep`: the candidate is released twice, with all that a release has, and the image for arm64 is real.

That one is made in emulation, from nothing, so it takes many minutes.
"""

import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.e2e.docker_registry import docker_registry
from tests.e2e.engine import ENVIRON, ROOT, alone, with_buildkit
from tests.e2e.rehearsal import Rehearsal
from tests.e2e.rehearsed import CANDIDATE, with_faults, without_faults
from tests.e2e.step import Step

pytestmark = pytest.mark.container
ARM64 = ROOT / "tools/container/arm64"
BASE = "gto-action-base:arm64"


@pytest.fixture(scope="module")
def arm64() -> Iterator[str]:
    """What the image for arm64 is built on, on a machine that can run it."""
    started = subprocess.run([ARM64, "start"], env=ENVIRON, capture_output=True, text=True, check=False)
    if started.returncode == 3:
        pytest.skip(started.stdout.strip())
    assert started.returncode == 0, started.stderr
    try:
        subprocess.run([ARM64, "load", BASE], env={**ENVIRON, **with_buildkit()}, check=True, timeout=7200)
        yield BASE
    finally:
        subprocess.run([ARM64, "stop"], env=ENVIRON, check=True)


@pytest.mark.parametrize("faults", [True, False], ids=["a fault in each stage", "no fault"])
def test_the_candidate(
    arm64: str,
    faults: bool,
    make_step: Callable[..., Step],
    try_release: Callable[[str, str], str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with docker_registry(tmp_path / "images") as images, alone("release"):
        rehearsal = Rehearsal(tmp_path / "clone", images, arm64=arm64, variants="cli dvc")
        rehearsal.prepare()
        said = with_faults(rehearsal, CANDIDATE) if faults else []
        if not faults:
            released = without_faults(rehearsal, CANDIDATE)
            said += [("verify", line) for line in rehearsal.tool("verify", f"v{CANDIDATE}").splitlines()]
            step = make_step(image=f"{images.image}@{released.digests[1]}")
            run = replace(step).run(timeout=600)
            assert run.code == 0, run.log
            assert (run.outputs["event"], run.outputs["version"]) == ("assignment", "v1.1.0")
            said.append(("arm64", f"an answer in {run.seconds:.1f} s, in emulation"))
        name = "build-1-amd64" if faults else "build-2-amd64"
        for variant in ("cli", "dvc"):
            tried = try_release(variant, f"{images.image}:{name}-{variant}")
            said += [("try", line) for line in tried.splitlines()]
        with capsys.disabled():
            print()  # noqa: T201 - the report is what this is run for
            for stage, line in said:
                print(f"{stage:7} {line}")  # noqa: T201
        rehearsal.forget()
