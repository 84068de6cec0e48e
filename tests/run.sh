#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Installs what building and testing need, builds, and runs the tests.
#   sh tests/run.sh                 all but the long ones, among them each fuzz harness on its seeds
#   sh tests/run.sh --long          also the long ones (some 40 minutes on two cores): benchmarks beside their peers, kill
#                                   loops, a full disk, a history of a million; the tests again under the address and the
#                                   thread sanitizer; and each fuzz harness under libFuzzer for a minute
#   sh tests/run.sh [-R PATTERN …]  what follows goes to ctest
# Ends with a summary of its parts, the figures that the long ones printed, and what was skipped and why. It fails when any
# part failed. KILN_FUZZ_SECONDS, KILN_KILL_ROUNDS and KILN_BIG_ROWS change how much the long ones do.
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
# A warning of another compiler's stops nobody but the check of a change; and what app/start.sh built stays built.
werror=OFF
[ -z "${CI:-}" ] || werror=ON
kiln_build build all ON "-DKILN_WERROR=$werror"

# Nothing that the tests keep for a user lands in the home of who runs them.
home=$(mktemp -d)
chmod 0711 "$home"
trap 'rm -rf "$home"' EXIT
export XDG_CONFIG_HOME="$home/config" XDG_STATE_HOME="$home/state" XDG_CACHE_HOME="$home/cache" XDG_DATA_HOME="$home/data"
export XDG_RUNTIME_DIR="$home/run"
mkdir -p "$home/config" "$home/state" "$home/cache" "$home/data" "$home/parts"
mkdir -m 0700 "$home/run" # Qt wants it so

# One test at a time by default on a small machine: some of them measure, and many start processes of their own.
jobs=$(nproc)
[ "$jobs" -gt 2 ] || jobs=2
log=$root/build/tests.log
: >"$log"
: >"$home/summary"
failed=0

# part NAME COMMAND …: runs it, shows and keeps what it prints, and notes how it ended.
part() {
    name=$1
    shift
    echo "== $name"
    begin=$(date +%s)
    # The exit code of a pipe is its last command's: the one that counts goes around it.
    { "$@" 2>&1 && echo 0 >"$home/status" || echo $? >"$home/status"; } | tee "$home/parts/$name.log"
    cat "$home/parts/$name.log" >>"$log"
    result=passed
    if [ "$(cat "$home/status")" -ne 0 ]; then
        result=FAILED
        failed=1
    fi
    count=$(sed -n 's/.*tests passed, \([0-9]*\) tests failed out of \([0-9]*\).*/\1 of \2 tests failed/p' \
        "$home/parts/$name.log" | tail -n 1)
    printf '  %-24s %-7s %5d s  %s\n' "$name" "$result" "$(($(date +%s) - begin))" "$count" >>"$home/summary"
    sed -n 's/^[[:space:]]*[0-9]* - \([^ ]* (.*)\).*/      \1/p' "$home/parts/$name.log" | grep -v '(Skipped)' >>"$home/summary" || true
}

# run_tests FOLDER CTEST-ARGUMENTS …
run_tests() {
    folder=$root/$1
    shift
    code=0
    ctest --test-dir "$folder" --output-on-failure --no-tests=ignore "$@" || code=$?
    # ctest keeps the output of the last run only.
    grep -h '^SKIP' "$folder/Testing/Temporary/LastTest.log" >>"$home/skips" 2>/dev/null || true
    return $code
}
sanitized() { # NAME FLAGS CTEST-ARGUMENTS …
    sanitizer=$1 flags=$2
    shift 2
    kiln_build "build-$sanitizer" engine_tests ON "-DKILN_SANITIZE=$flags" &&
        run_tests "build-$sanitizer" -j "$jobs" -LE 'long|ui' "$@"
}
fuzzed() {
    kiln_build build-fuzz all ON -DKILN_FUZZ=ON -DCMAKE_C_COMPILER=clang-14 -DCMAKE_CXX_COMPILER=clang++-14 &&
        sh "$root/tests/fuzz/run.sh" "$root/build-fuzz"
}

part tests run_tests build -j "$jobs" -LE long "$@"
if [ $long = yes ]; then
    # One at a time and with all that they print: their figures are what they are for.
    part long run_tests build --verbose -j 1 -L long "$@"
    part address-sanitizer sanitized asan address,undefined "$@"
    part thread-sanitizer sanitized tsan thread "$@"
    part fuzzing fuzzed
    echo "== figures"
    sed -n 's/^[0-9]*: //p' "$home/parts/long.log" | grep -v -e '^PASS' -e '^\*\*\*' -e '^Config:' -e '^Totals:' \
        -e '^Test command:' -e '^Working Directory:' -e '^Environment variables:' -e '^ QT_QPA' -e '^Test timeout' || true
    grep '^fuzz ' "$home/parts/fuzzing.log" || true
fi

echo "== summary"
cat "$home/summary"
# A skipped test says what it lacks; how many there were is said here.
skips=$(sort "$home/skips" 2>/dev/null | uniq || true)
count=$(printf '%s' "$skips" | grep -c . || true)
echo "kiln: $count skipped"
[ -z "$skips" ] || printf '%s\n' "$skips"
exit $failed
