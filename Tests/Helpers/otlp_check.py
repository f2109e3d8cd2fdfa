#!/usr/bin/env python3
"""otlp_check.py FOLDER: what Google's protobuf and the official schema of OTLP make of the requests in FOLDER.

A request is NAME.SIGNAL.pb or NAME.SIGNAL.json. Of each it is checked that it parses, knows no unknown fields and, for
protobuf, is exactly what the official serialiser writes; that NAME.SIGNAL.json says the same as NAME.SIGNAL.pb; and that
NAME+1.SIGNAL.* and NAME+2.SIGNAL.* hold together what NAME.SIGNAL.* holds. NAME.SIGNAL.dump gets the content of the
protobuf form as JSON, with hexadecimal ids. Prints each problem, and how many requests were checked.
"""
import json
import pathlib
import sys

from google.protobuf import unknown_fields
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

sys.dont_write_bytecode = True
import otlp_json  # noqa: E402, beside this file

REQUESTS = {
    "traces": ExportTraceServiceRequest, "metrics": ExportMetricsServiceRequest, "logs": ExportLogsServiceRequest}
problems = []


def unknown(message):
    count = len(unknown_fields.UnknownFieldSet(message))
    for field, value in message.ListFields():
        if field.message_type is not None:
            count += sum(unknown(one) for one in (value if field.is_repeated else [value]))
    return count


def read(path):
    """The message; problems are noted."""
    name, signal, kind = path.name.rsplit(".", 2)
    message, data = REQUESTS[signal](), path.read_bytes()
    try:
        if kind == "json":
            otlp_json.parse(data, message)
        else:
            message.ParseFromString(data)
            if message.SerializeToString(deterministic=True) != data:
                problems.append(f"{path.name}: the official serialiser writes other bytes")
            if unknown(message):
                problems.append(f"{path.name}: {unknown(message)} unknown fields")
    except Exception as error:
        problems.append(f"{path.name}: {type(error).__name__}: {error}")
    return message


def records(message):
    """Each span, log record or data point with its resource, scope and metric, as bytes."""
    result = []
    for _, groups in message.ListFields():
        for group in groups:
            for _, scopes in [field for field in group.ListFields() if field[0].name.startswith("scope_")]:
                for scope in scopes:
                    for field, items in scope.ListFields():
                        for item in items if field.is_repeated else []:
                            frame = group.resource.SerializeToString() + scope.scope.SerializeToString()
                            result += [frame + point for point in points(item)]
    return result


def points(item):
    kind = item.DESCRIPTOR.oneofs_by_name.get("data")
    if kind is None:
        return [item.SerializeToString(deterministic=True)]
    data = getattr(item, item.WhichOneof("data"))
    all_points = [point.SerializeToString(deterministic=True) for point in data.data_points]
    del data.data_points[:]
    head = item.SerializeToString(deterministic=True)
    return [head + point for point in all_points]


folder = pathlib.Path(sys.argv[1])
messages = {path.name: read(path) for path in sorted(folder.iterdir()) if path.suffix in (".pb", ".json")}
for name, message in messages.items():
    twin = name[:-5] + ".pb"
    if name.endswith(".json") and twin in messages:
        if message.SerializeToString(deterministic=True) != messages[twin].SerializeToString(deterministic=True):
            problems.append(f"{name}: says something else than {twin}")
    if name.endswith(".pb"):
        (folder / (name[:-3] + ".dump")).write_text(json.dumps(otlp_json.content(message)))
for name, message in messages.items():
    stem, rest = name.split(".", 1)
    halves = [messages.get(f"{stem}+{half}.{rest}") for half in (1, 2)]
    if halves[0] is not None and records(message) != records(halves[0]) + records(halves[1]):
        problems.append(f"{name}: its halves hold something else")
print("\n".join(problems), f"checked {len(messages)}", sep="\n" if problems else "", flush=True)
