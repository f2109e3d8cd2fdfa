#!/usr/bin/env python3
"""check-imports.py: holds every import under Sources to the list below, and C headers to the two that are harmless.

Who may import whom is explained in Docs/ARCHITECTURE.md. Nobody may import Foundation. `swift build` itself, with
`--explicit-target-dependency-import-check error`, refuses an import that the manifest does not declare.
"""
import pathlib
import re
import sys

SYSTEM = {"Glibc", "Musl", "Darwin", "Synchronization"}
ALLOWED = {
    "OneLoggerCore": set(),
    "OneLogger": {"OneLoggerCore", "COneLogger"},
    "OneLoggerText": {"OneLoggerCore", "COneLogger"},
    "OneLoggerConsole": {"OneLoggerCore", "OneLoggerText"},
    "OneLoggerJSONL": {"OneLoggerCore", "OneLoggerText"},
    "OneLoggerPrometheus": {"OneLoggerCore", "OneLoggerText"},
    "OneLoggerOTLP": {"OneLoggerCore", "OneLoggerHTTP", "OneLoggerText"},
    "OneLoggerHTTP": {"OneLoggerCore", "CCurl", "CZlib"},
    "OneLoggerConfig": {"OneLoggerCore", "CYAML"},
    "RLMTelemetry": {"OneLoggerCore", "OneLogger", "OneLoggerText"},
    "ResourceTelemetry": {"OneLoggerCore", "OneLogger", "OneLoggerHTTP", "OneLoggerText", "WorkflowTelemetry"},
    "TrainingTelemetry": {"OneLoggerCore", "OneLogger"},
    "WorkflowTelemetry": {"OneLoggerCore", "OneLogger", "OneLoggerText"},
    "OneLoggerBootstrap": {
        "OneLoggerCore", "OneLogger", "OneLoggerConfig", "OneLoggerConsole", "OneLoggerJSONL", "OneLoggerOTLP",
        "OneLoggerPrometheus", "RLMTelemetry", "ResourceTelemetry", "TrainingTelemetry", "WorkflowTelemetry",
    },
    "OneLoggerTesting": {"OneLoggerCore", "OneLogger"},
    "OneLoggerCommand": {"OneLoggerCore", "OneLogger", "OneLoggerBootstrap", "OneLoggerConfig"},
    "onelogger": {"OneLoggerCommand"},
}
# A header that pulls in time.h would make `timespec` this package's own in every Swift file.
HEADERS = {"COneLogger": {"stdint.h", "stddef.h"}, "CYAML": {"yaml.h"}, "CCurl": {"curl/curl.h"}, "CZlib": {"zlib.h"}}
IMPORT = re.compile(
    r"^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:public|package|internal|fileprivate|private)\s+)?import\s+"
    r"(?:(?:struct|class|enum|protocol|typealias|func|let|var)\s+)?([A-Za-z_]\w*)", re.MULTILINE)
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.MULTILINE)

root = pathlib.Path(__file__).resolve().parent.parent
problems, imports = [], 0


def check(path, pattern, allowed, what, advice):
    global imports
    text = path.read_text()
    for match in pattern.finditer(text):
        imports += 1
        if match.group(1) not in allowed:
            line = text.count("\n", 0, match.start(1)) + 1
            place = f"{path.relative_to(root)}:{line}"
            problems.append(f"{place}: error: {what} {match.group(1)} is not allowed here. {advice}")


for module in sorted(path for path in (root / "Sources").iterdir() if path.is_dir()):
    if module.name in HEADERS:
        for header in module.rglob("*.h"):
            check(header, INCLUDE, HEADERS[module.name], "the header", "Move the code to a .c file.")
        continue
    if module.name not in ALLOWED:
        problems.append(f"Sources/{module.name}: error: no rule for this module. Add one to Scripts/check-imports.py.")
        continue
    for source in sorted(module.rglob("*.swift")):
        check(source, IMPORT, ALLOWED[module.name] | SYSTEM, "importing", "Docs/ARCHITECTURE.md says who may import whom.")

for problem in problems:
    print(problem, file=sys.stderr)
print(f"imports: {imports} checked, {len(problems)} not allowed")
sys.exit(1 if problems or imports == 0 else 0)
