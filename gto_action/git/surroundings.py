"""The settings, variables and files that steer our git, and nothing else does."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

Settings = tuple[tuple[str, str], ...]
"""Names, as `git config` prints them, and values; names may be repeated."""

# Variables that may steer git on purpose. Every other GIT_ variable is meant for somebody else (the GIT_DIR of a hook,
# a GIT_CONFIG_COUNT, a GIT_TRACE that would print headers) and does not reach our git; nor do inputs, as the token.
_KEPT: Final = {"GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "GIT_SSL_NO_VERIFY", "GIT_SSH", "GIT_SSH_COMMAND"}
_PATHS: Final = ("GIT_SSL_CAINFO", "GIT_SSL_CAPATH")
_FIXED: Final = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "",  # empty, not unset: otherwise git would ask SSH_ASKPASS
    "GIT_ALLOW_PROTOCOL": "file:git:http:https:ssh",  # no ext::, which runs programs
    "LANGUAGE": "C",  # because its complaints are parsed
    "LC_ALL": "C",
}
ORIGIN: Final = "gto-action"
"""The name of a clone's remote: a user's own configuration may set things for `origin` (`remote.origin.fetch`)."""
# No repository runs a program, no matter who owns it, and bare ones count too.
_ANYWHERE: Final = {"safe.bareRepository": "all", "core.fsmonitor": "false", "core.hooksPath": os.devnull}
THEIRS: Final = {**_ANYWHERE, "safe.directory": "*"}
"""The settings for a repository of the user."""
OURS: Final = {
    **_ANYWHERE,
    "clone.defaultRemoteName": ORIGIN,  # not `--origin`, which a git before 2.39 does not accept with `--bare`
    "gc.auto": "0",
    "maintenance.auto": "false",
    "advice.detachedHead": "false",
    # A file that is wanted by its id must be sent, although its commit is here already.
    "fetch.negotiationAlgorithm": "noop",
    # A user's own configuration may have it, but everything is wanted, even broken objects.
    "fetch.fsckObjects": "false",
    "core.useReplaceRefs": "false",  # what stands in for an object in one clone is not what the remote has
    "init.defaultRefFormat": "files",  # all refs at once are written fastest
    # A large file goes straight from the network to the disk, no matter how many objects there are, and in one thread,
    # so that git holds little of a stranger's pack at once.
    "core.bigFileThreshold": "8m",
    "core.deltaBaseCacheLimit": "16m",
    "fetch.unpackLimit": "1",
    "pack.threads": "1",
    "core.packedGitWindowSize": "16m",
    "core.packedGitLimit": "64m",
    # The repositories live only as long as the process, so their files need not survive a power cut.
    "core.fsync": "none",
}
"""The settings for a repository in a folder of ours."""


def as_variables(settings: Mapping[str, str]) -> dict[str, str]:
    """Git's settings as an environment variable, not as arguments or a file, which others could read.

    It is the variable with which git passes `-c` to its children, and every version reads it. GIT_CONFIG_COUNT is
    documented, but a git before 2.31 silently ignores it, and with it the token and the ban on redirects. The key is
    the text before the first `=`.
    """
    pairs = (f"{key}={value}".replace("'", "'\\''").replace("!", "'\\!'") for key, value in settings.items())
    return {"GIT_CONFIG_PARAMETERS": " ".join(f"'{pair}'" for pair in pairs)}


def inherited() -> dict[str, str]:
    """The variables that git inherits from this process, and those that it always gets."""
    foreign = ("GIT_", "INPUT_")
    own = {name: value for name, value in os.environ.items() if name in _KEPT or not name.startswith(foreign)}
    own |= {name: str(Path(own[name]).absolute()) for name in _PATHS if own.get(name)}  # git works in another folder
    return {**own, **_FIXED}


@contextmanager
def exactly(variables: Mapping[str, str]) -> Iterator[None]:
    """Gives this process exactly these variables, for libraries that pass all of them to git, such as GitPython."""
    before = dict(os.environ)
    _become(variables)
    try:
        yield
    finally:
        _become(before)


def _become(variables: Mapping[str, str]) -> None:
    for name in os.environ.keys() - variables.keys():
        del os.environ[name]
    os.environ.update(variables)


def isolated(folder: Path) -> dict[str, str]:
    """Makes a folder git's home and returns the variables for it, so that only our configuration counts.

    GIT_CONFIG_GLOBAL would suffice, but a git before 2.32 does not read it.
    """
    _write(folder / ".gitconfig")
    passwords = Path("~/.netrc").expanduser()  # a self-hosted runner may have one
    if passwords.is_file() and not (folder / ".netrc").exists():
        (folder / ".netrc").symlink_to(passwords)
    return {"GIT_CONFIG_NOSYSTEM": "1", "HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}


def with_own_config(folder: Path) -> dict[str, str]:
    """Writes a configuration with the user's own; returns the variable for it.

    A git before 2.32 does not read the variable, and finds the user's own configuration by itself.
    """
    _write(folder / "gitconfig", _own_config_files())
    return {"GIT_CONFIG_GLOBAL": str(folder / "gitconfig")}


def at_home(folder: Path) -> dict[str, str]:
    """Makes a folder git's home, with the user's own configuration; returns the variables for it.

    It is for a git before 2.38, which does not heed THEIRS where a repository is somebody else's, but only files, and
    before 2.32 only those of a home.
    """
    _write(folder / ".gitconfig", _own_config_files())
    return {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}


def including(folder: Path, settings: Settings) -> dict[str, str]:
    """Writes settings to a file; returns the one setting, for `as_variables`, with which git reads them there.

    In a file a name may have a `=` and be repeated, and every version of git reads a file that is included.
    """
    if not settings:
        return {}
    file = folder / "settings"
    file.write_bytes(os.fsencode(as_config(settings)))
    return {"include.path": str(file)}


def _write(path: Path, included: tuple[str, ...] = ()) -> None:
    """Writes a file: the upload-pack of file:// also checks who owns a repository, and heeds only files."""
    own = "".join(f"[include]\n\tpath = {json.dumps(file, ensure_ascii=False)}\n" for file in included)
    path.write_bytes(os.fsencode(f"{own}[safe]\n\tdirectory = *\n"))


def as_config(settings: Settings) -> str:
    r"""Settings in the format of git's configuration files.

    >>> as_config((("http.https://example.com/.proxy", "http://localhost:1"), ("core.sshcommand", 'ssh -i "a b"')))
    '[http "https://example.com/"]\n\tproxy = "http://localhost:1"\n[core]\n\tsshcommand = "ssh -i \\"a b\\""\n'
    """
    return "".join(f"[{_section(name)}]\n\t{name.rpartition('.')[2]} = {_quoted(value)}\n" for name, value in settings)


def _section(name: str) -> str:
    """The section of a setting; the part between the first and the last dot may be any text."""
    section, _, rest = name.partition(".")
    below, dot, _ = rest.rpartition(".")
    return f"{section} {_quoted(below)}" if dot else section


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _own_config_files() -> tuple[str, ...]:
    """The files in which git looks for the user's own configuration; they may not exist."""
    if "GIT_CONFIG_GLOBAL" in os.environ:
        only = os.environ["GIT_CONFIG_GLOBAL"]
        return (str(Path(only).absolute()),) if only else ()
    home = os.environ.get("HOME", "")
    xdg = os.environ.get("XDG_CONFIG_HOME") or (f"{home}/.config" if home else "")
    return (*((f"{xdg}/git/config",) if xdg else ()), *((f"{home}/.gitconfig",) if home else ()))
