"""The registry as a page, to look at: makes a sample registry, runs the action `page` on it, and serves the site.

Call: tools/demo_page.py [--port PORT] [--minutes MINUTES] [--out FOLDER]; with --out it is only made.
"""

import argparse
import contextlib
import functools
import hashlib
import http
import http.server
import os
import subprocess
import sys
import tempfile
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
ADA: Final = "Ada Lovelace <ada@example.com>"
GRACE: Final = "Grace Hopper <grace@example.com>"
KATHERINE: Final = "Katherine Johnson <katherine@example.com>"
FILES: Final = {
    ".gto": "stages: [dev, staging, prod]\n",
    "dvc.yaml": """\
artifacts:
  churn:
    path: models/churn.pkl
    type: model
    desc: Which customers will leave within the next ninety days
    labels: [tabular, sales]
    meta: {owner: growth, auc: 0.91}
  customers:
    path: s3://acme-data/customers
    type: dataset
    desc: One row for each customer, refreshed weekly
    labels: [sales]
  fraud:
    path: models/fraud.onnx
    type: model
    desc: Scores card payments while the customer waits
    labels: [tabular, real-time]
""",
    "models/nlp/dvc.yaml": """\
artifacts:
  sentiment: {path: sentiment, type: model, desc: "Tone of support mail, in four languages", labels: [nlp, support]}
""",
}
# The day of a commit, with the tags that are made on it: how many days later, by whom.
HISTORY: Final[tuple[tuple[str, tuple[tuple[str, int, str], ...]], ...]] = (
    (
        "2026-01-10",
        (
            ("churn@v1.0.0", 0, ADA),
            ("churn#dev#1", 1, ADA),
            ("churn#staging#2", 10, GRACE),
            ("churn#prod#3", 23, GRACE),
        ),
    ),
    ("2026-02-10", (("fraud@v0.9.0", 0, KATHERINE), ("fraud#dev#1", 1, KATHERINE), ("customers@v1.0.0", 2, KATHERINE))),
    ("2026-03-10", (("churn@v2.0.0-rc.1", 0, ADA), ("churn#dev#4", 1, ADA))),
    (
        "2026-04-01",
        (("churn@v2.0.0", 0, ADA), ("churn#dev#5", 1, ADA), ("churn#staging#6", 9, GRACE), ("churn#prod#7", 31, GRACE)),
    ),
    ("2026-04-20", (("models/nlp=sentiment@v0.1.0", 1, KATHERINE), ("models/nlp=sentiment#dev#1", 2, KATHERINE))),
    (
        "2026-06-10",
        (
            *(("churn@v3.0.0", 0, ADA), ("churn#dev#8", 1, ADA), ("churn#staging#9", 10, GRACE)),
            *(("churn#prod#10", 21, GRACE), ("churn#prod!#11", 23, GRACE), ("churn#prod#12", 40, GRACE)),
        ),
    ),
    ("2026-07-10", (("fraud@v1.0.0", 0, KATHERINE), ("fraud#staging#2", 1, KATHERINE), ("fraud#prod#3", 32, GRACE))),
    ("2026-07-12", (("uplift@v1.0.0", 0, ADA), ("uplift#prod#1", 1, ADA), ("uplift@deprecated#2", 81, GRACE))),
    ("2026-09-10", (("churn@v3.1.0", 0, ADA), ("churn#dev#13", 1, ADA), ("churn@v3.1.0!#14", 10, ADA))),
    (
        "2026-11-01",
        (
            *(("churn@v3.2.0", 0, ADA), ("churn#dev#15", 1, ADA), ("churn#staging#16", 9, GRACE)),
            *(("models/nlp=sentiment@v0.2.0", 4, KATHERINE), ("models/nlp=sentiment#staging#2", 5, KATHERINE)),
            ("churn#prod#17", 22, GRACE),
        ),
    ),
)


def registry(folder: Path) -> None:
    """Makes the sample registry, a bare repository."""
    stream = []
    for number, (day, tags) in enumerate(HISTORY, 1):
        made = datetime.fromisoformat(f"{day}T09:00:00").replace(tzinfo=UTC)
        files = "".join(f"M 100644 inline {path}\n{_data(text)}" for path, text in FILES.items())
        who = f"{ADA} {int(made.timestamp())} +0000"
        stream.append(f"commit refs/heads/main\nmark :{number}\ncommitter {who}\n{_data(f'Train {day}')}{files}")
        stream.append(f"M 100644 inline run\n{_data(day)}\n")
        for name, days, person in tags:
            time = int((made + timedelta(days=days, minutes=6)).timestamp())
            stream.append(
                f"tag {name}\nfrom :{number}\ntagger {person} {time} +0000\n{_data(f'Made by the demo: {name}')}"
            )
    environ = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull}
    git = ["git", "-C", str(folder)]
    folder.mkdir(parents=True)
    subprocess.run([*git, "init", "-q", "--bare", "-b", "main"], check=True, env=environ)
    subprocess.run([*git, "fast-import", "--quiet"], input="".join(stream).encode(), check=True, env=environ)


def _data(text: str) -> str:
    return f"data {len(text.encode())}\n{text}\n"


def make(folder: Path) -> int:
    """Runs the action as the runner would, in an empty workspace; gives its exit code. The site is `folder/site`."""
    registry(folder / "server/acme/models")
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "GITHUB_SERVER_URL": (folder / "server").as_uri(),
        "GITHUB_REPOSITORY": "acme/models",
        "GITHUB_OUTPUT": str(folder / "output"),
    }
    command = [sys.executable, str(ROOT / "entrypoint.py"), "page"]
    return subprocess.run(command, env=environ, cwd=folder, check=False).returncode


class _Host(http.server.SimpleHTTPRequestHandler):
    """A static host with ETags, as GitHub Pages is one; it says nothing about requests."""

    _etag = ""

    def do_GET(self) -> None:
        """Sends a file, unless it is the one that is known."""
        path = Path(self.translate_path(self.path))
        self._etag = f'"{hashlib.sha256(path.read_bytes()).hexdigest()[:32]}"' if path.is_file() else ""
        if self._etag and self.headers["if-none-match"] == self._etag:
            self.send_response(http.HTTPStatus.NOT_MODIFIED)
            self.end_headers()
        else:
            super().do_GET()

    def end_headers(self) -> None:
        """Adds the ETag."""
        if self._etag:
            self.send_header("etag", self._etag)
        super().end_headers()

    def log_message(self, *_: object) -> None:
        """Says nothing."""


def main() -> int:
    """Makes the site and serves it, or puts it somewhere."""
    parser = argparse.ArgumentParser(description="A sample registry as a page.")
    parser.add_argument("--port", type=int, default=0, help="on the loopback; any that is free without it")
    parser.add_argument("--minutes", type=float, default=30, help="how long it is served; %(default)s without it")
    parser.add_argument("--out", type=Path, help="a new folder, in which the site is put instead of being served")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gto-action-demo-") as name:
        if options.out:
            options.out.mkdir(parents=True)
        folder = options.out or Path(name)
        if code := make(folder.resolve()):
            return code
        if options.out:
            return 0
        return serve(folder / "site", options.port, options.minutes)


def serve(site: Path, port: int, minutes: float) -> int:
    """Serves a site on the loopback until Ctrl-C, or for so many minutes; gives the exit code."""
    handler = functools.partial(_Host, directory=str(site))
    try:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", port), handler)
    except (OSError, OverflowError) as error:
        why = str(getattr(error, "strerror", error)).rstrip(".")
        print(f"Port {port} cannot be had: {why}. Name another with --port, or none.", file=sys.stderr)
        return 1
    with server:
        print(f"Look at http://127.0.0.1:{server.server_port}/ (for {minutes:g} minutes; Ctrl-C ends it)", flush=True)
        ended = threading.Timer(60 * minutes, server.shutdown)
        ended.daemon = True
        ended.start()
        with contextlib.suppress(KeyboardInterrupt):
            server.serve_forever(poll_interval=0.1)
    return 0


if __name__ == "__main__":
    sys.exit(main())
