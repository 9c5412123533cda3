"""`doctor` on a repository, as programs read it."""

import json
from typing import Any

from click.testing import CliRunner

from gto_action.cli import commands
from tests.support.repo import Repo


def doctor(repo: Repo) -> list[dict[str, Any]]:
    result = CliRunner().invoke(commands.group, ["doctor", "--json", "--repo", str(repo.path)], obj={})
    found: list[dict[str, Any]] = json.loads(result.stdout)
    assert result.exit_code == bool(found), result.output
    return found


def says_so(found: list[dict[str, Any]]) -> bool:
    return any("gto fails" in problem["message"] for problem in found)
