"""Sites that the tests make, and what is read from them."""

import json
import time
from pathlib import Path
from typing import Any, Final

from gto_action.git.remote import Remote
from gto_action.git.repository import Repository
from gto_action.page.build import Built, Question, build
from gto_action.page.facts import About
from gto_action.render.links import Links
from tests.support.repo import Repo

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
HOSTILE: Final = (
    "<script>window.ran = true</script>",
    "<img src=x onerror='window.ran = true'>",
    "\"'><svg onload='window.ran = true'>",
    "javascript:window.ran=true",
    "{{ 7 * 7 }}{% raw %}",
    "</title></style></textarea><h1 onclick='ran = true'>x",
    "\u202egnirts desrever\u202c \u200f\u2066x\u2069",
    "a" * 5_000,
    "=cmd|' /C calc'!A0",
    "]]>--><!-- &lt;&#x3c;",
    "\U0001f680 \u00e9\u0301 \u05d0\u05d1 \u0645\u0631",
)
"""What strangers may write wherever a text of theirs is shown."""


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


def say(repo: Repo, text: str, name: str = "m") -> None:
    """Makes an artifact of which `dvc.yaml`, the tags and their author say a text wherever they can."""
    quoted = json.dumps(text)
    fields = f"{{path: {quoted}, type: {quoted}, desc: {quoted}, labels: [{quoted}], meta: {{{quoted}: {quoted}}}}}"
    commit = repo.commit({"dvc.yaml": f"artifacts: {{{name}: {fields}}}"})
    who = text.replace("<", "").replace(">", "") or "x"
    repo.tag(f"{name}@v1.0.0", commit, tagger=f"{who} <a@b> 1000 +0000", message=text)
    repo.tag(f"{name}#prod", commit, tagger=f"{who} <a@b> 1001 +0000")


def read(out: Path, path: str) -> Any:  # noqa: ANN401 - any JSON
    return json.loads((out / path).read_bytes())


def contents(out: Path) -> dict[str, bytes]:
    """Every file of a folder."""
    return {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}


def states(out: Path) -> dict[str, tuple[int, int]]:
    """Which file each is, and when it was written."""
    found = {str(path.relative_to(out)): path.stat() for path in sorted(out.rglob("*")) if path.is_file()}
    return {path: (stat.st_ino, stat.st_mtime_ns) for path, stat in found.items()}
