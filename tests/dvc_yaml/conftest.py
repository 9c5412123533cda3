"""The real dvc, which reads what it is asked about."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.dvc_answers import Ask
from tests.support.oracle import oracle_python

SERVER = Path(__file__).parents[1] / "support/dvc_oracle.py"


@pytest.fixture(scope="session")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    home = str(tmp_path_factory.mktemp("home"))
    environ = {"HOME": home, "PATH": os.environ["PATH"], "DVC_NO_ANALYTICS": "1", "TMPDIR": home}
    with subprocess.Popen(
        [oracle_python(), str(SERVER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environ
    ) as server:
        assert server.stdin
        assert server.stdout

        def ask_server(question: dict[str, Any]) -> dict[str, Any]:
            assert server.stdin
            assert server.stdout
            server.stdin.write(f"{json.dumps(question)}\n")
            server.stdin.flush()
            answer: dict[str, Any] = json.loads(server.stdout.readline())
            return answer

        yield ask_server
        server.stdin.close()
