"""Tests of a group run on one worker: else each worker builds the images again, and nothing says so."""

import re
import subprocess
import sys
from pathlib import Path

from tests.support.machine import ROOT
from tests.support.scheduling import FOLDERS, GROUP_OF

CONFTEST = """
from tests.support.scheduling import Scheduling
def pytest_xdist_make_scheduler(config, log):
    return Scheduling(config, log)
"""


def test_every_module_with_an_image_is_in_a_group() -> None:
    assert {str(path.relative_to(ROOT)) for path in (ROOT / "tests/e2e").glob("test_*.py")} == GROUP_OF.keys()


def test_a_group_is_one_workers(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{CONFTEST}")
    for name in [*list(GROUP_OF)[:8], *(f"{FOLDERS[0]}/test_{each}.py" for each in ("one", "other"))]:
        place = tmp_path / name
        place.parent.mkdir(parents=True, exist_ok=True)
        body = "import pytest, time\n@pytest.mark.parametrize('n', range(6))\ndef test_it(n): time.sleep(0.05)\n"
        place.write_text(body)
    command = [sys.executable, "-m", "pytest", "--numprocesses", "4", "--dist", "loadgroup", "-v", "-c", "/dev/null"]
    ran = subprocess.run([*command, "--rootdir", "."], cwd=tmp_path, capture_output=True, text=True, check=True)
    workers: dict[str, set[str]] = {}
    for worker, file in re.findall(r"\[(gw\d)\].* PASSED (\S+)::", ran.stdout):
        workers.setdefault(GROUP_OF.get(file, file.rpartition("/")[0]), set()).add(worker)
    assert {group: len(found) for group, found in workers.items()} == {"act": 1, "image": 1, FOLDERS[0]: 1}
