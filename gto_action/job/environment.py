"""What the runner says about the run: read once, typed and validated."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """What the runner says about the run; empty fields are unknown."""

    event_name: str
    event_path: str
    """The file with the payload of the event that triggered the run."""
    ref: str
    sha: str
    """The commit of the run: the tag's commit when it was pushed."""
    repository_url: str
    """Where the tags are; empty means the `origin` of the repository in the working directory."""
    repository: str
    """`OWNER/NAME`; empty if the runner does not say."""
    api_url: str
    """The address of GitHub's REST API, not checked yet."""
    certificates: str
    """The file with the only certificates to trust; empty means those of the image."""
    workflow: str
    """The name of the running workflow's file; empty if the runner does not say."""
    cache_path: str
    """A folder that may be kept between runs; empty if there is none."""
    variables: Mapping[str, str] = field(repr=False)
    """All variables, because DVC may find its credentials there."""
    gto: Mapping[str, str]
    """The variables GTO_…, which belong to gto (R28)."""
