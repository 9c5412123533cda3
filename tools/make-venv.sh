#!/bin/sh
# Makes a Python environment from a lock: tools/make-venv.sh DIRECTORY LOCK
# It is made again when the lock has changed, or when its Python is gone. PYTHON names the Python to take; else it is
# the first that will do.
set -eu

directory=$1
lock=$2
made_from=$directory/made-from.txt

if cmp -s "$lock" "$made_from" && "$directory/bin/python" -c "" 2>/dev/null; then
    exit 0
fi

new_enough() {
    "$1" -c "import sys; sys.exit(sys.version_info < (3, 11))" 2>/dev/null
}

python=
for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11 python3.14}; do
    if new_enough "$candidate"; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    echo "make: no Python 3.11 or later in ${PYTHON:-the PATH}: install one, or name it: make PYTHON=/path/to/python" >&2
    exit 1
fi

# Debian keeps a part of the standard library in a package of its own.
if ! "$python" -c "import ensurepip, venv" 2>/dev/null; then
    package=$("$python" -c "import sys; print('python%d.%d-venv' % sys.version_info[:2])")
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        echo "make: $python cannot make environments: install $package (as root: apt-get install $package)" >&2
        exit 1
    fi
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -qq --yes --no-install-recommends "$package" >/dev/null
fi

echo "Making $directory from $lock with $("$python" --version)"
rm -rf "$directory"
"$python" -m venv "$directory"
"$directory/bin/python" -m pip install --quiet --quiet --disable-pip-version-check --no-input --require-hashes --no-deps \
    --requirement "$lock"
cp "$lock" "$made_from" # last, so that half an environment is made again
