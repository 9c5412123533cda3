#!/usr/bin/env bash
# Asks the package index, which is the one that pip knows:
#
#   tools/package-index.sh free VERSION    whether it has no such version of the package yet
#   tools/package-index.sh has FOLDER      whether its wheel and its sdist are those in a folder, to the byte
#
# TRIES says how often `has` asks, with 15 seconds between, since an index may need minutes to show what it got.
set -euo pipefail
shopt -s inherit_errexit # what fails in $(…) is not lost
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
package=$(python3 -I -c "import runpy; print(runpy.run_path('gto_action/published.py')['PACKAGE'])")

fail() {
    echo "package-index: $1" >&2
    exit 1
}

download() { # download PYTHON OPTION…
    "$1" -I -m pip --disable-pip-version-check --no-cache-dir download --quiet --no-deps --dest "$work/there" "${@:2}"
}

free() {
    local each
    for each in --only-binary --no-binary; do
        # A source that cannot be built is there, too.
        if download python3 "$each" :all: "$package==$1" 2>"$work/said"; then
            fail "the index has $package $1. Take another version."
        fi
        grep --quiet "No matching distribution found" "$work/said" || fail "the index does not say that it has no $package $1: $(<"$work/said")"
    done
    echo "The index has no $package $1."
}

has() {
    local files=("$1"/*.whl "$1"/*.tar.gz) file version hash attempt
    tools/make-venv.sh .cache/dist requirements/dist.txt >&2 # which has what an sdist's metadata are built with
    for file in "${files[@]}"; do
        [ -e "$file" ] || fail "$1 does not have $file"
        version=$(basename "${file%.tar.gz}" | cut -d - -f 2)
        hash=$(sha256sum "$file" | cut -d ' ' -f 1)
        printf '%s==%s --hash=sha256:%s\n' "$package" "$version" "$hash" >"$work/lock.txt"
        local only=(--only-binary :all:)
        [ "${file%.whl}" != "$file" ] || only=(--no-binary "$package" --no-build-isolation)
        for ((attempt = 1; ; attempt++)); do
            ! download .cache/dist/bin/python "${only[@]}" --require-hashes --requirement "$work/lock.txt" 2>"$work/said" || break
            ! grep --quiet "DO NOT MATCH THE HASHES" "$work/said" || fail "the index has another $(basename "$file")"
            [ "$attempt" -lt "${TRIES:-20}" ] || fail "the index does not have $(basename "$file"): $(<"$work/said")"
            sleep 15
        done
        echo "The index has this $(basename "$file")."
    done
}

case ${1-} in
free | has) "$@" ;;
*)
    sed -n '2,/^set/{/^#/p}' "$0" >&2
    exit 2
    ;;
esac
