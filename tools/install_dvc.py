"""Installs DVC as the action does, into .cache/pull: the tests have no network. Call: tools/install_dvc.py EXTRA."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
from gto_action.pull.installation import dvc_python  # noqa: E402

for extras in ((), *((extra,) for extra in sys.argv[1:])):
    dvc_python(frozenset(extras), str(ROOT / ".cache/pull"), dict(os.environ), lambda _: None, 600)
