"""Sites that the tests make, and what is read from them."""

import json
import time
from pathlib import Path
from typing import Any

from gto_action.git.remote import Remote
from gto_action.git.repository import Repository
from gto_action.page.build import Built, Question, build
from gto_action.page.facts import About
from gto_action.render.links import Links

PAGE = "https://github.com/acme/models"
CHURN = """\
artifacts:
  churn:
    path: models/churn.pkl
    type: model
    desc: Which customers will leave
    labels: [tabular, sales]
    meta: {owner: growth}
  data: {path: "s3://acme/customers", type: dataset, labels: [sales]}
"""


def make(repo: Path, out: Path, *, cache: Path | None = None, page: str = PAGE, now: float | None = None) -> Built:
    """Makes a site of a repository, as both faces do."""
    about = About(title="acme/models", repository=f"{page}.git" if page else "", page=page)
    with Repository(Remote(repo.as_uri()), log=print) as repository:
        question = Question(
            out=out,
            about=about,
            links=Links(page),
            now=time.time() if now is None else now,
            cache=str(cache) if cache else "",
        )
        return build(question, repository.fetch())


def read(out: Path, path: str) -> Any:  # noqa: ANN401 - any JSON
    return json.loads((out / path).read_bytes())


def contents(out: Path) -> dict[str, bytes]:
    """Every file of a folder."""
    return {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}


def states(out: Path) -> dict[str, tuple[int, int]]:
    """Which file each is, and when it was written."""
    found = {str(path.relative_to(out)): path.stat() for path in sorted(out.rglob("*")) if path.is_file()}
    return {path: (stat.st_ino, stat.st_mtime_ns) for path, stat in found.items()}
