#!/bin/bash
# set-up.sh PACKAGE…: makes sure that Swift and these Debian packages are there.
#
# Installs what is missing when it runs as root; else it names the command and stops.
set -euo pipefail
wanted_swift=6.3

if ! command -v swift > /dev/null; then
    echo "set-up: error: there is no 'swift' on the PATH. Install Swift $wanted_swift or newer: https://www.swift.org/install" >&2
    exit 1
fi
found=$(swift --version 2>&1 | sed -nE 's/.*Swift version ([0-9]+(\.[0-9]+)*).*/\1/p' | head -n 1)
if [ -z "$found" ] || [ "$(printf '%s\n' "$wanted_swift" "$found" | sort -V | head -n 1)" != "$wanted_swift" ]; then
    echo "set-up: error: this is Swift ${found:-of an unknown version}, but $wanted_swift or newer is needed." \
        "Install it from https://www.swift.org/install" >&2
    exit 1
fi

if ! command -v dpkg-query > /dev/null; then
    echo "set-up: this is not a Debian system; these packages, or what they are called here, must be there: $*" >&2
    exit 0
fi

# Package by package: one question about all of them is answered with success when only some are there.
missing=()
for package in "$@"; do
    # An own variable: with a pipe, `grep -q` may end first and make dpkg-query fail.
    status=$(dpkg-query -W -f='${db:Status-Abbrev}' "$package" 2> /dev/null || true)
    [[ $status == ii* ]] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

if [ "$(id -u)" -ne 0 ]; then
    echo "set-up: error: Debian packages are missing. Install them, then try again:" >&2
    echo "    sudo apt-get update && sudo apt-get install -y --no-install-recommends ${missing[*]}" >&2
    exit 1
fi
echo "set-up: installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${missing[@]}" > /dev/null
