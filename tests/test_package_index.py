"""What `tools/package_index.py` makes of what a package index says, whoever has put it there."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar, Final

import pytest

from gto_action.published import PACKAGE
from tests.support.pages import ROOT

WHEEL: Final = "gto_action-3.0.0-py3-none-any.whl"
SDIST: Final = "gto_action-3.0.0.tar.gz"
OURS: Final = {name: hashlib.sha256(name.encode()).hexdigest() for name in (WHEEL, SDIST)}
OTHER: Final = "0" * 64
KIND: Final = "application/vnd.pypi.simple.v1+json"


class Index(BaseHTTPRequestHandler):
    """An index with one package, for who has the password."""

    body: ClassVar[bytes | None] = None

    def do_GET(self) -> None:
        asked = (self.path, self.headers["Accept"], self.headers["Authorization"])
        known = asked == (f"/simple/{PACKAGE}/", KIND, "Basic dTpwQHNz") and self.body is not None
        self.send_response(200 if known else 404 if self.headers["Authorization"] else 401)
        self.end_headers()
        self.wfile.write((self.body or b"") if known else b"")

    def log_message(self, *_: object) -> None:
        """Says nothing."""


Asked = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def ask(tmp_path: Path) -> Iterator[Asked]:
    """Asks an index that has certain files, each with its SHA-256; or a certain answer; or nothing."""
    kind = type("Kind", (Index,), {})
    with ThreadingHTTPServer(("127.0.0.1", 0), kind) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

        def ask(
            there: Mapping[str, str] | bytes | None, *arguments: str, user: str = "u:p%40ss@"
        ) -> "subprocess.CompletedProcess[str]":
            if there is not None and not isinstance(there, bytes):
                listed = [{"filename": name, "url": name, "hashes": {"sha256": each}} for name, each in there.items()]
                there = json.dumps({"meta": {"api-version": "1.0"}, "name": PACKAGE, "files": listed}).encode()
            kind.body = there  # type: ignore[attr-defined] # made above
            environ = {
                "PATH": os.environ["PATH"],
                "HOME": str(tmp_path),
                "PIP_INDEX_URL": f"http://{user}127.0.0.1:{server.server_port}/simple",
                "TRIES": "1",
                "no_proxy": "127.0.0.1",
            }
            command = [sys.executable, "-I", str(ROOT / "tools/package_index.py"), *arguments]
            return subprocess.run(command, env=environ, capture_output=True, text=True, timeout=120, check=False)

        yield ask
        server.shutdown()


@pytest.mark.parametrize(
    ("there", "code", "said"),
    [
        pytest.param(None, 0, "The index has no gto-action 3.0.0.\n", id="no such package"),
        pytest.param({}, 0, "The index has no gto-action 3.0.0.\n", id="no file"),
        pytest.param(
            {"gto_action-3.0.1.tar.gz": OTHER, "gto_action-3.0.0rc1-py3-none-any.whl": OTHER}, 0, "", id="others"
        ),
        pytest.param({WHEEL: OTHER}, 1, f"the index has gto-action 3.0.0, as {WHEEL}. Take", id="a wheel"),
        pytest.param({SDIST: OTHER}, 1, f"as {SDIST}. Take", id="an sdist"),
        pytest.param({"gto-action-3.0.zip": OTHER}, 1, "as gto-action-3.0.zip. Take", id="written otherwise"),
        pytest.param(
            {"gto_action-3.0.0+evil-1-cp311-abi3-any.whl": OTHER}, 1, "has gto-action 3.0.0, as", id="a local one"
        ),
        pytest.param(b"<!DOCTYPE html>", 1, "cannot be asked, or does not know PEP 691: JSONDecodeError", id="a page"),
        pytest.param(b'{"files": null}', 1, "cannot be asked, or does not know PEP 691: TypeError", id="no list"),
    ],
)
def test_whether_a_version_is_free(ask: Asked, there: Mapping[str, str] | bytes | None, code: int, said: str) -> None:
    done = ask(there, "free", "3.0.0")
    assert done.returncode == code, done.stderr
    assert said in done.stdout + done.stderr
    assert "p@ss" not in done.stderr


def test_an_index_that_refuses_is_not_one_without_the_version(ask: Asked) -> None:
    done = ask({}, "free", "3.0.0", user="")
    assert (done.returncode, done.stdout) == (1, "")
    assert "answers 401 Unauthorized" in done.stderr


@pytest.mark.parametrize(
    ("there", "code", "said"),
    [
        pytest.param(OURS, 0, f"The index has this {SDIST}.\n", id="ours"),
        pytest.param({**OURS, "gto_action-2.0.0.tar.gz": OTHER}, 0, "", id="and an older version"),
        pytest.param({**OURS, WHEEL: OTHER}, 1, f"the index has another {WHEEL}: ", id="another wheel"),
        pytest.param({**OURS, SDIST: ""}, 1, f"the index has another {SDIST}: its SHA-256 is ''", id="no hash"),
        pytest.param(
            {**OURS, "gto_action-3.0.0-py311-none-any.whl": OTHER},
            1,
            "the index has gto_action-3.0.0-py311-none-any.whl, too, which was not built here",
            id="one that pip prefers",
        ),
        pytest.param({WHEEL: OURS[WHEEL]}, 1, f"the index does not have {SDIST}", id="half"),
        pytest.param(None, 1, f"the index does not have {WHEEL}", id="nothing"),
    ],
)
def test_whether_the_index_has_what_was_built(
    ask: Asked, tmp_path: Path, there: Mapping[str, str] | None, code: int, said: str
) -> None:
    for name in OURS:
        (tmp_path / name).write_text(name)
    done = ask(there, "has", str(tmp_path))
    assert done.returncode == code, done.stderr
    assert said in done.stdout + done.stderr


def test_what_was_not_built_is_named(ask: Asked, tmp_path: Path) -> None:
    (tmp_path / WHEEL).write_text("")
    done = ask(OURS, "has", str(tmp_path))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"package_index: {tmp_path} does not have one wheel and one sdist\n"
