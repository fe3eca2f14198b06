#!/usr/bin/env bash
# Installs through apt what the build and the tests need and this machine lacks (Debian 12, Ubuntu 22.04 or newer).
# Does nothing, and needs no rights, where everything is there.
# usage: install_dependencies.sh [--architecture NAME] [MORE_PACKAGES...]
# NAME: another architecture whose packages (PACKAGE:NAME) are among those asked for.
set -euo pipefail

architecture=""
if [ "${1:-}" = --architecture ]; then
    architecture=$2
    shift 2
fi
packages=(build-essential cmake ninja-build ccache git libopenblas-dev libzip-dev zlib1g-dev libfmt-dev
    nlohmann-json3-dev libeigen3-dev libcli11-dev libonnx-dev libprotobuf-dev libhdf5-dev libmatio-dev
    doctest-dev libbenchmark-dev "$@")

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        echo "This needs root and there is no sudo. As root, run: $*" >&2
        exit 1
    fi
}

install_missing() {
    local missing=() package added=""
    for package in "$@"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    echo "Installing ${missing[*]}" >&2
    if [ -n "$architecture" ] && ! dpkg --print-foreign-architectures | grep -qx "$architecture"; then
        as_root dpkg --add-architecture "$architecture"
        added=$architecture
    fi
    if ! { as_root env DEBIAN_FRONTEND=noninteractive apt-get -o Acquire::Retries=3 update -q &&
        as_root env DEBIAN_FRONTEND=noninteractive apt-get -o Acquire::Retries=3 install -qy \
            --no-install-recommends "${missing[@]}"; }; then
        # a mirror without that architecture would let every later update fail, too
        if [ -n "$added" ]; then as_root dpkg --remove-architecture "$added"; fi
        return 1
    fi
}

cmake_is_new_enough() {
    local found
    found=$(cmake --version 2>/dev/null | sed -n 's/^cmake version \([0-9.]*\).*/\1/p')
    [ -n "$found" ] && [ "$(printf '3.25\n%s\n' "$found" | sort -V | head -n 1)" = 3.25 ]
}

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    echo "No apt here: please install these yourself (Debian's names): ${packages[*]}" >&2
    exit 0
fi
install_missing "${packages[@]}"

PATH="$HOME/.local/bin:$PATH"
if ! cmake_is_new_enough; then # Ubuntu 22.04 has 3.22
    install_missing python3-pip
    if [ "$(id -u)" = 0 ]; then
        python3 -m pip install --quiet 'cmake>=3.25,<4'
    else
        python3 -m pip install --quiet --user 'cmake>=3.25,<4'
    fi
fi
