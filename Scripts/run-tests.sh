#!/bin/bash
# run-tests.sh [OPTION…]: builds and runs the tests of the package in this folder. The options go to `swift build` and
# `swift test`, those in the variable TEST_OPTIONS to the latter alone.
#
# Fails when no test ran: `swift test` itself calls that a success.
set -euo pipefail
swift build --build-tests --explicit-target-dependency-import-check error "$@"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# What has only begun is not shown: two thousand lines. The pipe would hide the exit status without pipefail.
# shellcheck disable=SC2086 # several words
swift test --skip-build --disable-xctest "$@" ${TEST_OPTIONS:-} 2>&1 | tee "$log" | grep -v -e '^◇' -e '^↳'
count=$(sed -nE 's/.*Test run with ([0-9]+) tests? .*/\1/p' "$log" | tail -n 1)
if [ "${count:-0}" -eq 0 ]; then
    echo "$(basename "$PWD"): error: no test ran. Look for what keeps the tests out of the build." >&2
    exit 1
fi
