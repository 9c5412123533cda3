"""The annotation of `churn`, read from files that are text."""

import dataclasses
from typing import Any

from gto_action.dvc_yaml.annotation import Annotation, read_annotation
from gto_action.errors import Problem
from gto_action.gto.names import ArtifactName

HEAD = "artifacts:\n  churn:\n"


def read(
    files: dict[str, str | bytes] | str, name: str = "churn", directory: str = ""
) -> tuple[Annotation | None, tuple[Problem, ...]]:
    files = {"dvc.yaml": files} if isinstance(files, str) else files
    content = {path: text.encode() if isinstance(text, str) else text for path, text in files.items()}
    return read_annotation(ArtifactName(name, directory), content.get)


def fields(annotation: Annotation | None) -> dict[str, Any]:
    """What is not the default, without the place."""
    assert annotation is not None
    found = dataclasses.asdict(annotation)
    default = dataclasses.asdict(Annotation())
    return {key: value for key, value in found.items() if key not in {"file", "line"} and value != default[key]}
