#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Builds the benchmarks and prints what they measure, one after another; the table beside floors and peers comes last (its
# peers are installed from npm into the build folder at the first time).
# Usage: run.sh [--readme] [BUILD_FOLDER]. --readme also writes that table into README.md.
set -eu
source=$(cd "$(dirname "$0")/../.." && pwd)
readme=
if [ "${1:-}" = --readme ]; then
    readme=--readme
    shift
fi
build=${1:-$source/build}
benches="sandbox_cost bench_invocations bench_window tst_history_ingest"
[ -e "$build/build.ninja" ] || cmake -S "$source" -B "$build" -G Ninja
# shellcheck disable=SC2086 # a list of names
ninja -C "$build" $benches bench_comparison_programs >&2
printf '%s, %s processors, load %s\n' "$(uname -sr)" "$(nproc)" "$(cut -d' ' -f1 /proc/loadavg)"
failed=0
for bench in $benches; do
    printf '\n== %s\n' "$bench"
    case $bench in
    # Qt Test's own lines say nothing here.
    tst_*) QT_QPA_PLATFORM=offscreen "$build/tests/$bench" | grep -v -e '^PASS' -e '^\*\*\*' -e '^Config' -e '^Totals' || failed=1 ;;
    *) if [ -n "${DISPLAY:-}" ]; then "$build/tests/$bench"; else QT_QPA_PLATFORM=offscreen "$build/tests/$bench"; fi || failed=1 ;;
    esac
done
printf '\n== comparison\n'
# shellcheck disable=SC2086 # nothing when it is empty
python3 "$source/tests/bench/comparison" --build "$build" $readme || failed=1
exit $failed
