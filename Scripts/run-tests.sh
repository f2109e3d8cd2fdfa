#!/bin/bash
# run-tests.sh [OPTION…]: builds and runs the tests of the package in this folder. The options go to `swift build`, those in
# the variable TEST_OPTIONS to the tests.
#
# Whatever the tests and the programs they start print goes into .build/tests.log; of it, only what failed, what was skipped
# and the result are shown. Fails when no test ran: `swift test` itself calls that a success.
set -euo pipefail
quiet=()
[ -t 1 ] || quiet=(--quiet)  # hundreds of lines that nobody watches; errors are shown
swift build --build-tests --explicit-target-dependency-import-check error ${quiet[@]+"${quiet[@]}"} "$@"
log=.build/tests.log
program=$(echo "$(swift build --show-bin-path "$@")"/*PackageTests.xctest)
if [ -f "$program" ]; then
    # Many tests block a thread while they wait for a process. Begun all at once they would all wait for the few threads there
    # are, and their time limits with them; `swift test` cannot say that only some begin at a time.
    run=(env -u COLORTERM TERM=dumb "$program" --testing-library swift-testing --experimental-maximum-parallelization-width 4)
else
    run=(swift test --skip-build --disable-xctest "$@")  # macOS has a bundle
fi
echo "$(basename "$PWD"): running the tests; $PWD/$log tells more"
status=0
# shellcheck disable=SC2086 # several words
"${run[@]}" ${TEST_OPTIONS:-} > "$log" 2>&1 || status=$?
if [ "$status" -ne 0 ]; then
    # A crash says so after the last result, and names no test: the end of the log is all that there is of it.
    grep -q '^✘ Test run' "$log" || tail -n 60 "$log" >&2
    # What failed, each with the lines that follow until the next result.
    awk '/^(◇|✔|➜|✘|↳)/ { shown = /^✘/ || (shown && /^↳/) } shown' "$log" | head -n 400 >&2
    echo "$(basename "$PWD"): error: tests failed (exit status $status)." >&2
    exit 1
fi
grep -E '^(➜|✔ Test run )' "$log"
count=$(sed -nE 's/.*Test run with ([0-9]+) tests? .*/\1/p' "$log" | tail -n 1)
if [ "${count:-0}" -eq 0 ]; then
    echo "$(basename "$PWD"): error: no test ran. Look for what keeps the tests out of the build." >&2
    exit 1
fi
