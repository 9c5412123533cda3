#!/usr/bin/env bash
# The git of another system, for the tests to run with: PATH=FOLDER/bin:$PATH make test ARGS=tests/git/wire
#
#   other-git.sh ROOT FOLDER
#
# ROOT is where that system's files are (debootstrap's folder, an unpacked image, Debian's packages unpacked with
# dpkg-deb): its git runs with its own libraries, curl above all, but in this system, with this Python and without root.
set -euo pipefail
[ $# = 2 ] || { sed -n '2,/^set/{/^#/p}' "$0" >&2 && exit 2; }
root=$(realpath "$1")
mkdir -p "$2/bin" "$2/git-core"
folder=$(realpath "$2")
libraries=$(find "$root"/usr/lib/*-linux-gnu "$root"/lib/*-linux-gnu -maxdepth 0 2>/dev/null | tr '\n' ':')
# The file, as its link in /lib64 may lead out of ROOT.
loader=$(find "$root"/usr/lib/*-linux-gnu "$root"/lib/*-linux-gnu -maxdepth 1 -type f -name 'ld-*.so*' 2>/dev/null | head -n 1)
[ -n "$loader" ] && [ -x "$root/usr/bin/git" ] || { echo "other-git.sh: there is no git in $root" >&2 && exit 1; }

# wrap PROGRAM FILE [ARGUMENTS]
wrap() {
    rm -f "$2"
    printf '#!/bin/sh\nGIT_EXEC_PATH=%q exec %q --library-path %q %q %s "$@"\n' \
        "$folder/git-core" "$loader" "${libraries%:}" "$1" "${3-}" >"$2"
    chmod +x "$2"
}

wrap "$root/usr/bin/git" "$folder/bin/git"
wrap "$root/usr/bin/git" "$folder/git-core/git"
for path in "$root"/usr/lib/git-core/*; do
    name=${path##*/}
    if [ "$name" = git ] || [ ! -x "$path" ] || [ -d "$path" ]; then
        continue
    elif [ "$(head -c 4 "$path" | tail -c 3)" != ELF ]; then # a script
        ln -sf "$path" "$folder/git-core/$name"
    elif cmp -s "$path" "$root/usr/bin/git"; then
        wrap "$root/usr/bin/git" "$folder/git-core/$name" "${name#git-}"
    else
        wrap "$path" "$folder/git-core/$name"
    fi
done
# The image has no server's part, which the tests' server is made with.
[ -e "$folder/git-core/git-http-backend" ] || ln -sf "$(git --exec-path)/git-http-backend" "$folder/git-core"
"$folder/bin/git" version
