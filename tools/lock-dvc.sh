#!/bin/sh
# Writes gto_action/pull/locks/*.txt anew: tools/lock-dvc.sh UV
# One lock for dvc alone and one for each of its extras, all of the same versions; and one for what installs them.
set -eu

uv=$1
locks=gto_action/pull/locks
versions=$(mktemp)
trap 'rm -f "$versions"' EXIT

compile() {
    "$uv" pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --no-header --no-annotate "$@"
}

echo 'dvc[azure,gs,s3,ssh,webdav]' | compile --output-file "$versions" -
for extra in azure gs s3 ssh webdav; do
    echo "dvc[$extra]" | compile --generate-hashes --constraint "$versions" --output-file "$locks/$extra.txt" -
done
echo dvc | compile --generate-hashes --constraint "$versions" --output-file "$locks/base.txt" -
printf 'uv\nsetuptools\n' | compile --generate-hashes --output-file "$locks/tools.txt" -
