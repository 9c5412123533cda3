"""What a server says that it can do: enough, too little, or nothing that can be understood."""

import pytest

from gto_action.git.protocol.capabilities import Capabilities, read_capabilities
from gto_action.git.protocol.faults import CannotError, ProtocolError, SaidError, TooMuchError
from gto_action.git.protocol.object_names import SHA1, SHA256
from tests.support.packs import lines, packets

FETCH = "fetch=shallow wait-for-done filter\n"
GIT = ("version 2\n", "agent=git/2.39.5\n", "ls-refs=unborn\n", FETCH, "server-option\n")

ABLE = {
    "git": ((*GIT, "object-format=sha1\n", "object-info\n"), Capabilities(SHA1, names_algorithm=True)),
    "SHA-256": ((*GIT, "object-format=sha256\n"), Capabilities(SHA256, names_algorithm=True)),
    "an older git": (GIT, Capabilities(SHA1, names_algorithm=False)),
    "without line ends": (("version 2", "ls-refs", "fetch=filter shallow"), Capabilities(SHA1, names_algorithm=False)),
    "in another order": (("version 2", FETCH, "ls-refs"), Capabilities(SHA1, names_algorithm=False)),
    "more than anybody knows": ((*GIT, "bundle-uri", "x_y-Z=a=b c"), Capabilities(SHA1, names_algorithm=False)),
    "the first of two counts": ((*GIT, "object-format=sha1", "object-format=sha256"), Capabilities(SHA1, names_algorithm=True)),
    "a name that is not UTF-8": ((*GIT, b"agent=\xff"), Capabilities(SHA1, names_algorithm=False)),
}  # fmt: skip


@pytest.mark.parametrize("what", ABLE)
def test_a_server_that_can_be_asked(what: str) -> None:
    said, expected = ABLE[what]
    assert read_capabilities(packets(lines(*said, "0000"))) == expected


UNABLE = {
    "version 1": (("version 1\n", "0000"), "does not speak version 2"),
    "version 0": ((f"{'1' * 40} HEAD\0multi_ack thin-pack\n", "0000"), "does not speak version 2"),
    "version 0 of SHA-256": ((f"{'1' * 64} HEAD\0multi_ack\n", "0000"), "does not speak version 2"),
    "no refs": (("version 2\n", FETCH, "0000"), "does not list refs"),
    "no fetch": (("version 2\n", "ls-refs\n", "0000"), "cannot fetch with 'shallow' and 'filter'"),
    "no filter": (("version 2\n", "ls-refs\n", "fetch=shallow\n", "0000"), "cannot fetch with 'filter'"),
    "no depth": (("version 2\n", "ls-refs\n", "fetch=filter\n", "0000"), "cannot fetch with 'shallow'"),
    "a filter by another name": (("version 2\n", "ls-refs\n", "fetch=shallow filters\n", "0000"), "'filter'"),
    "a hash that nobody knows": ((*GIT, "object-format=sha3\n", "0000"), "names objects by 'sha3'"),
    "a long name of a hash": ((*GIT, f"object-format={'x' * 900}\n", "0000"), "names objects by 'x{40}'"),
    "nothing": (("version 2\n", "0000"), "does not list refs"),
}


@pytest.mark.parametrize("what", UNABLE)
def test_a_server_that_a_clone_can_ask(what: str) -> None:
    said, says = UNABLE[what]
    with pytest.raises(CannotError, match=says):
        read_capabilities(packets(lines(*said)))


WRONG = {
    "nothing": (b"", "breaks off"),
    "no end": (lines("version 2\n", "ls-refs\n"), "breaks off"),
    "only a flush": (b"0000", "flush"),
    "version 3": (lines("version 3\n", "0000"), "begins with b'version 3'"),
    "version 22": (lines("version 22\n", "0000"), "begins with b'version 22'"),
    "a service": (lines("# service=git-upload-pack\n", "0000"), "begins with"),
    "a delimiter": (lines("version 2\n", "0001", "0000"), "delimiter"),
    "an end": (lines("version 2\n", "0002"), "end"),
    "an empty line": (lines("version 2\n", "", "0000"), "where it should say what it can do"),
    "no key": (lines("version 2\n", "=x\n", "0000"), "where it should say what it can do"),
    "a space in a key": (lines("version 2\n", "ls refs\n", "0000"), "where it should say what it can do"),
    "a line's end in a value": (lines("version 2\n", "agent=a\nb\n", "0000"), "where it should say what it can do"),
    "NUL": (lines("version 2\n", "agent=a\0b\n", "0000"), "where it should say what it can do"),
    "a key that is not ASCII": (lines("version 2\n", "é=1\n", "0000"), "where it should say what it can do"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_says_nothing(what: str) -> None:
    data, says = WRONG[what]
    with pytest.raises(ProtocolError, match=says):
        read_capabilities(packets(data))


def test_a_server_that_says_that_something_is_wrong() -> None:
    with pytest.raises(SaidError, match=r"^not today$"):
        read_capabilities(packets(lines("ERR not today\n")))


@pytest.mark.parametrize("line", ["agent=a\n", "a{}\n"])
def test_a_server_that_does_not_end(line: str) -> None:
    said = (line.format(number) for number in range(5_000))
    with pytest.raises(TooMuchError):
        read_capabilities(packets(lines("version 2\n", *said)))
