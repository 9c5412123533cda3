"""What git's failures mean.

A failure that is known to last is an error at once. It is recognized by the status of the last answer, by git's exit
status, and, only if these say nothing, by git's words (with LC_ALL=C). Everything else is worth a retry: curl reports
an answer that breaks off in words that differ from release to release.
"""

import re
from dataclasses import dataclass
from typing import Final

from gto_action.errors import FilterError, GitError, Kind, RemoteError, TooLargeError, TransientRemoteError
from gto_action.git.address import without_users
from gto_action.git.http_trace import Reply

_USAGE: Final = 129
"""Git's exit status for an unknown option."""
_OK: Final = 200
_MOVED: Final = range(300, 400)
_REFUSED: Final = {401, 403}
_MISSING: Final = 404
_LASTING: Final = set(range(400, 500)) - {408, 425, 429}
_LOGIN: Final = 407
_REFUSED_BY_PROXY: Final = {403, _LOGIN}
_GIT: Final = "application/x-git-"
_ADVERTISEMENT: Final = "application/x-git-upload-pack-advertisement"

_local: Final = re.compile(
    # failures of this machine; the remote's own complaints begin with "remote:"
    r"^(?!remote:).*(?:No space left on device|Disk quota exceeded|Read-only file system"
    r"|[Uu]nable to create (?:temporary )?(?:file|thread)|[Oo]ut of memory|Cannot allocate memory"
    r"|(?:unable to|cannot) fork|died of signal 9).*$",
    re.MULTILINE,
)
_remote_said: Final = re.compile(r"^fatal: remote error: .*", re.MULTILINE | re.DOTALL)
"""The remote's own words, whatever they are, and however many lines."""
_program: Final = re.compile(
    r"^(?:fatal|error): cannot (?:run|exec) '?(.+?)'?: No such file or directory$", re.MULTILINE
)
_configuration: Final = re.compile(
    r"^fatal: (?:bad config|bad .* config value|unable to parse .* config).*$", re.MULTILINE
)
_too_large: Final = re.compile(r"^(?:fatal|error): attempting to allocate (\d+) over limit (\d+)$", re.MULTILINE)
_no_filter: Final = re.compile(r"filter '[^']*' not supported|tree filter allows max depth")
# a lightweight tag of a folder: git omits the folder as told, and then misses it
_tagged_folder: Final = re.compile(r"bad revision '[0-9a-f]{40,}'")
# used if no answer is known; git also says "error: 404 bytes of body are still expected"
_returned: Final = re.compile(r"^(?:fatal|error): .* returned error: (\d{3})$", re.MULTILINE)
_refused: Final = re.compile(r"^fatal: (?:could not read (?:Username|Password)|Authentication failed)", re.MULTILINE)
_missing: Final = re.compile(
    r"^fatal: repository '.*' (?:not found|does not exist)|' does not appear to be a git repository$"
    r"|access denied or repository not exported|^ERROR: Repository not found"
    r"|^remote: ERROR: The project you were looking for could not be found|^remote: TF401019:",  # GitLab, Azure
    re.MULTILINE,
)
_lasting: Final = re.compile(
    r"transport '.*' not allowed|couldn't find remote ref|could not read (?:Username|Password)"
    r"|unable to update url base from redirection|repository corruption|fsck error"
    r"|object [0-9a-f]{40,} \(stored in .*\) is corrupt"
    r"|Permission denied \(|Host key verification failed"  # ssh's
)
_damaged: Final = re.compile(
    r"repository corruption|not our ref [0-9a-f]{40,}|object [0-9a-f]{40,} \(stored in .*\) is corrupt"
)
_certificate: Final = re.compile(
    r"certificate verification failed|SSL certificate problem|SSL: no alternative certificate subject name",
    re.IGNORECASE,
)
_memory: Final = re.compile(r"ut of memory|annot allocate")
_VAGUE: Final = "fatal: Could not read from remote repository."


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A failure of git at a remote."""

    said: str
    """Git's standard error."""
    status: int | None
    """Git's exit status; negative if a signal ended it; None if unknown."""
    replies: tuple[Reply, ...] | None
    """The replies to its requests; None if unknown, or if it did not use HTTP."""
    remote: str
    """The address, for people."""
    sent: str
    """The credentials that were sent: `token`, `password`, or empty."""

    def error(self) -> GitError:
        """The error that it means for the workflow's author; returned, not raised."""
        line, reply = telling_line(self.said), self._reply()
        said = f"Git says: {without_users(line)}" if line else "Git gives no reason."
        error = (
            self._of_size(said)
            or self._of_machine(said)
            or self._of_filter(said)
            or self._of_proxy(reply, said)
            or self._of_server(reply, said)
            or self._other(reply, said)
        )
        if isinstance(error, RemoteError):
            error.of_damage = _damaged.search(self.said) is not None
        return error

    def _other(self, reply: Reply, said: str) -> RemoteError:
        """The error for everything else, most of which may pass."""
        if self.status == _USAGE or _lasting.search(self.said):
            return self._lasting(said)
        error = _passing(self.remote, said)
        error.retry_after = 0.0 if reply.of_tunnel else reply.retry_after
        return error

    def _of_size(self, said: str) -> TooLargeError | None:
        """The error if git would need too much memory."""
        if not (found := _too_large.search(self.said)):
            return None
        sent, most = int(found[1]), int(found[2])
        return TooLargeError(
            f"The remote {self.remote!r} sends {sent:,} bytes in one piece, but the limit is {most:,}.",
            f"In a clone, 'git for-each-ref --sort=-objectsize --count=1 refs/tags' names the largest tag. {said}",
        )

    def _of_machine(self, said: str) -> GitError | None:
        """The error for a failure of this machine, not of the remote."""
        own = _remote_said.sub("", self.said)
        if error := misconfigured(own):
            return error
        if program := _program.search(own):
            return GitError(f"Git cannot run the program {program[1]!r}.", "Install it.")
        found = _local.search(own)
        ended = f"git was ended by signal {-self.status}" if self.status and self.status < 0 else ""
        what = found[0].strip() if found else ended
        text = f"Git cannot work on this machine: {what!r}."
        return GitError(text, kind=Kind.MEMORY if _memory.search(what) else Kind.FULL, said=said) if what else None

    def _of_filter(self, said: str) -> FilterError | None:
        """The error for a filter that cannot be used."""
        if _no_filter.search(self.said):
            return FilterError(f"The remote {self.remote!r} does not support partial clones.", said)
        if _tagged_folder.search(self.said):
            return FilterError(f"A tag on the remote {self.remote!r} points to a folder.", said)
        return None

    def _reply(self) -> Reply:
        """The last answer, as far as known."""
        if self.replies is not None:
            return self.replies[-1] if self.replies else Reply(0)
        if found := _returned.search(self.said):
            return Reply(int(found[1]), whole=False)
        if _refused.search(self.said):
            return Reply(min(_REFUSED), whole=False)
        return Reply(_MISSING if _missing.search(self.said) else 0, whole=False)

    def _of_proxy(self, reply: Reply, said: str) -> RemoteError | None:
        """The error for a proxy that refuses to connect; None if it did connect, or may the next time."""
        hint = "Check 'https_proxy' and 'no_proxy', and what the proxy allows."
        if reply.of_tunnel and reply.status in _REFUSED_BY_PROXY:
            text = f"The proxy refuses to connect to the remote {self.remote!r}, with status {reply.status}."
            return RemoteError(text, f"{hint} {said}")
        if reply.status == _LOGIN:
            return RemoteError(f"A proxy in front of the remote {self.remote!r} requires a login.", f"{hint} {said}")
        return None

    def _of_server(self, reply: Reply, said: str) -> RemoteError | None:
        """The error for an answer that will be the same the next time; None if it may differ."""
        if reply.of_tunnel:
            return None
        is_git = reply.headers.get("content-type", "").startswith(_GIT)
        if reply.status == _OK and not is_git and all(each.whole for each in self.replies or ()):
            return not_git(self.replies or (), self.remote)
        what, kind = "", None
        if reply.status in _REFUSED:
            what = {"token": "refused the token", "password": "refused the password"}.get(self.sent, "asks for a token")
            kind = Kind.REFUSED
        elif reply.status == _MISSING:
            what, kind = "was not found", Kind.MISSING
        elif reply.status in _MOVED:
            what, kind = "has moved", Kind.MOVED
        if what:
            return RemoteError(f"The remote {self.remote!r} {what}.", kind=kind, said=said)
        return self._lasting(said) if reply.status in _LASTING else None

    def _lasting(self, said: str) -> RemoteError:
        return RemoteError(f"Git failed while talking to the remote {self.remote!r}.", said)


def misconfigured(said: str) -> GitError | None:
    """The error for a configuration that git cannot read, judging by its words; None if it can read it."""
    found = _configuration.search(said)
    return GitError(f"Git cannot read its configuration: {found[0]!r}.", "Correct the file.") if found else None


def not_git(replies: tuple[Reply, ...], remote: str) -> RemoteError | None:
    """The error for a server that answers, but is not a git server; None if it is one.

    Git takes an HTML page for an empty repository.
    """
    headers = [reply.headers for reply in replies if not reply.of_tunnel]
    types = [each["content-type"] for each in headers if "content-type" in each]
    if _ADVERTISEMENT in types and types[-1].startswith(_GIT):
        return None
    if not all(reply.whole for reply in replies):  # an answer that broke off may have no type
        return _passing(remote, "Its answer broke off.")
    return RemoteError(
        f"The remote {remote!r} does not answer like a git server, but with {types[-1] if types else 'nothing'!r}.",
        "Check the address, and whether a proxy or a login page answers in its place.",
    )


def _passing(remote: str, said: str) -> TransientRemoteError:
    untrusted = _certificate.search(said)
    hint = "Set GIT_SSL_CAINFO to a file with the certificates to trust." if untrusted else ""
    text = f"Fetching from the remote {remote!r} failed."
    return TransientRemoteError(text, hint, kind=None if untrusted else Kind.LATER, said=said)


def telling_line(said: str) -> str:
    """The line that says most: the first fatal one, or else the last; the one before it if it is too vague.

    Empty if there is none. Lines without letters are skipped, because servers frame their messages over ssh.
    """
    lines = [line for line in map(str.strip, said.splitlines()) if any(map(str.isalnum, line.removeprefix("remote:")))]
    fatal = next((number for number, line in enumerate(lines) if line.startswith("fatal:")), len(lines) - 1)
    if fatal > 0 and lines[fatal] == _VAGUE:
        fatal -= 1
    return lines[fatal] if lines else ""
