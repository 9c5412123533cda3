"""The tables of inputs and outputs in the pages, made from the four `action.yml`.

Call: tools/tables.py writes them; tools/tables.py --check changes nothing, and fails with a sentence where one is not
what it would write.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml

ROOT: Final = Path(__file__).parents[1]
PAGES: Final = {
    "README.md": "action.yml",
    "docs/no-event-lost.md": "catch-up/action.yml",
    "docs/deployments.md": "deployment/action.yml",
    "docs/page.md": "page/action.yml",
}
"""Each page, and the action whose tables it has."""
EXAMPLES: Final = {
    "action.yml": {
        "event": "assignment",
        "name": "models/nlp:churn",
        "version": "v3.1.0",
        "stage": "prod",
        "type": "model",
        "path": "models/nlp/churn.pkl",
        "description": "Who will leave us",
        "tag": "models/nlp=churn#prod#4",
        "sha": "8a1eb65f0c2d4b3a5e69788112233445566778ff",
        "previous-version": "v3.0.0",
        "current-version": "v3.1.0",
        "latest-version": "v3.1.0",
        "is-current": "true",
        "stages": '{"prod": "v3.1.0"}',
        "matched": "true",
        "pulled": "false",
        "json": '{"event": "assignment", …}',
    },
    "catch-up/action.yml": {
        "missed": "true",
        "events": '[{"event": "assignment", …}]',
        "count": "5",
    },
    "deployment/action.yml": {
        "deployment-id": "1234567",
        "superseded": "false",
    },
    "page/action.yml": {
        "path": "site",
        "changed": "true",
        "problems": "0",
    },
}
"""What an output may be: `action.yml` has no place for it."""


class StaleError(Exception):
    """A page that does not say what its `action.yml` says."""


def _table(columns: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    lines = [columns, tuple("---" for _ in columns), *rows]
    cells = ([cell.replace("|", r"\|") for cell in line] for line in lines)
    return "".join(f"| {' | '.join(line)} |\n".replace("|  |", "| |") for line in cells)


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def tables(action: str) -> dict[str, str]:
    """The table of an action's `inputs` and that of its `outputs`, in Markdown."""
    declared: dict[str, Any] = yaml.safe_load((ROOT / action).read_text(encoding="utf-8"))
    inputs, outputs, examples = declared["inputs"], declared["outputs"], EXAMPLES[action]
    return {
        "inputs": _table(
            ("name", "default", "what"),
            ((_code(name), _code(each["default"]), each["description"]) for name, each in inputs.items()),
        ),
        "outputs": _table(
            ("name", "example", "what"),
            ((_code(name), _code(examples[name]), each["description"]) for name, each in outputs.items()),
        ),
    }


def written(page: str) -> str:
    """A page with its tables as they have to be.

    :raises StaleError: if there is no place for one.
    """
    text = (ROOT / page).read_text(encoding="utf-8")
    for kind, table in tables(PAGES[page]).items():
        begin, end = f"<!-- {kind}:begin, by tools/tables.py -->\n", f"<!-- {kind}:end -->\n"
        before, found, rest = text.partition(begin)
        _, ends, after = rest.partition(end)
        if not found or not ends:
            raise StaleError(f"{page} has no place for a table: {begin.strip()} … {end.strip()}")
        text = f"{before}{begin}\n{table}\n{end}{after}"
    return text


def main(arguments: list[str]) -> None:
    """Writes the tables, or checks them.

    :raises StaleError: if one is not what its `action.yml` says.
    """
    pages = {page: written(page) for page in PAGES}
    for page, text in pages.items():
        if text != (ROOT / page).read_text(encoding="utf-8"):
            if "--check" in arguments:
                raise StaleError(f"The tables of {page} are not those of {PAGES[page]}: run python tools/tables.py")
            (ROOT / page).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except StaleError as error:
        sys.exit(f"error: {error}")
