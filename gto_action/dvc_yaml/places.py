"""Where an artifact's annotation is. It imports little, so that these files are asked for before they can be parsed."""

import posixpath
from typing import Final

from gto_action.gto.names import ArtifactName

DVC_YAML: Final = "dvc.yaml"
DEFAULT_PARAMS: Final = "params.yaml"


def files_of(artifact: ArtifactName) -> tuple[str, ...]:
    """The files that `read_annotation` will probably read, from the repository's root."""
    file = dvc_yaml_of(artifact)
    return file, posixpath.join(posixpath.dirname(file), DEFAULT_PARAMS)


def dvc_yaml_of(artifact: ArtifactName) -> str:
    """The path of an artifact's dvc.yaml from the repository's root; it begins with `../` if it is outside (D6).

    >>> dvc_yaml_of(ArtifactName("churn", "models/")), dvc_yaml_of(ArtifactName("churn", "models/dvc.yaml"))
    ('models/dvc.yaml', 'models/dvc.yaml')
    """
    directory = posixpath.normpath(artifact.directory.lstrip("/"))  # to DVC "/models" means "models"
    if posixpath.basename(directory) == DVC_YAML:
        return directory
    return posixpath.normpath(posixpath.join(directory, DVC_YAML))
