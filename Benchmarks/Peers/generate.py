#!/usr/bin/env python3
"""generate.py PROTOC-GEN-SWIFT: makes Sources/Peers/Schema from the schema in the PyPI package opentelemetry-proto.

`make bench` runs it: generated code is not kept. Needs .build/venv; the program is swift-protobuf's own product.
"""
import pathlib
import subprocess
import sys

from google.protobuf import descriptor_pb2
from google.protobuf.compiler import plugin_pb2
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2

request = plugin_pb2.CodeGeneratorRequest()


def name_for_json(message):
    """What protoc would have filled in, and the generator insists on."""
    for field in message.field:
        first, *rest = field.name.split("_")
        field.json_name = first + "".join(word.capitalize() for word in rest)
    for nested in message.nested_type:
        name_for_json(nested)


def add(file):
    if file.name in request.file_to_generate:
        return
    for dependency in file.dependencies:
        add(dependency)
    proto = descriptor_pb2.FileDescriptorProto()
    file.CopyToProto(proto)
    for message in proto.message_type:
        name_for_json(message)
    request.proto_file.append(proto)
    request.file_to_generate.append(file.name)


add(trace_service_pb2.DESCRIPTOR)
output = subprocess.run([sys.argv[1]], input=request.SerializeToString(), stdout=subprocess.PIPE, check=True).stdout
response = plugin_pb2.CodeGeneratorResponse.FromString(output)
if response.error:
    sys.exit(f"{sys.argv[1]}: error: {response.error}")
folder = pathlib.Path(__file__).parent / "Sources" / "Peers" / "Schema"
folder.mkdir(exist_ok=True)
for file in response.file:
    (folder / pathlib.Path(file.name).name).write_text(file.content)
