"""What a page costs: benchmarks/page.py [--sizes TAGS…] [--keep FOLDER].

Each registry has 100 tags of an artifact, or fewer: of five tags one registers a version on a commit of its own, and
the others promote it. Each commit has a `dvc.yaml` for a tenth of the artifacts. Seconds are of a process that reads
the tags (`fetch`) and of the rest; then one tag is added, and it runs again. Each is one run.
"""

import argparse
import gc
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
_PERSON: Final = "Ada Lovelace <ada@example.com>"
_START: Final = 1_600_000_000
_FOLDERS: Final = 10
_TEAM: Final = 1_000
"""The artifacts, at most."""


def build(path: Path, size: int) -> None:
    """A bare repository with `size` annotated tags, packed."""
    artifacts = max(1, min(_TEAM, size // 100))
    environ = {"PATH": os.environ["PATH"], "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
    path.mkdir(parents=True)
    git = ["git", "-C", str(path)]
    subprocess.run([*git, "init", "--quiet", "--bare", "-b", "main"], check=True, env=environ)
    stream = "".join(_stream(size, artifacts)).encode()
    subprocess.run([*git, "fast-import", "--quiet", "--force"], check=True, env=environ, input=stream)
    subprocess.run([*git, "pack-refs", "--all"], check=True, env=environ)


def _stream(size: int, artifacts: int) -> Iterator[str]:
    names = [f"team-{number % _FOLDERS}=model-{number:04}" for number in range(artifacts)]
    for commit in range(size // 5):
        name, turn = names[commit % artifacts], commit // artifacts
        time = _START + 300 * commit
        yield f"commit refs/heads/main\nmark :{commit + 1}\ncommitter {_PERSON} {time} +0000\n{_data('Train')}"
        if not commit:
            for folder in range(_FOLDERS):
                entries = "".join(_entry(each) for each in names if each.startswith(f"team-{folder}="))
                text = f"artifacts:\n{entries}" if entries else ""
                yield f"M 100644 inline team-{folder}/dvc.yaml\n{_data(text)}"
        yield f"M 100644 inline params.yaml\n{_data(f'seed: {commit}')}"
        version = f"v{turn // 10}.{turn % 10}.0"
        for number, what in enumerate((f"@{version}", "#dev", "#staging", "#dev!", "#prod")):
            tag = f"{name}{what}" if number == 0 else f"{name}{what}#{4 * turn + number}"
            yield f"tag {tag}\nfrom :{commit + 1}\ntagger {_PERSON} {time + number} +0000\n{_data(tag)}"


def _entry(name: str) -> str:
    plain = name.partition("=")[2]
    fields = f"path: {plain}.pkl, type: model, desc: Which customers will leave by region, labels: [tabular]"
    return f"  {plain}: {{{fields}}}\n"


def _data(text: str) -> str:
    return f"data {len(text.encode())}\n{text}\n"


def run(repo: Path, out: Path, cache: Path) -> dict[str, float]:
    """Makes the page in a process of its own, as the command does; gives what it cost."""
    command = [sys.executable, __file__, "--one", str(repo), str(out), str(cache)]
    start = time.monotonic()
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found | {"whole": time.monotonic() - start}


def one(repo: Path, out: Path, cache: Path) -> None:
    """In that process."""
    gc.disable()  # as both doors do
    from gto_action.git.remote import Remote  # noqa: PLC0415 - counts
    from gto_action.git.repository import Repository  # noqa: PLC0415
    from gto_action.page.build import Question, build  # noqa: PLC0415
    from gto_action.page.facts import About  # noqa: PLC0415
    from gto_action.render.links import Links  # noqa: PLC0415

    page = "https://github.com/acme/models"
    with Repository(Remote(repo.as_uri()), log=lambda _: None, timeout=600) as repository:
        start = time.monotonic()
        tags = repository.fetch()
        fetched = time.monotonic()
        question = Question(
            out=out,
            about=About(title="acme/models", repository=page, page=page),
            links=Links(page),
            now=time.time(),
            cache=str(cache),
        )
        built = build(question, tags, lambda text: print(f"{time.monotonic() - fetched:.2f} {text}", file=sys.stderr))
        spent = resource.getrusage(resource.RUSAGE_SELF)
    print(
        json.dumps(
            {
                "fetch": fetched - start,
                "rest": time.monotonic() - fetched,
                "memory": spent.ru_maxrss * 1024,
                "cpu": spent.ru_utime + spent.ru_stime,
                "files": built.files,
                "changed": built.changed,
                "overview": (out / "index.html").stat().st_size,
            }
        )
    )


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description="What a page costs.")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 100_000])
    parser.add_argument("--keep", type=Path, help="where the registries and the sites stay")
    parser.add_argument("--one", type=Path, nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        one(*options.one)
        return
    print("| tags | what | whole, s | fetch, s | rest, s | processor, s | memory, MB | files changed | overview, kB |")
    print("| --: | --- | --: | --: | --: | --: | --: | --: | --: |")
    with tempfile.TemporaryDirectory() as name:
        for size in options.sizes:
            folder = (options.keep or Path(name)).resolve() / str(size)
            repo, out, cache = folder / "repo", folder / "site", folder / "cache"
            build(repo, size)
            for what in ("first", "nothing new", "one tag"):
                if what == "one tag":
                    tag = ["tag", "-a", "-m", "one", "team-0=model-0000#prod#99999", "main"]
                    who = {"GIT_COMMITTER_NAME": "Ada", "GIT_COMMITTER_EMAIL": "ada@example.com"}
                    subprocess.run(["git", "-C", str(repo), *tag], check=True, env={**os.environ, **who})
                cost = run(repo, out, cache)
                print(
                    f"| {size:,} | {what} | {cost['whole']:.2f} | {cost['fetch']:.2f} | {cost['rest']:.2f} "
                    f"| {cost['cpu']:.2f} | {cost['memory'] / 1e6:.0f} | {cost['changed']:,} of {cost['files']:,} "
                    f"| {cost['overview'] / 1e3:.0f} |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
