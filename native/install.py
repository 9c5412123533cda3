"""`pip install`, for a lock: install.py ARGUMENT… hands these to the pip of the Python that runs this.

Of what is set for pip, in its files and in `PIP_…`, only that counts which says how an index is reached: a mirror, a
proxy, a certificate. All else is meant for what somebody types by hand: more packages, another place, another way to
install. Here it would make another environment than the lock's, or none.
"""

import ast
import os
import re
import runpy
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO
from typing import Final

REACH: Final = frozenset(
    {
        *("index-url", "extra-index-url", "find-links", "no-index"),
        *("proxy", "cert", "client-cert", "trusted-host", "keyring-provider", "use-deprecated", "use-feature"),
        *("timeout", "default-timeout", "retries", "resume-retries"),
    }
)
"""What counts. `use-…` says whose certificates are trusted."""
_ASKING: Final = {
    **dict.fromkeys(("PIP_QUIET", "PIP_VERBOSE", "PIP_USER", "PIP_GLOBAL", "PIP_SITE"), "0"),
    "_PIP_RUNNING_IN_SUBPROCESS": "1",
}
"""With these pip says what all its files have, whatever they say of that: neither quietly, nor of one file only, nor by
another Python, which would print it, passwords and all, past this process."""
_LISTED: Final = re.compile(r"^(global|install)\.([a-z-]+)=('.*'|\".*\")$", re.MULTILINE)


def pip(*arguments: str) -> int | str | None:
    """Runs pip in this process, as `ensurepip` does; gives its exit code."""
    sys.argv = ["pip", *arguments]
    try:
        runpy.run_module("pip", run_name="__main__", alter_sys=True)
    except SystemExit as end:
        return end.code
    return 0


def variable(key: str) -> str:
    """The environment variable of a setting."""
    return f"PIP_{key.upper().replace('-', '_')}"


def asked(*arguments: str) -> str:
    """What pip says of its settings; ends this process if it cannot."""
    said = StringIO()
    with redirect_stdout(said):
        code = pip("config", *arguments)
    if code:
        raise SystemExit(code)
    return said.getvalue()


def in_files() -> Iterator[tuple[str, str]]:
    """The settings in pip's files that count, each with its value: first those of all commands."""
    values: dict[str, set[str]] = {}
    for section, key, value in _LISTED.findall(asked("list")):
        if key in REACH:
            values.setdefault(f"{section}.{key}", set()).add(ast.literal_eval(value))
    for name, found in sorted(values.items()):
        (value,) = found if len(found) == 1 else [asked("get", name).rstrip("\n")]  # a newer pip lists each file's
        if not value and "" not in found:
            raise SystemExit(f"pip does not say which of the values of {name} in its files counts")
        yield name.partition(".")[2], value


def main(arguments: list[str]) -> int | str | None:
    """Installs; gives pip's exit code."""
    counts = {variable(key) for key in REACH}
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        if name not in counts | {"PIP_CONFIG_FILE"}:
            del os.environ[name]
    os.environ |= _ASKING
    settings = {variable(key): value for key, value in in_files()}
    for name in _ASKING:
        del os.environ[name]
    os.environ.update({name: value for name, value in settings.items() if name not in os.environ})
    os.environ |= {"PIP_CONFIG_FILE": os.devnull, "PIP_ROOT_USER_ACTION": "ignore"}
    # Of a wheel in its cache pip holds no hash against the lock's, but believes what is written beside it.
    return pip("install", "--disable-pip-version-check", "--no-input", "--no-cache-dir", *arguments)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
