#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Installs what building and testing need, builds, and runs the tests.
#   sh tests/run.sh                 all but the long ones
#   sh tests/run.sh --long          also the benchmarks, and the core tests again under the address and thread sanitizers
#   sh tests/run.sh [-R PATTERN …]  what follows goes to ctest
set -eu
root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd -P)
. "$root/app/setup.sh"

long=no
if [ "${1:-}" = --long ]; then
    long=yes
    shift
fi
if [ $long = yes ]; then
    kiln_install run test peers
else
    kiln_install run test
fi
kiln_build build ON -DKILN_WERROR=ON

# Nothing that the tests keep for a user lands in the home of who runs them.
home=$(mktemp -d)
chmod 0711 "$home"
trap 'rm -rf "$home"' EXIT
export XDG_CONFIG_HOME="$home/config" XDG_STATE_HOME="$home/state" XDG_CACHE_HOME="$home/cache" XDG_DATA_HOME="$home/data"
export XDG_RUNTIME_DIR="$home/run"
mkdir -p "$home/config" "$home/state" "$home/cache" "$home/data"
mkdir -m 0700 "$home/run" # Qt wants it so

# One test at a time by default on a small machine: some of them measure, and many start processes of their own.
jobs=$(nproc)
[ "$jobs" -gt 2 ] || jobs=2
log=$root/build/tests.log
status=0
run_tests() { # FOLDER CTEST-ARGUMENTS…
    folder=$1
    shift
    ctest --test-dir "$root/$folder" --output-on-failure -j "$jobs" "$@" 2>&1 | tee -a "$log"
}
: >"$log"
run_tests build -LE long "$@" || status=1
grep -q 'tests passed, 0 tests failed\|100% tests passed' "$log" || status=1

if [ $long = yes ]; then
    ctest --test-dir "$root/build" --verbose -L long 2>&1 | tee -a "$log"
    for sanitizer in asan tsan; do
        case $sanitizer in
            asan) flags=address,undefined ;;
            tsan) flags=thread ;;
        esac
        kiln_build "build-$sanitizer" ON "-DKILN_SANITIZE=$flags"
        run_tests "build-$sanitizer" -LE 'long|ui' "$@"
    done
    grep -q '[1-9][0-9]* tests failed' "$log" && status=1
fi

# A skipped test says what it lacks; how many there were is said here.
skips=$(find "$root/build/Testing" -name 'LastTest.log' -exec grep -h '^SKIP' {} + 2>/dev/null || true)
count=$(printf '%s' "$skips" | grep -c . || true)
echo "kiln: $count skipped"
[ -z "$skips" ] || printf '%s\n' "$skips"
exit $status
