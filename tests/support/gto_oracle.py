"""The real gto, asked by the tests; runs in gto's own environment, not in that of the tests.

Reads questions from standard input, one JSON document a line, and answers each with one line:
`{"repo": PATH, "refs": [REF, …]}` gets a list with gto's event for each ref, null for none, or its error.
"""

import json
import sys
from typing import Any


def main() -> None:
    """Answers until there are no more questions."""
    from gto import api  # type: ignore[import-not-found]  # noqa: PLC0415

    def ask(repo: str, ref: str) -> dict[str, Any] | None:
        try:
            events = api.check_ref(repo, ref)
        except Exception as error:  # noqa: BLE001 - whatever kills gto is its answer
            return {"error": type(error).__name__}
        if not events:
            return None
        (event,) = events
        return {
            "event": type(event).__name__.lower(),
            "name": event.artifact,
            "version": getattr(event, "version", None) or "",
            "stage": getattr(event, "stage", None) or "",
            "sha": event.commit_hexsha,
            "tag": event.ref,
            "author": event.author,
            "author_email": event.author_email,
            "message": event.message,
            "created_at": event.created_at.timestamp(),
        }

    for line in sys.stdin:
        question = json.loads(line)
        print(json.dumps([ask(question["repo"], ref) for ref in question["refs"]]), flush=True)


if __name__ == "__main__":
    main()
