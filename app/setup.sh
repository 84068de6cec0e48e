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
    by_hand="apt-get install --no-install-recommends $missing"
    as_root=
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null 2>&1; then
            echo "kiln: packages are missing, and there is no sudo; run as root: $by_hand" >&2
            exit 2
        fi
        as_root=sudo
    fi
    echo "kiln: installing: $missing"
    # In one shell, so that sudo asks once. The lists are fetched anew only if they do not know a package, or if they
    # name files that the mirror no longer has; a source that cannot be reached need not be the one that is needed.
    # shellcheck disable=SC2086,SC2016
    if ! $as_root env DEBIAN_FRONTEND=noninteractive sh -c '
        install() { apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=120 "$@"; }
        if ! apt-get install -s "$@" >/dev/null 2>&1; then
            apt-get update
            install "$@"
        else
            install "$@" || { apt-get update && install "$@"; }
        fi' kiln $missing; then
        echo "kiln: this could not be installed, see above; by hand, as root: $by_hand" >&2
        exit 2
    fi
    left=$(kiln_missing "$@" | tr '\n' ' ')
    [ -z "$left" ] || echo "kiln: apt-get was content, but these are still not found: $left" >&2
}

# kiln_build FOLDER TARGET TESTS(ON|OFF) [CMAKE OPTION …]: configures and builds what changed.
kiln_build() {
    folder=$root/$1 target=$2 tests=$3
    shift 3
    log=$folder/configure.log
    if ! (mkdir -p "$folder" && : >"$log") 2>/dev/null; then
        echo "kiln: cannot write to $folder: build in a clone that is yours" >&2
        return 2
    fi
    # Given in any case: what was there when the folder was configured may be gone.
    cache=
    ! command -v ccache >/dev/null 2>&1 || cache=ccache
    # What a checkout elsewhere or another generator left behind cannot be built on.
    fresh=
    if [ -f "$folder/CMakeCache.txt" ] && ! { grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$folder/CMakeCache.txt" &&
        grep -qx 'CMAKE_GENERATOR:INTERNAL=Ninja' "$folder/CMakeCache.txt"; }; then
        echo "kiln: $folder was configured otherwise; building it anew"
        fresh=--fresh
    fi
    # shellcheck disable=SC2086
    if ! cmake $fresh -S "$root" -B "$folder" -G Ninja "-DKILN_TESTS=$tests" "-DCMAKE_CXX_COMPILER_LAUNCHER=$cache" \
        "$@" >"$log" 2>&1; then
        cat "$log" >&2
        echo "kiln: CMake could not configure $folder, see above" >&2
        return 1
    fi
    cmake --build "$folder" --target "$target"
}
