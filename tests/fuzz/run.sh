#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs the libFuzzer programs of a KILN_FUZZ build, each for a while, as many at a time as there are processors. Begins
# with tests/fuzz/corpus, and with what an earlier run found. Fails when an input broke a promise; it is kept then.
# Usage: run.sh BUILD_FOLDER [NAME …]. KILN_FUZZ_SECONDS is how long each runs (60).
set -u
source=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
build=$(CDPATH= cd -- "$1" && pwd)
shift
seconds=${KILN_FUZZ_SECONDS:-60}

if [ "${KILN_FUZZ_ONE:-}" = yes ]; then
    name=$1
    mkdir -p "$build/corpus/$name" "$build/found"
    log=$build/found/$name.log
    # Stops at the first finding; a unit that takes ten seconds or 2 GB is one.
    if "$build/tests/fuzz_$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
        -artifact_prefix="$build/found/$name-" "$build/corpus/$name" "$source/corpus/$name" >"$log" 2>&1; then
        runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
        echo "fuzz $name: $runs inputs in $seconds s, nothing found"
        exit 0
    fi
    echo "fuzz $name: FOUND something ($log):"
    grep -e '^broken promise' -e 'ERROR: ' -e 'runtime error' -e 'SUMMARY' -e 'Test unit written' "$log" | head -20
    exit 1
fi

# shellcheck disable=SC2046 # a list of names
[ $# -gt 0 ] || set -- $(cat "$build/fuzzers.txt")
printf '%s\n' "$@" | KILN_FUZZ_ONE=yes xargs -P "$(nproc)" -n 1 sh "$0" "$build"
