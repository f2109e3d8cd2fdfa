#!/bin/bash
# lint.sh: layout and documentation rules, file lengths, words that must not be committed. Builds nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
failed=0

# By git's list: builds leave Swift files of their own under .build folders.
git ls-files -z --cached --others --exclude-standard -- '*.swift' \
    | xargs -0 swift format lint --strict --parallel || failed=1

python3 Scripts/check-doc-links.py || failed=1

# Files with one idea each. Tables in C are data.
while read -r file; do
    lines=$(wc -l < "$file")
    if [ "$lines" -gt 300 ]; then
        echo "$file:301:1: error: the file has $lines lines, more than 300. Split it by idea." >&2
        failed=1
    fi
done < <(find Sources -name '*.swift')

# Everything that is or would be committed, but for this file, which names the words.
files() { git ls-files -z --cached --others --exclude-standard -- . ':!Scripts/lint.sh' ':!LICENSE' ':!*.csv'; }
refuse() {
    local pattern=$1 advice=$2
    if files | xargs -0 -r grep -InE "$pattern" /dev/null; then
        echo "lint: error: the lines above must not be committed. $advice" >&2
        failed=1
    fi
}
refuse '\b(TODO|FIXME|XXX)\b' 'Do it now, or describe the limit in words.'
refuse '(^|[^A-Za-z0-9_.~/-])/(work|root|home)/[A-Za-z]' 'Use a path that is relative to the repository.'
refuse '^(<<<<<<<|>>>>>>>)( |$)' 'Finish the merge.'
exit "$failed"
