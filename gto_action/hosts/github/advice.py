"""What the author of a workflow can do about a failure."""

from typing import Final

from gto_action.errors import GtoActionError, Kind

_ADVICE: Final = {
    Kind.REFUSED: "Give the job 'permissions: contents: read', or set the input 'token' to a token that has it.",
    Kind.MISSING: "Check the address; a token without 'contents: read' cannot see a private repository either.",
    Kind.MOVED: "Use the new address; redirects to another server are not followed, so that it does not get the token.",
    Kind.LATER: "Run the job again later.",
    Kind.SLOW: "Run the job again later, or raise the input 'timeout'.",
    Kind.HURRIED: "Raise the input 'timeout'.",
    Kind.FULL: "Free space or memory, or set TMPDIR to a folder with more space.",
    Kind.MEMORY: "Free space or memory, or set TMPDIR to a folder with more space. If the remote has very many tags, "
    "set the inputs 'show' and 'history' to 'false', so that only the artifact's tags are fetched.",
    Kind.UNKNOWN: "Set GITHUB_REPOSITORY to 'OWNER/NAME', or run in a clone.",
    Kind.CHECKOUT: "Run actions/checkout in an earlier step, or set the input 'fetch-tags' to 'false'.",
    Kind.LIGHTWEIGHT: "To accept it as it is, set the input 'lightweight' to 'accept'.",
}


def advice(failure: GtoActionError) -> str:
    """What to do about a failure, in terms of workflows and inputs; empty if there is no advice."""
    return failure.with_advice(_ADVICE)
