#!/usr/bin/env python3
"""training_reference.py JOB LINES: does with Python's nv-one-logger what the file JOB says, on a clock of its own.

JOB holds `config` (of the training), `application` (of the recorder) and `steps`: a list of lists, each the name of a callback with its
arguments by name, or `wait` with seconds. What the library records goes to LINES. Prints the names that the library declares: spans, events, and attributes
by the class that has them.
"""
import inspect
import json
import pathlib
import re
import socket
import sys
import time

job = json.load(open(sys.argv[1]))
now = 120_000.0
time.time = lambda: now
time.perf_counter = lambda: now

from nv_one_logger.api.config import OneLoggerConfig  # noqa: E402
from nv_one_logger.exporter.file_exporter import FileExporter  # noqa: E402
from nv_one_logger.training_telemetry.api import attributes, callbacks  # noqa: E402
from nv_one_logger.training_telemetry.api.config import TrainingTelemetryConfig  # noqa: E402
from nv_one_logger.training_telemetry.api.events import StandardTrainingJobEventName  # noqa: E402
from nv_one_logger.training_telemetry.api.spans import StandardTrainingJobSpanName  # noqa: E402
from nv_one_logger.training_telemetry.api.training_telemetry_provider import TrainingTelemetryProvider  # noqa: E402

config = OneLoggerConfig(telemetry_config=TrainingTelemetryConfig(**job["config"]), **job["application"])
provider = TrainingTelemetryProvider.instance().with_base_config(config)
provider.with_exporter(FileExporter(pathlib.Path(sys.argv[2]))).configure_provider()
for name, arguments in job["steps"]:
    if name == "wait":
        now += arguments["seconds"]
    else:
        getattr(callbacks, name)(**arguments)

classes = re.split(r"^class (\w+)\(Attributes\):$", inspect.getsource(attributes), flags=re.MULTILINE)[1:]
print(json.dumps({
    "node": socket.gethostname(),
    "spans": [str(name) for name in StandardTrainingJobSpanName],
    "events": [str(name) for name in StandardTrainingJobEventName],
    "attributes": {
        name: re.findall(r"attributes\.add\(\"(\w+)\"", text) for name, text in zip(classes[::2], classes[1::2])}}))
