"""The service, to watch: a Git server, the service and a sink that prints, on loopback, and a few pushed tags."""

import json
import os
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path
from typing import Final

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
from tests.support.git_server import GitServer  # noqa: E402 - below the repository's root
from tests.support.hooks import push_hook  # noqa: E402
from tests.support.repo import Repo  # noqa: E402
from tests.support.service import Service, Sink, wait_for  # noqa: E402

PUSHES: Final = ("churn@v1.0.0", "churn#prod#1", "churn#prod!#2")
DVC_YAML: Final = "artifacts: {churn: {path: models/churn.pkl, type: model}}\n"


def push(service: Service, repo: Repo, tag: str, at: int) -> None:
    """Makes a tag on the server, and sends the webhook that GitHub would send."""
    repo.tag(tag, time=at)
    print(f"\n$ git push origin '{tag}'      webhook: {push_hook(service)}")


def main() -> None:
    """Shows a push of each kind on its way to the sink."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        repo = Repo(folder / "srv/acme/models")
        repo.commit({"dvc.yaml": DVC_YAML})
        repo.tag("churn@v0.9.0", time=1_700_000_000)
        with (
            GitServer(folder / "srv") as server,
            Sink() as sink,
            Service(folder / "service", {"models": f"{server.url}/acme/models"}, sink.url) as service,
        ):
            print(textwrap.indent(service.config.read_text(), "    "))
            print("$ gto-action serve")
            service.start()
            wait_for(lambda: any("were there before" in line["message"] for line in service.lines()))
            for number, tag in enumerate(PUSHES, 1):
                began = time.monotonic()
                push(service, repo, tag, 1_700_000_000 + number)
                event = sink.wait(number)[-1].event
                print(f"the sink got, after {time.monotonic() - began:.1f} seconds:")
                shown = {key: event[key] for key in ("id", "type", "subject", "sequence", "tag")}
                shown["data"] = {key: event["data"][key] for key in ("version", "stage", "previous_version", "path")}
                print(textwrap.indent(json.dumps(shown, indent=2), "    "))
            print("\n$ gto-action deliveries", flush=True)  # before what the command says, in a pipe too
            command = [sys.executable, "-m", "gto_action", "deliveries", "--config", str(service.config)]
            subprocess.run(command, env={**os.environ, **service.environment}, check=True)


if __name__ == "__main__":
    main()
