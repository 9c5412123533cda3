"""What is wanted of a remote."""

from dataclasses import dataclass

from gto_action.gto.names import ArtifactName


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is wanted of a remote."""

    tag_name: str = ""
    """The tag whose files will be asked for; empty if nobody knows yet."""
    paths: tuple[str, ...] = ()
    """Those of the files that nobody can do without."""
    only: ArtifactName | None = None
    """The artifact whose tags are enough; None for every tag."""
    needed: ArtifactName | None = None
    """The artifact whose tags are enough where all of them cannot be had, or are very many."""
