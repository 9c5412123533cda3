"""What the author of a workflow can do about a failure."""

from typing import Final

from gto_action.errors import GtoActionError, Kind

_ADVICE: Final = {
    Kind.REFUSED: "Give the job 'permissions: contents: read', or the input 'token' a token that has it.",
    Kind.MISSING: "Check the address; a private repository also looks like this to a token without 'contents: read'.",
    Kind.MOVED: "Use the new address; to another server no redirect is followed, to keep the token here.",
    Kind.LATER: "Run the job again later.",
    Kind.SLOW: "Run the job again later, or give it more time with the input 'timeout'.",
    Kind.HURRIED: "Give it more time with the input 'timeout'.",
    Kind.FULL: "Free space or memory, or set TMPDIR to a folder with more space.",
    Kind.MEMORY: "Free space or memory, or set TMPDIR to a folder with more space. For a remote with very many tags "
    "set the inputs 'show' and 'history' to 'false': then only those of the artifact are fetched.",
    Kind.UNKNOWN: "Set GITHUB_REPOSITORY to 'OWNER/NAME', or run in a clone.",
    Kind.CHECKOUT: "Let actions/checkout run before, or set the input 'fetch-tags' to 'false'.",
    Kind.LIGHTWEIGHT: "To take it as it is, set the input 'lightweight' to 'accept'.",
}


def advice(failure: GtoActionError) -> str:
    """What to do about a failure, in terms of workflows and inputs; empty if nobody knows."""
    return failure.with_advice(_ADVICE)
