"""Throws what atheris makes up at the parsers of git's protocol (`fuzz_targets`), each for its time.

`make fuzz` prints the seed of each, with which the same comes again. What has been found interesting is kept in
.cache/fuzz-corpus, from which the next run goes on, and what breaks a parser in .cache/fuzz-found.
"""

import argparse
import random
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

import atheris  # noqa: E402 - from the environment that `make fuzz` makes

with atheris.instrument_imports(include=["gto_action.git"]):
    from tools.fuzz_targets import EXAMPLES, PARSERS, REFUSALS

CORPUS: Final = ROOT / ".cache/fuzz-corpus"
FOUND: Final = ROOT / ".cache/fuzz-found"
_SLOW: Final = 20
"""Seconds after which one input is one too many."""
_MEGABYTES: Final = 1024


def fuzz(name: str, options: list[str]) -> None:
    """Goes on until libFuzzer ends the process."""

    def one(data: bytes) -> None:
        with suppress(*REFUSALS):
            PARSERS[name](data)

    atheris.Setup([sys.argv[0], *options], one)
    atheris.Fuzz()


def run(name: str, minutes: float, seed: int) -> bool:
    """Starts a process for one parser, and tells how it went."""
    corpus = CORPUS / name
    for folder in (corpus, FOUND):
        folder.mkdir(parents=True, exist_ok=True)
    for number, example in enumerate(EXAMPLES[name]):
        (corpus / f"example-{number}").write_bytes(example)
    options = [f"-max_total_time={round(minutes * 60)}", f"-seed={seed}", f"-timeout={_SLOW}", "-max_len=8192"]
    options += [f"-rss_limit_mb={_MEGABYTES}", f"-artifact_prefix={FOUND}/{name}-", str(corpus)]
    command = [sys.executable, __file__, "--only", name, "--", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    last = [line for line in done.stderr.splitlines() if line.startswith(("Done ", "SUMMARY", "stat::"))]
    print(f"{name}: seed {seed}, {last[-1] if last else 'no word of libFuzzer'}", flush=True)
    if done.returncode:
        print(done.stdout[-4000:] + done.stderr[-4000:])
    return not done.returncode


def main() -> int:
    """The exit code: 1 if a parser was broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=[*PARSERS], metavar="PARSER", help=", ".join(PARSERS))
    parser.add_argument("--minutes", type=float, default=1.0, help="for each parser")
    parser.add_argument("--seed", type=int, default=random.randrange(1, 2**31))  # noqa: S311 - anyone will do
    parser.add_argument("--only", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.only:
        fuzz(given.only, given.names)
    broken = [name for name in given.names if not run(name, given.minutes, given.seed)]
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
