"""The documents of a site, held against their schema."""

import json
import re
from pathlib import Path
from typing import Final

import jsonschema

from gto_action.page.mark import MARK
from tests.support.machine import ROOT

SCHEMA: Final = json.loads((ROOT / "schema/page-v1.json").read_text())
_KINDS: Final = {
    "registry": r"api/registry\.json",
    "events": r"api/events\.json",
    "stages": r"api/stages/[^/]+\.json",
    "artifact": r"api/artifacts/[^/]+\.json",
    "latest": r"api/artifacts/[^/]+/latest\.json",
    "held": r"api/artifacts/[^/]+/stages/[^/.]+\.json",
    "badge": r"api/artifacts/[^/]+/(?:latest|stages/[^/.]+)\.badge\.json",
}
"""Each kind of document in the schema, and where its files are."""
_VALIDATORS: Final = {
    kind: jsonschema.Draft202012Validator({"$ref": f"#/$defs/{kind}", "$defs": SCHEMA["$defs"]}) for kind in _KINDS
}


def check_documents(site: Path) -> set[str]:
    """Every document is as the schema says, and there is no other JSON; gives the kinds that there are."""
    found = set()
    for path in site.rglob("*.json"):
        where = str(path.relative_to(site))
        if where != MARK:
            (kind,) = [kind for kind, pattern in _KINDS.items() if re.fullmatch(pattern, where)]
            _VALIDATORS[kind].validate(json.loads(path.read_bytes()))
            found.add(kind)
    return found
