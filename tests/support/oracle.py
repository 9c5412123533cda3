"""Where the real gto and dvc are: in an environment of their own (`make oracle`), never in that of the tests."""

import os
from pathlib import Path

from tests.support.skipping import skip


def oracle_python() -> str:
    """The Python of the environment; skips the test where it is missing, but fails in CI."""
    default = Path(__file__).parents[2] / ".cache/oracle/bin/python"
    python = os.environ.get("GTO_ACTION_ORACLE_PYTHON", str(default))
    if not Path(python).exists():
        skip("tests that ask gto or dvc", f"there is no {python!r}: run `make oracle`")
    return python
