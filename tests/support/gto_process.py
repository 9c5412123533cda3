"""The real gto, as a process that the tests ask."""

import json
import subprocess
from pathlib import Path
from typing import Any

from tests.support.oracle import oracle_python

Question = tuple[str, str]
"""A command of gto's and its argument."""


class Gto:
    """One process of the real gto that answers many questions."""

    def __init__(self) -> None:
        script = Path(__file__).with_name("gto_oracle.py")
        self._process = subprocess.Popen(
            [oracle_python(), str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, repo: Path, questions: list[Question]) -> list[Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"repo": str(repo), "ask": questions}) + "\n")
        self._process.stdin.flush()
        answers = json.loads(self._process.stdout.readline())
        assert isinstance(answers, list)
        return answers

    def close(self) -> None:
        self._process.communicate(timeout=60)
