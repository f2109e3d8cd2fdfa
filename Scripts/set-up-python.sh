#!/bin/bash
# set-up-python.sh: a virtual environment in .build/venv with what Tests/Helpers/requirements.txt lists, for the tests.
#
# Made again only when the list has changed.
set -euo pipefail
cd "$(dirname "$0")/.."
venv=.build/venv
list=Tests/Helpers/requirements.txt
cmp -s "$list" "$venv/installed.txt" && exit 0
echo "set-up: installing the Python packages of $list into $venv"
rm -rf "$venv"
python3 -m venv "$venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$list"
cp "$list" "$venv/installed.txt"
