#!/bin/bash
# run-tests.sh [OPTION…]: builds and runs the tests of the package in this folder. The options go to `swift build`, those in
# the variable TEST_OPTIONS to the tests.
#
# Fails when no test ran: `swift test` itself calls that a success.
set -euo pipefail
swift build --build-tests --explicit-target-dependency-import-check error "$@"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
program=$(echo "$(swift build --show-bin-path "$@")"/*PackageTests.xctest)
if [ -f "$program" ]; then
    # Many tests block a thread while they wait for a process. Begun all at once they would all wait for the few threads there
    # are, and their time limits with them; `swift test` cannot say that only some begin at a time.
    run=(env -u COLORTERM TERM=dumb "$program" --testing-library swift-testing --experimental-maximum-parallelization-width 4)
else
    run=(swift test --skip-build --disable-xctest "$@")  # macOS has a bundle
fi
# What has only begun is not shown: two thousand lines. The pipe would hide the exit status without pipefail.
# shellcheck disable=SC2086 # several words
"${run[@]}" ${TEST_OPTIONS:-} 2>&1 | tee "$log" | grep -v -e '^◇' -e '^↳'
count=$(sed -nE 's/.*Test run with ([0-9]+) tests? .*/\1/p' "$log" | tail -n 1)
if [ "${count:-0}" -eq 0 ]; then
    echo "$(basename "$PWD"): error: no test ran. Look for what keeps the tests out of the build." >&2
    exit 1
fi
