"""The program that speaks with a remote: git's own, so that TLS, proxies, tokens and complaints are git's."""

import os
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from gto_action.git.program import LITTLE, MUCH
from gto_action.git.protocol.faults import CannotError
from gto_action.git.remote import Remote
from gto_action.git.scratch import Scratch
from gto_action.git.surroundings import ORIGIN
from gto_action.system.process import Process

# What is asked for a hundred thousand tags goes out in one piece: git would ask first whether it may.
_OVER_HTTP: Final = {"http.postBuffer": "16m"}
_IN_PLACE: Final = {"uploadpack.allowFilter": "true", "uploadpackfilter.allow": "true"}
_VERSION: Final = "version=2"
_CONNECT: Final = b"stateless-connect git-upload-pack\n"  # gitremote-helpers
_ELSEWHERE: Final = r"^url\..*\.insteadof$"
_NONE: Final = 1
"""The status of `git config` if nothing is found."""
_LOCAL: Final = 10.0


class Helper(NamedTuple):
    """A program that has been started, and is told nothing else yet than to connect."""

    process: Process
    trace: Path
    """Has what is answered over HTTP."""


def start_helper(scratch: Scratch, remote: Remote) -> Helper:
    """Starts it, with pipes.

    Args:
        scratch: where it works.
        remote: whom it is to speak with.

    :raises CannotError: if there is none for such an address, or a user's configuration says to ask another.
    """
    trace = scratch.new_folder() / "http"
    # A folder that is not there: git would read the configuration of a repository around the scratch folder.
    nowhere = f"--git-dir={scratch.folder / 'none'}"
    if scratch.own_config:
        asked = scratch.start(scratch.folder, nowhere, "config", "--get-regexp", _ELSEWHERE, config={})
        if asked.wait(timeout=_LOCAL)[0] != _NONE:
            raise CannotError("Git's configuration may name another address for the remote.")
    if not remote.is_http:
        path = _path_of(remote)
        process = scratch.start(
            scratch.folder,
            "upload-pack",
            "--",
            path,
            config=_IN_PLACE,
            stdin=subprocess.PIPE,
            memory=MUCH,
            protocol=_VERSION,
        )
        return Helper(process, trace)
    arguments = nowhere, f"remote-{remote.url.partition(':')[0]}", ORIGIN, remote.url
    config = {**remote.config, **_OVER_HTTP}
    process = scratch.start(
        scratch.folder, *arguments, config=config, trace=trace, stdin=subprocess.PIPE, memory=LITTLE
    )
    with suppress(BrokenPipeError):  # why it has ended will be read from it
        os.write(process.pipes[0].fileno(), _CONNECT)
    return Helper(process, trace)


def _path_of(remote: Remote) -> str:
    """Where a repository of this machine is.

    :raises CannotError: if it is on another.
    """
    if remote.url.startswith("/"):
        return remote.url
    if not remote.url.startswith("file://"):
        raise CannotError(f"The remote {remote.shown!r} is asked neither over HTTP nor in place.")
    from urllib.parse import unquote_to_bytes  # noqa: PLC0415 - rarely needed

    path = remote.url.removeprefix("file://").partition("/")
    return unquote_to_bytes("/" + path[2]).decode("utf-8", "surrogateescape")
