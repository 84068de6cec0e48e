# SPDX-License-Identifier: GPL-3.0-or-later
# Sourced by app/start.sh and tests/run.sh: installs what is missing, and builds.
# Expects $root, the repository's folder.

# The entries of one group of app/packages.txt.
kiln_group() {
    sed -n "/^\[$1\]/,/^\[/p" "$root/app/packages.txt" | grep -v -e '^\[' -e '^#' -e '^$' || true
}

# Prints the packages of the given groups that are missing.
kiln_missing() {
    for group in "$@"; do
        kiln_group "$group" | while IFS= read -r entry; do
            case $entry in
                *:*)
                    command -v "${entry%%:*}" >/dev/null 2>&1 || echo "${entry##*: }"
                    ;;
                *)
                    dpkg-query -W -f '${db:Status-Abbrev}' "$entry" 2>/dev/null | grep -q '^.i' || echo "$entry"
                    ;;
            esac
        done
    done | sort -u
}

# Installs the missing packages of the given groups; asks for sudo only when something is missing.
kiln_install() {
    if ! command -v apt-get >/dev/null 2>&1; then
        echo "kiln: this is no Debian or Ubuntu: install by hand what app/packages.txt lists, in your system's names" >&2
        return 0
    fi
    missing=$(kiln_missing "$@" | tr '\n' ' ')
    [ -n "$missing" ] || return 0
    echo "kiln: installing: $missing"
    as_root=
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null 2>&1; then
            echo "kiln: these packages are missing and there is no sudo; run as root: apt-get install $missing" >&2
            exit 2
        fi
        as_root=sudo
    fi
    # The lists are fetched anew only if they do not know a package.
    # shellcheck disable=SC2086
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing >/dev/null 2>&1 || {
        $as_root apt-get update -qq
        # shellcheck disable=SC2086
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing
    }
}

# kiln_build FOLDER TESTS(ON|OFF) [CMAKE OPTION …]: configures once and builds what changed.
kiln_build() {
    folder=$1 tests=$2
    shift 2
    cache=
    if command -v ccache >/dev/null 2>&1; then
        cache=-DCMAKE_CXX_COMPILER_LAUNCHER=ccache
    fi
    log=$root/$folder/configure.log
    mkdir -p "$root/$folder"
    # shellcheck disable=SC2086
    if ! cmake -S "$root" -B "$root/$folder" -G Ninja "-DKILN_TESTS=$tests" $cache "$@" >"$log" 2>&1; then
        cat "$log" >&2
        return 1
    fi
    cmake --build "$root/$folder"
}
