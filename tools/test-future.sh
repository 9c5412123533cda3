#!/bin/sh
# Runs tests on another day, in another place: tools/test-future.sh PYTHON [OPTION OF PYTEST…]
# Without options those in which dates, zones or languages matter, once; else what the options say, such as `tests`, on
# both days. What talks to real servers over TLS (tests/packages, tests/machines), Chromium and Docker's engine stay in the
# present.
# datefudge (Debian's package) and not faketime: Python's waits never end under libfaketime 0.9.10, which changes the
# monotonic clock too.
set -eu

python=$1
shift
if ! command -v datefudge >/dev/null; then
    echo "make: there is no datefudge: install the package datefudge" >&2
    exit 1
fi
run() {
    echo "=== $1, TZ=$2, $3=$4"
    shift_=$1 zone=$2 variable=$3 language=$4
    shift 4
    env "TZ=$zone" "$variable=$language" datefudge "$(date -d "$shift_" '+%F %T')" "$python" -m pytest --quiet \
        --numprocesses auto --dist loadgroup -m "not container and not browser" --ignore tests/packages --ignore tests/machines "$@"
}

if [ $# -gt 0 ]; then
    run "now + 1 year" Pacific/Kiritimati LC_ALL C "$@"
    run "now + 5 years" America/St_Johns LANG tr_TR.UTF-8 "$@"
    exit
fi
run "now + 1 year" Pacific/Kiritimati LC_ALL C --ignore tests/catch_up/test_model.py tests/catch_up \
    tests/deployments tests/hosts/github/test_api_*.py tests/pull/test_late.py tests/gto/test_timeline.py
run "now + 5 years" America/St_Johns LANG tr_TR.UTF-8 tests/render/test_summary.py tests/render/test_log.py \
    tests/gto/test_registry.py tests/git/test_objects.py tests/answer/test_doctor.py tests/cli/commands \
    tests/catch_up/test_missed.py tests/page/test_site.py tests/page/test_command.py
