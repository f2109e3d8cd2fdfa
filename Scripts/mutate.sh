#!/usr/bin/env bash
# Does the thread sanitizer see planted mistakes? A run that cannot fail proves nothing.
# Works on a copy in .build/mutants; prints one line per mistake, and fails when one is not reported.
set -u
cd "$(dirname "$0")/.."
copy=.build/mutants
rm -rf "$copy/tree" && mkdir -p "$copy/tree"
cp -r Package.swift Sources Tests Plugins Snippets "$copy/tree/" 2>/dev/null
header=Sources/COneLogger/include/COneLogger.h
pool=Sources/OneLogger/Recording/ChunkPool.swift
failed=0
export SWIFT_BACKTRACE=enable=no TSAN_OPTIONS=halt_on_error=0

try() { # name, wanted: "none" or "some", file, sed expression
    local name=$1 wanted=$2 file=${3:-} expression=${4:-}
    if [ -n "$file" ]; then
        sed -i.before "$expression" "$copy/tree/$file"
        if cmp -s "$copy/tree/$file" "$copy/tree/$file.before"; then
            echo "$name: the place is gone; mend Scripts/mutate.sh" && failed=1 && return
        fi
    fi
    (cd "$copy/tree" && swift build -c release --build-tests --sanitize=thread -Xswiftc -DTHREAD_SANITIZER \
        --scratch-path ../scratch 2>&1 | grep -E "error:" | head -3)
    for round in 1 2 3; do
        timeout 200 "$copy/scratch/release/oneloggerPackageTests.xctest" --testing-library swift-testing \
            --filter OneLoggerTests.StressTests >"$copy/out" 2>&1
        reports=$(grep -c "WARNING: ThreadSanitizer" "$copy/out")
        complaints=$(grep -c "✘" "$copy/out")
        [ "$wanted" = none ] || [ "$reports" -gt 0 ] && break
    done
    echo "$name: $reports reports, $complaints failed expectations"
    if [ "$wanted" = none ]; then
        [ "$reports" -eq 0 ] && grep -q "Test run with .* passed" "$copy/out" || failed=1
    else
        [ "$reports" -gt 0 ] || failed=1
    fi
    [ -n "$file" ] && mv "$copy/tree/$file.before" "$copy/tree/$file" && touch "$copy/tree/$file"
}

try "as designed" none
try "publish without release" some $header '/ol_publish/,/^}/s/__ATOMIC_RELEASE/__ATOMIC_RELAXED/'
try "steal without looking at the pin" some $pool 's/unsafe Self.pinned(\$0).pointee == 0 && /unsafe /'
try "thread exit frees its chunk" some $pool 's/if let chunk = unsafe block.pointee.chunk { unsafe seal(chunk) }/if let chunk = unsafe block.pointee.chunk { unsafe free.append(chunk) }/'
exit $failed
