#!/bin/bash
# test-examples.sh: tests every package under Examples/. One with tests has them run; one with `expected-output.txt` is run,
# and must print exactly that.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
for folder in Examples/*/; do
    name=$(basename "$folder")
    [ -f "$folder/Package.swift" ] || continue
    echo "== example $name"
    if [ -d "$folder/Tests" ]; then
        touch "$folder/Package.swift"  # Scripts/build.sh says why
        (cd "$folder" && "$root/Scripts/run-tests.sh")
    elif [ -f "$folder/expected-output.txt" ]; then
        program=$(Scripts/build.sh "$folder" "$name")
        work=$(mktemp -d)
        if ! (cd "$work" && "$program") | diff "$folder/expected-output.txt" -; then
            echo "$name: error: it does not print what ${folder}expected-output.txt says." >&2
            exit 1
        fi
        rm -rf "$work"
    else
        echo "$name: error: it has neither Tests/ nor expected-output.txt. Add one of them." >&2
        exit 1
    fi
done
