"""What the machine was like before the tests' guards changed the environment."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
ENVIRON: Final[Mapping[str, str]] = dict(os.environ)
