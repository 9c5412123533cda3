"""Which git the tests run with: it may be another one than the machine's (`tools/other-git.sh`)."""

import re
import subprocess
from pathlib import Path


def git_version(git: Path | str = "git") -> tuple[int, ...]:
    """Its version's first two numbers; of the git on the PATH if no other is named."""
    return tuple(map(int, re.findall(r"[0-9]+", subprocess.check_output([git, "version"], text=True))[:2]))
