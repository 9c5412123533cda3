#!/bin/sh
# Makes a Python environment from a lock: tools/make-venv.sh DIRECTORY LOCK
# Python is run with -I: neither the folder that this is called in nor PYTHONPATH gives it a module. Of what is set for pip
# only that counts which says how an index is reached (native/install.py).
# It is made again when the lock has changed, or when its Python is gone. PYTHON names the Python to take; else it is
# the first that will do.
set -eu

directory=$1
lock=$2
made_from=$directory/made-from.txt

fail() {
    echo "make: $1" >&2
    exit 1
}

command -v git >/dev/null || fail "there is no git: install it (as root: apt-get install git)"

if cmp -s "$lock" "$made_from" && "$directory/bin/python" -I -c "" 2>/dev/null; then
    exit 0
fi

new_enough() {
    "$1" -I -c "import sys; sys.exit(sys.version_info < (3, 11))" 2>/dev/null
}

python=
for candidate in ${PYTHON:-python3 python3.15 python3.14 python3.13 python3.12 python3.11}; do
    if new_enough "$candidate"; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    fail "no Python 3.11 or later in ${PYTHON:-the PATH}: install one (as root: apt-get install python3-venv), or name it: make PYTHON=/path/to/python"
fi

# Debian keeps a part of the standard library in a package of its own.
if ! "$python" -I -c "import ensurepip, venv" 2>/dev/null; then
    package=$("$python" -I -c "import sys; print('python%d.%d-venv' % sys.version_info[:2])")
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        fail "$python cannot make environments: install $package (as root: apt-get install $package)"
    fi
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -qq --yes --no-install-recommends "$package" >/dev/null
fi

echo "Making $directory from $lock with $("$python" --version)"
rm -rf "$directory"
"$python" -I -m venv "$directory"
# --no-deps: the lock has everything. A pip before 23.3 would look for what is asked for with an extra, `coverage[toml]`,
# beside its pin, take the newest, and refuse it. Wheels only: building one would fetch what no hash locks. The one
# package without a wheel is built with the setuptools of the same lock. Nothing is compiled but what is imported, when it
# is: a tenth of it all, and a third of the time here.
source=antlr4-python3-runtime
install() {
    "$directory/bin/python" -I "$(dirname "$0")/../native/install.py" --quiet --quiet --require-hashes --no-deps \
        --no-compile --only-binary :all: "$@" ||
        fail "$directory could not be made from $lock: is a package index reached? Why not is above."
}
setuptools=$(mktemp)
trap 'rm -f "$setuptools"' EXIT
sed -n '/^setuptools==/,/[^\\]$/p' "$lock" >"$setuptools"
if [ -s "$setuptools" ]; then
    install --requirement "$setuptools"
    install --no-binary "$source" --no-build-isolation --use-pep517 --requirement "$lock"
else
    install --requirement "$lock"
fi
if [ -n "${CI-}" ]; then # is the lock complete?
    "$directory/bin/python" -I -m pip --disable-pip-version-check check >&2
fi
cp "$lock" "$made_from" # last, so that half an environment is made again
