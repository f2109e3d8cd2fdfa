#!/bin/bash
# check-links.sh: a program that uses `import OneLogger` alone fetches no other package, and links neither Foundation nor
# libcurl nor libyaml.
set -euo pipefail
cd "$(dirname "$0")/.."
package=Examples/CoreConsumer

swift package --package-path "$package" show-dependencies --format json | python3 -c '
import json, os, sys
found = json.load(sys.stdin)["dependencies"]
print("packages:", ", ".join(p["path"] for p in found))
if len(found) != 1 or not os.path.samefile(found[0]["path"], ".") or found[0]["dependencies"]:
    sys.exit(sys.argv[1] + ": error: it fetches other packages than this one. Put what needs them behind a trait.")
' "$package"

program=$(Scripts/build.sh "$package" CoreConsumer -q -c release)
libraries=$(ldd "$program" | awk '{ print $1 }' | xargs -n 1 basename | sort)
echo "libraries: $(paste -sd ' ' <<< "$libraries")"
# A check that cannot fail shows nothing: Swift's own library must be in the list.
grep -q '^libswiftCore' <<< "$libraries"
if grep -E '^lib(_?Foundation|curl|yaml|icu)' <<< "$libraries"; then
    echo "$package: error: it links the libraries above. Find the import in Sources/OneLogger or Sources/OneLoggerCore." >&2
    exit 1
fi
