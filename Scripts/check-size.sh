#!/bin/bash
# check-size.sh: a clean release build of Core, OneLogger and the JSON Lines and console exporters into one static, stripped
# program. Its size must stay within its limit, and so must the work of the build.
#
# The aim for the build is 20 s on two cores that do nothing else. Machines differ and are shared, so what fails is processor
# time, at three times what two cores do in 20 s. A bare static program with one `Task` takes 7.0 MB; lld's flags fold equal
# functions and pack relocations, which is what a program that must be small does (Debian 12 has the glibc for it). Swift's
# arguments for static programs make a table of all public functions for libraries that are loaded later: 0.25 MB that a
# program without such libraries does not need.
set -euo pipefail
cd "$(dirname "$0")/.."
maximum_bytes=8000000 aim_s=20 maximum_cpu_s=120
scratch=.build/static-size
rm -rf "$scratch"
TIMEFORMAT='%R %U %S'
times=$({ time swift build -q -c release --static-swift-stdlib --package-path Examples/StaticSize --scratch-path "$scratch" \
    --product StaticSize -Xswiftc -use-ld=lld -Xlinker --icf=all -Xlinker -z -Xlinker pack-relative-relocs \
    -Xlinker --no-export-dynamic 1>&3 2>&3; } 3>&2 2>&1)
read -r wall_s user_s system_s <<< "$times"
cpu_s=$(awk -v a="$user_s" -v b="$system_s" 'BEGIN { printf "%.1f", a + b }')
strip -s -o "$scratch/stripped" "$scratch/release/StaticSize"
bytes=$(stat -c %s "$scratch/stripped")

echo "clean release build: $wall_s s (aim $aim_s s), $cpu_s s of processor time (limit $maximum_cpu_s s)"
echo "static and stripped: $bytes bytes (limit $maximum_bytes)"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
stripped=$PWD/$scratch/stripped
# What does not run is not small.
(cd "$work" && "$stripped") | diff Examples/StaticSize/expected-output.txt -
if [ "$bytes" -gt "$maximum_bytes" ]; then
    echo "Examples/StaticSize: error: the program has $bytes bytes, more than $maximum_bytes. Look for an import of Foundation" \
        "and for 'contains', 'split' or 'replacing' with texts, which bring the parser of regular expressions." >&2
    exit 1
fi
if awk -v s="$cpu_s" -v m="$maximum_cpu_s" 'BEGIN { exit !(s > m) }'; then
    echo "Examples/StaticSize: error: the clean build took $cpu_s s of processor time, more than $maximum_cpu_s s." \
        "Look for expressions that are slow to type-check." >&2
    exit 1
fi
