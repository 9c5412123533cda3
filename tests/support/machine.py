"""What the machine was like before the tests' guards changed the environment."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
ENVIRON: Final[Mapping[str, str]] = dict(os.environ)
ANOTHER_DAY: Final = ("LD_PRELOAD", "LD_LIBRARY_PATH", "DATEFUDGE", "DATEFUDGE_DOSTATIC", "TZ", "LANG", "LC_ALL")
"""What `make test-future` sets, and every child of the tests has then, whatever its environment says."""
