"""The actions without Docker, `native/**/action.yml`, made from the four `action.yml`: the same inputs and outputs.

Call: tools/twins.py writes them; tools/twins.py --check changes nothing, and fails with a sentence where one is not
what it would write.
"""

import re
import sys
from pathlib import Path
from typing import Final

import yaml

ROOT: Final = Path(__file__).parents[1]
FOLDERS: Final = ("", "catch-up", "deployment", "page")
_SECTION: Final = re.compile(r"^(?=[a-z])", re.MULTILINE)
_OUTPUT: Final = re.compile(r"^  (?P<name>[\w-]+):\n    description: .*\n", re.MULTILINE)


class StaleError(Exception):
    """A twin that is not what its action would give."""


def twin_of(text: str, folder: str) -> str:
    """The twin of an action's file.

    Args:
        text: what the file says.
        folder: where it is; empty for the root.
    """
    contract = yaml.safe_load(text)
    sections = {part.partition(":")[0]: part.rstrip() for part in _SECTION.split(text) if part}
    outputs = _OUTPUT.sub(
        lambda found: f"{found[0]}    value: ${{{{ steps.gto.outputs.{found['name']} }}}}\n", f"{sections['outputs']}\n"
    )
    variables = "".join(f"        INPUT_{name.upper()}: ${{{{ inputs.{name} }}}}\n" for name in contract["inputs"])
    up, argument = ("../", f" {folder}") if folder else ("", "")
    return (
        f"# Made by tools/twins.py from {folder + '/' if folder else ''}action.yml: the same without Docker.\n"
        f"name: {contract['name']}, without Docker\n"
        f"{sections['description']}\n{sections['author']}\n\n{sections['inputs']}\n\n{outputs}\n"
        "runs:\n  using: composite\n  steps:\n    - id: gto\n      shell: bash\n"
        f"      env:\n{variables}"
        f'      run: exec bash "$GITHUB_ACTION_PATH/{up}run.sh"{argument}\n'
    )


def main(arguments: list[str]) -> None:
    """Writes or checks the twins.

    :raises StaleError: if one is to be checked and is not what it has to be.
    """
    for folder in FOLDERS:
        twin = ROOT / "native" / folder / "action.yml"
        text = twin_of((ROOT / folder / "action.yml").read_text(), folder)
        if arguments == ["--check"]:
            if not twin.exists() or twin.read_text() != text:
                name = twin.relative_to(ROOT)
                raise StaleError(f"{name} is not what {folder or '.'}/action.yml gives: run python tools/twins.py")
        else:
            twin.parent.mkdir(parents=True, exist_ok=True)
            twin.write_text(text)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except StaleError as error:
        sys.exit(f"twins: {error}")
