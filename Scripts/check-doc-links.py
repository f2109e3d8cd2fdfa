#!/usr/bin/env python3
"""check-doc-links.py: the types that ``links`` in doc comments under Sources begin with must be declared in the same module.

DocC follows no link into another module, and `make docs` fails on one that leads nowhere. Names of types of other modules stand
in single backticks. Members, which DocC finds from where they stand, are left to `make docs`.
"""
import pathlib
import re
import sys

DECLARATION = re.compile(r"\b(?:struct|class|enum|protocol|actor|typealias|associatedtype)\s+([A-Z]\w*)")
LINK = re.compile(r"``([A-Z]\w*)[^`]*``")
ROOT = pathlib.Path(__file__).resolve().parent.parent


def main():
    failed = checked = 0
    for module in sorted(path for path in (ROOT / "Sources").iterdir() if path.is_dir()):
        texts = {path: path.read_text().splitlines() for path in sorted(module.rglob("*.swift"))}
        declared = {module.name} | {name for lines in texts.values() for line in lines for name in DECLARATION.findall(line)}
        for path, lines in texts.items():
            for number, line in enumerate(lines, 1):
                if not line.lstrip().startswith("///"):
                    continue
                for name in LINK.findall(line):
                    checked += 1
                    if name not in declared:
                        failed += 1
                        print(f"{path.relative_to(ROOT)}:{number}:{line.index(name) + 1}: error: {module.name} declares no "
                              f"'{name}'. Write it in single backticks.", file=sys.stderr)
    print(f"links in doc comments: {checked} checked, {failed} lead out of their module")
    return failed > 0 or checked == 0


sys.exit(main())
