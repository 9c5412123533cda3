#!/usr/bin/env bash
# The actions without Docker: with the Python that is there, and what a lock in requirements/ has, in an environment of
# its own in RUNNER_TEMP, which is made once in a job. The bash may be that of macOS: 3.2.
#
#   run.sh [catch-up|deployment|page]
set -euo pipefail

fail() {
    printf '::error title=gto-action::%s\n' "$1"
    exit 1
}

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
lock=$root/requirements/action.txt
[ $# -gt 0 ] || lock=$root/requirements/answer.txt # who does not ask GitHub's API needs a third of the packages
if [ "${RUNNER_OS-}" = Windows ]; then
    fail "gto-action does not run on Windows. Ask in a job on ubuntu-slim, and hand its outputs to this one."
fi

python='' found=''
for candidate in python3 python python3.15 python3.14 python3.13 python3.12 python3.11; do
    version=$("$candidate" -I -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue
    case $version in
    3.1[1-9] | 3.[2-9][0-9])
        python=$candidate
        break
        ;;
    esac
    found="${found:+$found, }$candidate $version"
done
if [ -z "$python" ]; then
    fail "gto-action needs Python 3.11 or later, and the PATH has ${found:-none}. Run actions/setup-python before it."
fi

# Another lock, another Python or another place of the action is another environment.
key=$("$python" -I -c 'if True:
    import hashlib, sys
    key = repr((open(sys.argv[1], "rb").read(), sys.argv[2], sys.version, sys.base_prefix))
    print(hashlib.sha256(key.encode()).hexdigest()[:16])' "$lock" "$root")
temporary=${RUNNER_TEMP:-${TMPDIR:-/tmp}}
place=$temporary/gto-action-$key

# Installs what the lock has, and nothing else, with a pip that may be older than the resolver: wheels only, as building
# one would fetch what no hash locks. Of what the user sets for pip all counts but what to install, and where to: the
# options overrule its files. `pip --python` starts another Python, without -I, so PYTHONPATH has to go.
install() {
    env -u INPUT_TOKEN -u PYTHONPATH -u PYTHONHOME -u PYTHONSTARTUP -u PIP_EDITABLE -u PIP_PREFIX -u PIP_PYTHON \
        -u PIP_REQUIREMENT -u PIP_ROOT -u PIP_TARGET PIP_USER=0 PYTHONNOUSERSITE=1 "$@" install --quiet --no-compile \
        --disable-pip-version-check --no-input --only-binary :all: --require-hashes --no-deps --requirement "$lock" \
        --target '' --prefix "$work" --root /
}

if [ ! -d "$place" ]; then
    echo "Making an environment for gto-action with Python $version, once in this job"
    work=$(mktemp -d "$place.XXXXXX") || fail "No folder can be made in RUNNER_TEMP, which is '$temporary'."
    trap 'rm -rf "$work"' EXIT
    # A pip that can install for another Python saves the time of installing pip.
    if "$python" -I -c 'import pip, sys; sys.exit([*map(int, pip.__version__.split(".")[:2])] < [22, 3])' 2>/dev/null; then
        pip=("$python" -I -m pip --python "$work/bin/python") without=--without-pip
    else
        pip=("$work/bin/python" -I -m pip) without=''
    fi
    "$python" -I -m venv ${without:+"$without"} "$work" >&2 ||
        fail "Python $version cannot make an environment: install Debian's python$version-venv, or run actions/setup-python before gto-action."
    install "${pip[@]}" >&2 ||
        fail "The packages of gto-action cannot be installed: is a package index reached? Set PIP_INDEX_URL for a mirror. What pip says is above."
    ln -s "$root/gto_action" "$("$work/bin/python" -I -c 'import sysconfig; print(sysconfig.get_path("purelib"))')"
    # Half an environment would fail the rest of the job, too.
    modules='actions_toolkit.file_command, git, gto_action.step.finish, gto_action.step.root, semver, yaml'
    [ $# -eq 0 ] || modules="$modules, github, jinja2, gto_action.step.catch_up, gto_action.step.deployment, gto_action.step.page"
    "$work/bin/python" -IB -c "import $modules" >&2 ||
        fail "pip has not installed all that gto-action needs: is it set to install elsewhere? What is missing is above."
    mv "$work" "$place"
    trap - EXIT
fi
# Without RUNNER_TEMP, or with act's, the name could have been taken by another user of the machine.
[ -O "$place" ] && [ ! -L "$place" ] ||
    fail "'$place' is not a folder of the user who runs gto-action. Delete it, or set RUNNER_TEMP to a folder of this user's."

# -I, as in the image: neither the workspace nor PYTHONPATH gives a module. The bytecode is kept for the next step.
exec "$place/bin/python" -Iu -X utf8 -X pycache_prefix="$place/bytecode" "$root/entrypoint.py" "$@"
