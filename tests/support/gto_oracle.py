"""The real gto, asked by the tests; runs in gto's own environment, not in that of the tests.

Reads questions from standard input, one JSON document a line, and answers each with one line:
`{"repo": PATH, "ask": [[COMMAND, ARGUMENT], …]}` gets a list with what gto's `--json` prints for each, or its error.
"""

import json
import sys
from datetime import datetime
from typing import Any


def main() -> None:
    """Answers until there are no more questions."""
    from gto import api  # type: ignore[import-not-found]  # noqa: PLC0415
    from gto.constants import VersionSort  # type: ignore[import-not-found]  # noqa: PLC0415

    def check_ref(repo: str, ref: str) -> dict[str, Any] | None:
        events = api.check_ref(repo, ref)
        if not events:
            return None
        (event,) = events
        return event.dict_state(exclude={"priority", "addition"})  # type: ignore[no-any-return]

    def listed(repo: str, options: str) -> Any:  # noqa: ANN401 - whatever gto gives
        given = json.loads(options)
        given["sort"] = VersionSort(given["sort"])
        return api.show(repo, **given)

    commands: dict[str, Any] = {
        "listed": listed,
        "history-asc": lambda repo, name: api.history(repo, name or None, ascending=True),
        "stages-used": lambda repo, _: api.get_stages(repo, used=True),
        "check-ref": check_ref,
        "show": lambda repo, name: api.show(repo, name or None),
        "history": lambda repo, name: api.history(repo, name or None),
        "stages": lambda repo, _: api.get_stages(repo),
    }

    def ask(repo: str, command: str, argument: str) -> Any:  # noqa: ANN401 - whatever gto gives
        try:
            return commands[command](repo, argument)
        except Exception as error:  # noqa: BLE001 - whatever kills gto is its answer
            return {"error": type(error).__name__}

    for line in sys.stdin:
        question = json.loads(line)
        answers = [ask(question["repo"], *each) for each in question["ask"]]
        print(json.dumps(answers, default=_as_text), flush=True)


def _as_text(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(repr(value))


if __name__ == "__main__":
    main()
