"""What the runner says of the run: read once, typed, validated."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """What the runner says of the run; whatever it does not say is empty."""

    event_name: str
    event_path: str
    """The file with the payload of the event that triggered the run."""
    ref: str
    sha: str
    """The commit the run is for: that of the tag when it was pushed."""
    repository_url: str
    """Where the tags are; empty for the `origin` of the repository in the working directory."""
    repository: str
    """`OWNER/NAME`; empty if the runner does not say."""
    api_url: str
    """That of GitHub's REST API; nobody has looked at it yet."""
    certificates: str
    """The file with the certificates that are trusted beside no other; empty for those that the image has."""
    workflow: str
    """The name of the running workflow's file; empty if the runner does not say."""
    cache_path: str
    """A folder that may last from run to run; empty if there is none."""
    variables: Mapping[str, str] = field(repr=False)
    """All of them: for DVC, whose credentials they may be."""
    gto: Mapping[str, str]
    """The variables GTO_…, which are gto's own (R28)."""
