"""What a git of ours is told, and what it is not told, so that nothing else steers it: settings, variables, files."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

Settings = tuple[tuple[str, str], ...]
"""Names, as `git config` prints them, and values; a name may be there more than once."""

# Variables that may steer git on purpose. Every other GIT_ variable is somebody else's (the GIT_DIR of a hook, a
# GIT_CONFIG_COUNT, a GIT_TRACE that would print headers) and does not reach our git, nor do inputs: one is the token.
_KEPT: Final = {"GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "GIT_SSL_NO_VERIFY", "GIT_SSH", "GIT_SSH_COMMAND"}
_PATHS: Final = ("GIT_SSL_CAINFO", "GIT_SSL_CAPATH")
_FIXED: Final = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "",  # empty, not unset: git would ask SSH_ASKPASS then
    "GIT_ALLOW_PROTOCOL": "file:git:http:https:ssh",  # no ext::, which runs programs
    "LANGUAGE": "C",  # its complaints are read
    "LC_ALL": "C",
}
ORIGIN: Final = "gto-action"
"""What a clone's remote is called: a user's own configuration may say something of `origin` (`remote.origin.fetch`)."""
# No repository runs a program, whoever it belongs to, and bare ones are repositories too.
_ANYWHERE: Final = {"safe.bareRepository": "all", "core.fsmonitor": "false", "core.hooksPath": os.devnull}
THEIRS: Final = {**_ANYWHERE, "safe.directory": "*"}
"""The settings for a repository of the user's."""
OURS: Final = {
    **_ANYWHERE,
    "clone.defaultRemoteName": ORIGIN,  # not `--origin`, which a git before 2.39 does not take beside `--bare`
    "gc.auto": "0",
    "maintenance.auto": "false",
    "advice.detachedHead": "false",
    # A file that is asked for by its id must come, though its commit is here already.
    "fetch.negotiationAlgorithm": "noop",
    # What a user's own configuration may have, and what would hinder: all is looked at whatever it is.
    "fetch.fsckObjects": "false",
    "init.defaultRefFormat": "files",  # `Clone.share` writes such a one
    # A large file goes from the network to the disk as it comes, at any number of objects, and by one thread: what git
    # holds at once of what a stranger has packed is little.
    "core.bigFileThreshold": "8m",
    "core.deltaBaseCacheLimit": "16m",
    "fetch.unpackLimit": "1",
    "pack.threads": "1",
    "core.packedGitWindowSize": "16m",
    "core.packedGitLimit": "64m",
    # The repositories live as long as the process: nobody needs their files to outlast a power cut.
    "core.fsync": "none",
}
"""The settings for one in a folder of ours."""


def as_variables(settings: Mapping[str, str]) -> dict[str, str]:
    """Git's settings as a variable of its environment: no argument or file that others can read.

    The variable is the one by which git hands `-c` on to its children, which every version reads. GIT_CONFIG_COUNT is
    documented, but a git before 2.31 leaves it out without a word: the token, and that no redirect is to be followed.
    What is before the first `=` is the key.
    """
    pairs = (f"{key}={value}".replace("'", "'\\''").replace("!", "'\\!'") for key, value in settings.items())
    return {"GIT_CONFIG_PARAMETERS": " ".join(f"'{pair}'" for pair in pairs)}


def inherited() -> dict[str, str]:
    """The variables of this process that git gets too, and those that it always gets."""
    foreign = ("GIT_", "INPUT_")
    own = {name: value for name, value in os.environ.items() if name in _KEPT or not name.startswith(foreign)}
    own |= {name: str(Path(own[name]).absolute()) for name in _PATHS if own.get(name)}  # git works in another folder
    return {**own, **_FIXED}


@contextmanager
def exactly(variables: Mapping[str, str]) -> Iterator[None]:
    """This process with these variables and no others, for what hands all of them to git, as GitPython does."""
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
    """Makes a folder git's home, and gives the variables for it: no configuration but ours counts.

    GIT_CONFIG_GLOBAL would do, but for a git before 2.32.
    """
    _write(folder / ".gitconfig")
    passwords = Path("~/.netrc").expanduser()  # a runner of one's own may have one
    if passwords.is_file() and not (folder / ".netrc").exists():
        (folder / ".netrc").symlink_to(passwords)
    return {"GIT_CONFIG_NOSYSTEM": "1", "HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}


def with_own_config(folder: Path, settings: Settings = ()) -> dict[str, str]:
    """Writes a configuration that has the user's own in it, and what counts after it, and gives the variable for it."""
    _write(folder / "gitconfig", _own_config_files(), settings)
    return {"GIT_CONFIG_GLOBAL": str(folder / "gitconfig")}


def _write(path: Path, included: tuple[str, ...] = (), settings: Settings = ()) -> None:
    """A file://'s upload-pack, which refuses a repository of somebody else's too, heeds only a file."""
    own = "".join(f"[include]\n\tpath = {json.dumps(file, ensure_ascii=False)}\n" for file in included)
    path.write_bytes(os.fsencode(f"{own}[safe]\n\tdirectory = *\n{as_config(settings)}"))


def as_config(settings: Settings) -> str:
    r"""Settings as a file of git's configuration.

    >>> as_config((("http.https://example.com/.proxy", "http://localhost:1"), ("core.sshcommand", 'ssh -i "a b"')))
    '[http "https://example.com/"]\n\tproxy = "http://localhost:1"\n[core]\n\tsshcommand = "ssh -i \\"a b\\""\n'
    """
    return "".join(f"[{_section(name)}]\n\t{name.rpartition('.')[2]} = {_quoted(value)}\n" for name, value in settings)


def _section(name: str) -> str:
    """The section of a setting: between the first and the last dot is what may be anything."""
    section, _, rest = name.partition(".")
    below, dot, _ = rest.rpartition(".")
    return f"{section} {_quoted(below)}" if dot else section


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _own_config_files() -> tuple[str, ...]:
    """The files in which the user's own configuration is, as git looks for them, whether they are there or not."""
    if "GIT_CONFIG_GLOBAL" in os.environ:
        only = os.environ["GIT_CONFIG_GLOBAL"]
        return (str(Path(only).absolute()),) if only else ()
    home = os.environ.get("HOME", "")
    xdg = os.environ.get("XDG_CONFIG_HOME") or (f"{home}/.config" if home else "")
    return (*((f"{xdg}/git/config",) if xdg else ()), *((f"{home}/.gitconfig",) if home else ()))
