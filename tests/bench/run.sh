#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Builds the benchmarks and prints what they measure, one after another. Usage: run.sh [BUILD_FOLDER]
set -eu
source=$(cd "$(dirname "$0")/../.." && pwd)
build=${1:-$source/build}
benches="sandbox_cost bench_invocations bench_window tst_history_ingest"
[ -e "$build/build.ninja" ] || cmake -S "$source" -B "$build" -G Ninja
# shellcheck disable=SC2086 # a list of names
ninja -C "$build" $benches >&2
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
exit $failed
