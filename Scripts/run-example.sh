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
program=$(Scripts/build.sh "Examples/$name" "$name" -c release)
exec "$program" "$@"
