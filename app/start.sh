#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Installs what is missing, builds Kiln, and runs it: `sh app/start.sh ARGS` is `kiln ARGS`. Without arguments it opens
# the window on the sample; where there is no display it runs the same sample headless.
set -eu
root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd -P)
. "$root/app/setup.sh"

{
    kiln_install run
    # A build that the tests share keeps its tests; a first one here leaves them out.
    tests=OFF
    [ -f "$root/build/CMakeCache.txt" ] && grep -q '^KILN_TESTS:BOOL=ON' "$root/build/CMakeCache.txt" && tests=ON
    kiln_build build all "$tests"
} >&2

if [ $# -gt 0 ]; then
    exec "$root/build/kiln" "$@"
fi
if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
    exec "$root/build/kiln"
fi

echo "kiln: no display here: running the sample headless"
sample=$(mktemp -d)
trap 'rm -rf "$sample"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
export XDG_STATE_HOME="$sample/state" # Nothing stays that says a folder is trusted which is gone.
"$root/build/kiln" init "$sample/shop" --sample shop
for function in "$sample"/shop/functions/*/; do
    name=$(basename "$function")
    event=$(find "$function/events" -name '*.json' | sort | head -n 1)
    echo "kiln: firing ${event:+$(basename "$event") at }$name"
    "$root/build/kiln" --workspace "$sample/shop" invoke "$name" --event "${event:-{\}}"
done
