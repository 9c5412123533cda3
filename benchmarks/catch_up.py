"""How often a catch-up asks GitHub and git, and how long it takes: benchmarks/catch_up.py [SIZE…].

Each registry has SIZE tags of the last week, ten on each commit, and a run of each tag but five. What is asked is
counted by the servers of the tests, whose own time is in the seconds; no network is in between. Before it dispatches, a
catch-up waits half a minute for runs that are not listed yet.
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
from tests.support.action import run_entrypoint  # noqa: E402
from tests.support.built import build  # noqa: E402
from tests.support.git_server import GitServer  # noqa: E402
from tests.support.github_server import GitHubServer  # noqa: E402
from tests.support.repo import Repo  # noqa: E402

TOKEN: Final = "any"  # noqa: S105 - of the servers here
MISSED: Final = 5
NOW: Final = int(time.time())


def lines(size: int, commits: int) -> Iterator[str]:
    """The tags: of fifty artifacts a version in each commit."""
    for number in range(size):
        yield f"model-{number % 50}@v1.{number}.0 c{number % commits} {NOW - 500_000 + number * 400_000 // size}"


def measure(size: int, *, others: int, dispatch: bool) -> str:
    """One catch-up, as a row of a table; `others` are runs of the workflow that are for no tag."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "srv/o/r")
        tags = build(path, "\n".join(lines(size, max(size // 10, 1))))
        names, oids = "%(refname:strip=2)", "%(*objectname)"
        listing = Repo(path).git("for-each-ref", f"--format={names} {oids}", "refs/tags")
        with GitServer(path.parents[1], token=TOKEN) as git, GitHubServer(TOKEN) as github:
            github.checked = False
            github.commits = dict(line.split(" ") for line in listing.splitlines())
            for number, name in enumerate(tags[:-MISSED]):
                github.add_run(name, github.commits[name], created=NOW - 480_000 + number * 400_000 // size)
            for number in range(others):
                github.add_run(f"branch-{number}", "e" * 40, created=NOW - 480_000 + number * 20)
            start = time.monotonic()
            run = run_entrypoint(
                Path(folder, "run"),
                {
                    "GITHUB_SERVER_URL": git.url,
                    "GITHUB_API_URL": github.url,
                    "GITHUB_REPOSITORY": "o/r",
                    "NO_PROXY": "127.0.0.1",
                    "INPUT_WORKFLOW": "deploy.yml",
                    "INPUT_DISPATCH": str(dispatch).lower(),
                    "INPUT_TOKEN": TOKEN,
                },
                action="catch-up",
            )
            seconds = time.monotonic() - start
            if not run.outputs or run.outputs["count"] != str(MISSED):
                sys.exit(f"Not {MISSED} were missed:\n{run.log[-1000:]}")
            asked, fetched = len(github.received), len(git.requests)
    return f"| {size:,} | {others:,} | {'dispatch' if dispatch else 'list'} | {asked} | {fetched} | {seconds:.2f} |"


def main() -> None:
    """Prints the table."""
    sizes = [int(each) for each in sys.argv[1:]] or [30, 1_000, 10_000]
    print("| tags | other runs | what | requests to GitHub's API | requests of git | seconds |")
    print("| --: | --: | --- | --: | --: | --: |")
    for size in sizes:
        for others, dispatch in ((0, False), (0, True), (20_000, False)):
            print(measure(size, others=others, dispatch=dispatch), flush=True)


if __name__ == "__main__":
    main()
