#!/bin/bash
# check-size.sh: a clean release build of Core, OneLogger and the JSON Lines and console exporters into one static, stripped
# program. Its size must stay within its limit, and so must the time of the build.
#
# The aim for the build is 20 s on two cores. Machines differ, so only three times that fails.
set -euo pipefail
cd "$(dirname "$0")/.."
maximum_bytes=8000000 aim_s=20 maximum_s=60
scratch=.build/static-size
rm -rf "$scratch"
before=$(date +%s.%N)
swift build -q -c release --static-swift-stdlib --package-path Examples/StaticSize --scratch-path "$scratch" --product StaticSize
seconds=$(awk -v a="$before" -v b="$(date +%s.%N)" 'BEGIN { printf "%.1f", b - a }')
program=$scratch/release/StaticSize
strip -s -o "$scratch/stripped" "$program"
bytes=$(stat -c %s "$scratch/stripped")

echo "clean release build: $seconds s (aim $aim_s s, limit $maximum_s s); static and stripped: $bytes bytes (limit $maximum_bytes)"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
stripped=$PWD/$scratch/stripped
# What does not run is not small.
(cd "$work" && "$stripped") > /dev/null
if [ "$bytes" -gt "$maximum_bytes" ]; then
    echo "Examples/StaticSize: error: the program has $bytes bytes, more than $maximum_bytes. Look for an import of Foundation" \
        "or for generic code that is specialised often." >&2
    exit 1
fi
if awk -v s="$seconds" -v m="$maximum_s" 'BEGIN { exit !(s > m) }'; then
    echo "Examples/StaticSize: error: the clean build took $seconds s, more than $maximum_s s." \
        "Look for expressions that are slow to type-check." >&2
    exit 1
fi
