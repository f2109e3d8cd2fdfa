#!/bin/bash
# check-links.sh: a program that uses `import OneLogger` alone fetches no other package, and links neither Foundation nor
# libcurl nor libyaml.
set -euo pipefail
cd "$(dirname "$0")/.."
package=Examples/CoreConsumer

# A name stands on each line: the program, this package, and nothing below.
packages=$(swift package --package-path "$package" show-dependencies --format flatlist)
echo "packages: $packages"
if [ "$packages" != onelogger ]; then
    echo "$package: error: it resolves other packages than 'onelogger'. Put what needs them behind a trait." >&2
    exit 1
fi

swift build -q -c release --package-path "$package" --product CoreConsumer
program=$(swift build -c release --package-path "$package" --show-bin-path)/CoreConsumer
libraries=$(ldd "$program" | awk '{ print $1 }' | xargs -n 1 basename | sort)
echo "libraries: $(paste -sd ' ' <<< "$libraries")"
# A check that cannot fail shows nothing: Swift's own library must be in the list.
grep -q '^libswiftCore' <<< "$libraries"
if grep -E '^lib(_?Foundation|curl|yaml|icu)' <<< "$libraries"; then
    echo "$package: error: it links the libraries above. Find the import in Sources/OneLogger or Sources/OneLoggerCore." >&2
    exit 1
fi
