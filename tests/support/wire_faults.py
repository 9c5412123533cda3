"""What can go wrong between git and a server, as tables: for the action as a whole, and for each way to read a remote."""

import os
from collections.abc import Mapping
from dataclasses import replace
from itertools import cycle, islice

from tests.support.git_server import Fault
from tests.support.wire import RESULT

# each answer of git's: the path and a part of the question, and bytes after which it breaks off
ANSWERS = {
    "advertisement": ("/info/refs", b"", (0, 1, 2, 3, 4, 5, 20, 40, 60, 90, -34, -4)),
    "refs": ("/o/r/git-upload-pack", b"command=ls-refs", (0, 1, 2, 4, 5, 12, 40, 150, 500, 900, 1700, 2000)),
    "pack": ("/o/r/git-upload-pack", b"command=fetch", (0, 1, 2, 4, 5, 12, 40, 150, 500, 900, 1500, 2500)),
}
# every other place in turn: told the length, in chunks, until the connection ends
BROKEN = [
    (answer, after, framing)
    for shift, (answer, (_, _, cuts)) in enumerate(ANSWERS.items())
    for after, framing in zip(cuts, islice(cycle(("length", "chunked", "close")), shift, None), strict=False)
]


def of(answer: str, fault: Fault) -> Fault:
    """The fault, for one of git's answers alone."""
    path, asks, _ = ANSWERS[answer]
    return replace(fault, path=path, asks=asks)


HEADS = [0, 1, 9, 12, 14, 30, 60]  # in the status line, after it, and in the headers

ADVERTISEMENT = {"Content-Type": "application/x-git-upload-pack-advertisement"}
HTML = {"Content-Type": "text/html; charset=utf-8"}
# the place, the headers and the body of a 200 that is no answer of git's
GARBAGE: Mapping[str, tuple[str, Mapping[str, str], bytes]] = {
    "a login page": ("", HTML, b"<html><title>Sign in</title></html>\n"),
    "a login page for the advertisement": ("/info/refs", HTML, b"<html>Sign in</html>\n"),
    "an empty page": ("/info/refs", HTML, b""),
    "no type": ("/info/refs", {}, b"hello"),
    "a list of refs, as of a plain file server": ("/info/refs", {"Content-Type": "text/plain"}, b"%b\trefs/heads/main\n" % (b"1" * 40)),
    "nothing as the advertisement": ("/info/refs", ADVERTISEMENT, b""),
    "noise as the advertisement": ("/info/refs", ADVERTISEMENT, os.urandom(300)),
    "only a flush": ("/info/refs", ADVERTISEMENT, b"001e# service=git-upload-pack\n00000000"),
    "a page for a pack": ("/o/r/git-upload-pack", HTML, b"<html>Sign in</html>\n"),
    "noise for a pack": ("/o/r/git-upload-pack", RESULT, os.urandom(300)),
    "nothing for a pack": ("/o/r/git-upload-pack", RESULT, b""),
    "an error of git's": ("/o/r/git-upload-pack", RESULT, b"0014ERR not today\n\n0000"),
    "zeros": ("/o/r/git-upload-pack", RESULT, b"0000" * 20),
}  # fmt: skip

# What a proxy answers to the first so many that want to be connected; after them it connects.
BEFORE_TLS = [
    (status, times) for status in (301, 302, 307, 308, 401, 404, 410, 429, 500, 502, 503) for times in (2, None)
]

NO_TREE = {"uploadpackfilter.tree.allow": "false", "uploadpackfilter.tree.maxDepth": None}
FILTERS: Mapping[str, Mapping[str, str | None]] = {
    "none is known": {"uploadpack.allowFilter": "false"},
    "none is allowed": NO_TREE | {f"uploadpackfilter.{name}.allow": "false" for name in ("blob:none", "blob:limit")},
    "no tree": NO_TREE,
    "no blob": {"uploadpackfilter.blob:none.allow": "false"},
    "no ids": {"uploadpack.allowAnySHA1InWant": "false"},
}

FLEETING = [500, 502, 503, 504, 429, 408]
LASTING = {401: "refused the token", 403: "refused the token", 404: "was not found", 400: "", 410: ""}

_REF = b"0040" + b"1" * 40 + b" refs/tags/a@v1.0.0\n"
ENDLESS = {
    "lines of side-band text": Fault(
        asks=b"command=fetch", headers=RESULT, body=b"000dpackfile\n", endless=b"0013\x02what a day it\n"
    ),
    "side-band text without a line's end": Fault(
        asks=b"command=fetch", headers=RESULT, body=b"000dpackfile\n", endless=b"fff0\x02" + b"x" * 65515
    ),
    "capabilities": Fault(
        path="/info/refs", headers=ADVERTISEMENT, body=b"001e# service=git-upload-pack\n0000", endless=b"000eversion 2\n"
    ),
    "refs of the old protocol": Fault(
        path="/info/refs", headers=ADVERTISEMENT, body=b"001e# service=git-upload-pack\n0000", endless=_REF
    ),
    "refs": Fault(asks=b"command=ls-refs", headers=RESULT, endless=_REF),
    "headers": Fault(path="/info/refs", bare=True, endless=b"X-More: and more and more\r\n"),
    "answers before the answer": Fault(path="/info/refs", bare=True, endless=b"X: y\r\n\r\nHTTP/1.1 100 Continue\r\n"),
    "a chunk's extension": Fault(
        path="/info/refs", bare=True, body=b"Transfer-Encoding: chunked\r\n\r\n5;", endless=b"abc"
    ),
    "chunks": Fault(
        path="/info/refs", headers=ADVERTISEMENT, bare=True, body=b"Transfer-Encoding: chunked\r\n\r\n", endless=b"1\r\nx\r\n"
    ),
}  # fmt: skip
SQUEEZED = [name for name, fault in ENDLESS.items() if not fault.bare]
