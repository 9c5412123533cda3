"""What to fetch from a remote."""

from dataclasses import dataclass

from gto_action.gto.names import ArtifactName


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What to fetch from a remote."""

    tag_name: str = ""
    """The tag whose files will be needed; empty if not known yet."""
    commit: str = ""
    """The commit that the tag probably points to: it saves a question. Empty if unknown."""
    paths: tuple[str, ...] = ()
    """The files that will certainly be needed."""
    only: tuple[ArtifactName, ...] = ()
    """The artifacts whose tags suffice; none for all tags."""
    needed: tuple[ArtifactName, ...] = ()
    """The artifacts whose tags suffice if not all tags can be fetched, or if there are very many; none for all tags."""
