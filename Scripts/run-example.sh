#!/bin/bash
# run-example.sh NAME [ARGUMENT…]: builds Examples/NAME for release and runs it from the root of the repository.
set -euo pipefail
cd "$(dirname "$0")/.."
name=$1
shift
if [ ! -f "Examples/$name/Package.swift" ]; then
    echo "Examples/$name: error: there is no such example. Choose one of:" \
        "$(cd Examples && ls -d */ | tr -d / | paste -sd ' ')" >&2
    exit 1
fi
# What the build says goes to standard error, so that standard output is the example's own.
swift build -c release --package-path "Examples/$name" --product "$name" >&2
exec "$(swift build -c release --package-path "Examples/$name" --show-bin-path)/$name" "$@"
