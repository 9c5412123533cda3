"""The four actions: where each is declared, in the code and for GitHub, and on which page it is told."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from gto_action.answer.document import DEPLOYMENT_NAMES, MISSED_NAMES, NAMES, PAGE_NAMES
from gto_action.job.declared import IsInputs
from gto_action.job.inputs import AnswerInputs, CatchUpInputs, DeploymentInputs, PageInputs
from gto_action.published import REPOSITORY
from tests.support.pages import ROOT


@dataclass(frozen=True, slots=True)
class Declared:
    """One of the actions."""

    folder: str
    """Where its `action.yml` is; empty for the root."""
    kind: type[IsInputs]
    outputs: tuple[str, ...]
    """Their names in the code."""
    page: str

    @property
    def file(self) -> Path:
        return ROOT / self.folder / "action.yml"

    @property
    def contract(self) -> dict[str, Any]:
        """What `action.yml` says."""
        found = yaml.safe_load(self.file.read_text())
        assert isinstance(found, dict)
        return found

    @property
    def uses(self) -> str:
        """How a workflow names it."""
        return "/".join(filter(None, (REPOSITORY, self.folder))) + "@v3"


ACTIONS: Final = (
    Declared("", AnswerInputs, NAMES, "README.md"),
    Declared("catch-up", CatchUpInputs, MISSED_NAMES, "docs/no-event-lost.md"),
    Declared("deployment", DeploymentInputs, DEPLOYMENT_NAMES, "docs/deployments.md"),
    Declared("page", PageInputs, PAGE_NAMES, "docs/page.md"),
)
USED: Final = {action.uses: action for action in ACTIONS}
"""Each by how a workflow names it."""
