"""What can be wrong with an answer of the protocol; each text is a sentence about "its answer", for people.

This room is pure: from bytes to values, or one of these.
"""


class ProtocolError(Exception):
    """The answer is not as the protocol says. It may have broken off, so it may be right the next time."""


class SaidError(ProtocolError):
    """The server says itself that it cannot answer; the text is what it says, and not a sentence of ours."""


class LacksError(ProtocolError):
    """An object that was asked for, or that one leads to, has not come."""


class CannotError(Exception):
    """The remote cannot be asked this way, but by a clone; the text says why."""


class TooMuchError(CannotError):
    """More is sent than the limits allow. Git, which can keep it in files, may take it or refuse it in its words."""
