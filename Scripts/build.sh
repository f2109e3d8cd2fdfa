#!/bin/bash
# build.sh PACKAGE PRODUCT [OPTION…]: builds a program of one of the packages in this repository that use the library, and
# prints where it is. The options go to `swift build`, whose output goes to standard error.
set -euo pipefail
package=$1 product=$2
shift 2
# SwiftPM looks for new files only in the package that it builds, not in those that this one uses by their path. A manifest
# that was touched makes it look everywhere.
touch "$package/Package.swift"
swift build --package-path "$package" --product "$product" "$@" >&2
echo "$(swift build --package-path "$package" "$@" --show-bin-path)/$product"
