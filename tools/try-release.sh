#!/usr/bin/env bash
# Tries what a release is made of beside the actions, before anything has a name:
#
#   tools/try-release.sh cli IMAGE         the variant for other CI systems
#   tools/try-release.sh dvc IMAGE         the variant with DVC inside
#   tools/try-release.sh package FOLDER    the wheel in a folder: by pip, uv and pipx
#
# Each has to say what the tag fixture#prod#1 says, in the repository that GITHUB_SERVER_URL and GITHUB_REPOSITORY name.
set -euo pipefail
cd "$(dirname "$0")/.."

url=$GITHUB_SERVER_URL/$GITHUB_REPOSITORY
ask=(gto-action --repo "$url" check-ref 'fixture#prod#1')

holds() { # holds WHAT SAID
    case $2 in
    *"fixture v1.0.0 was assigned to stage prod "*) echo "$1 says what it has to say." ;;
    *) echo "try-release: $1 does not say what fixture#prod#1 means, but '$2'" >&2 && exit 1 ;;
    esac
}

cli() {
    local said
    # shellcheck disable=SC2016 # the shell of the image
    said=$(docker run --rm --network host "$1" bash -euo pipefail -c 'ssh -V; git --version >&2; "$@"' - "${ask[@]}")
    holds "The variant cli" "$said"
}

dvc() {
    local said imports='from gto_action.pull.dvc_config import EXTRAS; print(*(f"dvc_{each}" for each in EXTRAS))'
    said=$(docker run --rm --network host --env GITHUB_SERVER_URL --env GITHUB_REPOSITORY \
        --env GITHUB_OUTPUT=/tmp/output --env GITHUB_REF=refs/tags/fixture#prod#1 --env INPUT_REF=refs/tags/fixture#prod#1 \
        --env INPUT_SUMMARY=false "$1")
    holds "The variant dvc" "$said"
    said=$(docker run --rm --entrypoint /app/bin/python "$1" -Ic "$imports")
    docker run --rm --entrypoint /app/dvc/bin/python "$1" -Ic "import dvc.repo, ${said// /, }"
    echo "It has DVC, with $said."
}

package() {
    local wheels=("$1"/*.whl) said
    [ "${#wheels[@]}" = 1 ] && [ -e "${wheels[0]}" ] || { echo "try-release: $1 does not have one wheel" >&2 && exit 1; }
    tools/make-venv.sh .cache/dist requirements/dist.txt # which has uv and pipx
    work=$(mktemp -d) # not local, as the trap is of the whole script
    trap 'rm -rf "$work"' EXIT
    export PIPX_HOME=$work/pipx UV_TOOL_DIR=$work/uv
    python3 -m venv "$work/environment"
    "$work/environment/bin/python" -m pip install --quiet --disable-pip-version-check "${wheels[0]}"
    said=$("$work/environment/bin/${ask[0]}" "${ask[@]:1}")
    holds "The package, by pip," "$said"
    said=$(.cache/dist/bin/uvx --quiet --from "${wheels[0]}" "${ask[@]}")
    holds "The package, by uvx," "$said"
    said=$(.cache/dist/bin/pipx run --spec "${wheels[0]}" "${ask[@]}")
    holds "The package, by pipx," "$said"
}

case ${1-} in
cli | dvc | package) "$@" ;;
*)
    sed -n '2,/^set/{/^#/p}' "$0" >&2
    exit 2
    ;;
esac
