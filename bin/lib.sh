# What bin/pileus and bin/test share: a Python environment and Debian packages, each made or installed once.
# shellcheck shell=bash

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
VENV=${PILEUS_VENV:-$ROOT/.venv}

say() { printf '%s\n' "$*" >&2; }
fail() { say "pileus: $*"; exit 1; }

# The lines of a package list, without comments.
listed() { sed 's/#.*//; /^[[:space:]]*$/d' "$@"; }

missing_debian_packages() {
    local package
    for package in $(listed "$@"); do
        dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || echo "$package"
    done
}

# install_debian_packages FILE...: what the lists name and the machine lacks.
install_debian_packages() {
    local missing
    command -v dpkg-query >/dev/null || fail "this needs Debian 12 or a system like it (there is no dpkg here)"
    missing=$(missing_debian_packages "$@")
    [ -z "$missing" ] && return
    [ "$(id -u)" = 0 ] || fail "Debian packages are missing; as root run: apt-get install" $missing
    say "Installing Debian packages:" $missing
    # Their services are not to start: Pileus runs its own, privately.
    local policy=/usr/sbin/policy-rc.d made=
    if [ ! -e "$policy" ]; then printf '#!/bin/sh\nexit 101\n' >"$policy"; chmod 755 "$policy"; made=1; fi
    local log; log=$(mktemp)
    if ! { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=900 install -qy \
        --no-install-recommends $missing; } >"$log" 2>&1; then
        [ -n "$made" ] && rm -f "$policy"
        tail -n 20 "$log" >&2
        fail "apt-get could not install them; its whole output is in $log"
    fi
    [ -n "$made" ] && rm -f "$policy"
    rm -f "$log"
}

find_python() {
    local candidate
    for candidate in ${PYTHON:-} python3 python3.13 python3.12 python3.11; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    fail "Python 3.11 or newer is needed (apt-get install python3 python3-venv)"
}

# prepare_venv EXTRAS: the environment with this checkout and the pinned packages of these extras.
prepare_venv() {
    local extras=$1 stamp want log
    stamp=$VENV/.pileus
    want="$extras $(cat "$ROOT/pyproject.toml" "$ROOT/constraints.txt" | cksum)"
    # What was installed with more extras serves a command that needs fewer.
    if [ -x "$VENV/bin/python" ] && grep -qxF -- "$want" "$stamp" 2>/dev/null; then return; fi
    local python; python=$(find_python)
    if [ ! -x "$VENV/bin/python" ]; then
        if ! "$python" -c 'import ensurepip' 2>/dev/null; then
            [ "$(id -u)" = 0 ] || fail "python3-venv is missing; as root run: apt-get install python3-venv"
            say "Installing python3-venv"
            { apt-get update -q && apt-get install -qy --no-install-recommends python3-venv; } >/dev/null 2>&1 \
                || fail "apt-get could not install python3-venv"
        fi
        "$python" -m venv "$VENV" || fail "cannot make the Python environment $VENV"
    fi
    say "Installing Python packages into $VENV"
    log=$(mktemp)
    if ! "$VENV/bin/python" -m pip install -q --disable-pip-version-check -c "$ROOT/constraints.txt" \
        -e "$ROOT[$extras]" >"$log" 2>&1; then
        tail -n 20 "$log" >&2
        fail "pip could not install them; its whole output is in $log"
    fi
    rm -f "$log"
    printf '%s\n' "$want" >>"$stamp"
}
