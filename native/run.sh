#!/usr/bin/env bash
# The actions without Docker, with the Python that is there: run.py does the rest. The bash may be that of macOS: 3.2.
#
#   run.sh [catch-up|deployment|page]
set -euo pipefail

fail() {
    printf '::error title=gto-action::%s\n' "$1"
    exit 1
}

if [ "${RUNNER_OS-}" = Windows ]; then
    fail "gto-action does not run on Windows. Ask in a job on ubuntu-slim, and hand its outputs to this one."
fi

found=''
for candidate in python3 python python3.15 python3.14 python3.13 python3.12 python3.11; do
    version=$("$candidate" -I -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue
    case $version in
    # -I, as in the image: neither the workspace nor PYTHONPATH gives a module.
    3.1[1-9] | 3.[2-9][0-9]) exec "$candidate" -I "$(dirname "${BASH_SOURCE[0]}")/run.py" "$@" ;;
    esac
    found="${found:+$found, }$candidate $version"
done
fail "gto-action needs Python 3.11 or later, and the PATH has ${found:-none}. Run actions/setup-python before it."
