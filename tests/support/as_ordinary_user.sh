#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs a test as an ordinary user when we are root, so that one run of the tests covers both. 77 means skipped.
if [ "$(id -u)" != 0 ]; then
    echo "SKIP: this is an ordinary user already; the test runs as such without this wrapper"
    exit 77
fi
if ! command -v setpriv >/dev/null; then
    echo "SKIP: setpriv (util-linux) is missing"
    exit 77
fi
user=61183 # No account: nothing else runs as it.
if ! setpriv --reuid=$user --regid=$user --clear-groups test -x "$1"; then
    echo "SKIP: a folder on the way to $1 is closed to other users"
    exit 77
fi
home=$(mktemp -d) || exit 1
trap 'rm -rf "$home"' EXIT
chown $user:$user "$home"
setpriv --reuid=$user --regid=$user --clear-groups --no-new-privs --inh-caps=-all \
    env -i PATH=/usr/bin:/bin HOME="$home" TMPDIR="$home" QT_QPA_PLATFORM=offscreen \
    ${ASAN_OPTIONS+"ASAN_OPTIONS=$ASAN_OPTIONS"} ${LSAN_OPTIONS+"LSAN_OPTIONS=$LSAN_OPTIONS"} \
    ${UBSAN_OPTIONS+"UBSAN_OPTIONS=$UBSAN_OPTIONS"} ${TSAN_OPTIONS+"TSAN_OPTIONS=$TSAN_OPTIONS"} "$@"
