"""The files that an answer needs. It imports little, so that they are asked for before most of the program is there."""

from gto_action.dvc_yaml.places import files_of
from gto_action.gto.names import CONFIG_FILE
from gto_action.gto.tag import Tag


def files_for(tag: Tag) -> tuple[str, ...]:
    """The files of a tag's commit that its answer needs."""
    return CONFIG_FILE, *files_of(tag.artifact)
