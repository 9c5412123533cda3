"""Writes what a release changes into the files for other CI systems: the version, and the hash of GitLab's component.

`python tools/ci_files.py` writes them; with `--check` it says which are not as they should be.
"""

import argparse
import base64
import hashlib
import re
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
from gto_action import __version__  # noqa: E402 - of this checkout, whatever is installed
from gto_action.published import IMAGE, PACKAGE, REPOSITORY  # noqa: E402 - the same

TEMPLATE: Final = ROOT / "templates/event.yml"
REMOTE: Final = f"https://raw.githubusercontent.com/{REPOSITORY}/v{__version__}/templates/event.yml"


def integrity_of(data: bytes) -> str:
    """The hash of a file as `integrity` has it."""
    return f"sha256-{base64.b64encode(hashlib.sha256(data).digest()).decode()}"


def with_version(text: str) -> str:
    """A text with the version of this checkout, wherever it has one."""
    text = re.sub(rf"{re.escape(IMAGE)}:v[\w.-]+?-cli\b", f"{IMAGE}:v{__version__}-cli", text)
    text = re.sub(rf"{re.escape(PACKAGE)}\[cli\]==\d+(?:[.]\d+)*(?:-rc[.]\d+)?", f"{PACKAGE}[cli]=={__version__}", text)
    return re.sub(rf"https://raw\.githubusercontent\.com/{REPOSITORY}/[^/]+/templates/event\.yml", REMOTE, text)


def files() -> dict[Path, str]:
    """The files, as they should be."""
    template = with_version(TEMPLATE.read_text())
    integrity = f"integrity: {integrity_of(template.encode())}"
    found = {TEMPLATE: template}
    for path in [*sorted(ROOT.glob("examples/ci/*")), ROOT / "docs/ci.md", ROOT / "README.md"]:
        found[path] = re.sub(r"integrity: sha256-[\w+/=]*", integrity, with_version(path.read_text()))
    return found


def main() -> int:
    """Writes or checks; gives the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 if something would change")
    check = parser.parse_args().check
    changed = {path: text for path, text in files().items() if text != path.read_text()}
    for path, text in changed.items():
        print(f"{path.relative_to(ROOT)}: {'run python tools/ci_files.py' if check else 'written'}")
        if not check:
            path.write_text(text)
    return int(check and bool(changed))


if __name__ == "__main__":
    sys.exit(main())
