#!/usr/bin/env python3
"""otlp_receiver.py: takes OTLP over HTTP (protobuf, JSON) and gRPC, and prints each request as one line of JSON.

The first line holds the ports. What it answers, the request itself says, so that many tests share one receiver: the header
x-test names the test, x-script is a JSON list with one answer per request of that test; after its end all is well. x-always is
one answer for every request. The keys of an answer are those that `answer` and `Service.Export` read. With x-content, the line
has the whole request.
"""
import gzip
import http.server
import json
import os
import sys
import threading
import time
from concurrent import futures

import grpc
from google.protobuf import json_format
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2, logs_service_pb2_grpc
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2, metrics_service_pb2_grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc

sys.dont_write_bytecode = True
import otlp_json  # noqa: E402, beside this file

SIGNALS = {
    "traces": (trace_service_pb2.ExportTraceServiceRequest, trace_service_pb2.ExportTraceServiceResponse, "rejected_spans"),
    "metrics": (metrics_service_pb2.ExportMetricsServiceRequest, metrics_service_pb2.ExportMetricsServiceResponse, "rejected_data_points"),
    "logs": (logs_service_pb2.ExportLogsServiceRequest, logs_service_pb2.ExportLogsServiceResponse, "rejected_log_records"),
}
counts, lock = {}, threading.Lock()


def names(signal, request):
    if signal == "traces":
        return [span.name for r in request.resource_spans for s in r.scope_spans for span in s.spans]
    if signal == "metrics":
        return [metric.name for r in request.resource_metrics for s in r.scope_metrics for metric in s.metrics]
    return [log.body.string_value or log.event_name for r in request.resource_logs for s in r.scope_logs for log in s.log_records]


def scripted(headers):
    """The answer to the next request of a test."""
    test = headers.get("x-test", "")
    with lock:
        number = counts[test] = counts.get(test, -1) + 1
    script = json.loads(headers.get("x-script", "[]"))
    return script[number] if number < len(script) else json.loads(headers.get("x-always", "{}"))


def say(**line):
    text = json.dumps(line) + "\n"
    with lock:
        sys.stdout.write(text)
        sys.stdout.flush()


def whole(headers, request):
    return {"content": json.dumps(otlp_json.content(request))} if "x-content" in headers else {}


def is_too_large(plan, count):
    return "max_records" in plan and count > plan["max_records"]


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True

    def handle_error(self, request, client_address):
        """A client that is gone before its answer is what many tests are about."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def do_POST(self):
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", 0)))
        size = len(body)
        if headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        signal = self.path.split("?")[0].rsplit("/", 1)[-1]
        kind, response, field = SIGNALS.get(signal, SIGNALS["traces"])
        request = kind()
        if headers.get("content-type") == "application/json":
            otlp_json.parse(body, request)
        else:
            request.ParseFromString(body)
        found, plan = names(signal, request), scripted(headers)
        say(test=headers.get("x-test", ""), signal=signal, path=self.path, headers=headers, names=found, size=size,
            peer="%s:%d" % self.client_address, at=time.monotonic(), **whole(headers, request))
        time.sleep(plan.get("delay_s", 0))
        if is_too_large(plan, len(found)):
            plan = {"status": 413}
        self.answer(plan, response(), field, headers.get("content-type") == "application/json")

    def answer(self, plan, message, field, is_json):
        if plan.get("drop"):
            self.close_connection = True
            self.connection.close()
            return
        if "partial" in plan:
            setattr(message.partial_success, field, plan["partial"])
            message.partial_success.error_message = plan.get("message", "")
        body = json_format.MessageToJson(message).encode() if is_json else message.SerializeToString()
        body = bytes.fromhex(plan["hex"]) if "hex" in plan else plan["body"].encode() if "body" in plan else body
        body = b"a" * plan["repeat"] if "repeat" in plan else body
        kind = plan.get("type", "application/json" if is_json else "application/x-protobuf")
        self.send_response(plan.get("status", 200))
        if kind:
            self.send_header("Content-Type", kind)
        if plan.get("gzip"):
            body = gzip.compress(body)
            self.send_header("Content-Encoding", "gzip")
        if plan.get("false_gzip"):
            self.send_header("Content-Encoding", "gzip")
        for name, value in plan.get("headers", {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) + plan.get("missing", 0)))
        self.end_headers()
        self.wfile.write(body)
        if plan.get("missing"):
            self.close_connection = True


def retry_details(code, seconds):
    """google.rpc.Status with a google.rpc.RetryInfo, by hand: their Python package is not needed for anything else."""
    def field(number, content):
        return bytes([number << 3 | 2, len(content)]) + content
    nanoseconds = int(seconds * 1e9) % 10 ** 9
    varint = b""
    while nanoseconds > 127:
        varint += bytes([nanoseconds & 127 | 128])
        nanoseconds >>= 7
    delay = bytes([8, int(seconds), 16]) + varint + bytes([nanoseconds])
    info = field(1, b"type.googleapis.com/google.rpc.RetryInfo") + field(2, field(1, delay))
    return bytes([8, code]) + field(3, info)


class Service:
    def __init__(self, signal):
        self.signal = signal

    def Export(self, request, context):
        headers = {name: value for name, value in context.invocation_metadata() if isinstance(value, str)}
        found, plan = names(self.signal, request), scripted(headers)
        say(test=headers.get("x-test", ""), signal=self.signal, path="", headers=headers, names=found,
            size=request.ByteSize(), peer=context.peer(), at=time.monotonic(), **whole(headers, request))
        time.sleep(plan.get("delay_s", 0))
        if is_too_large(plan, len(found)):
            context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "Received message larger than max (1 vs. 2)")
        if "code" in plan:
            code = grpc.StatusCode[plan["code"]]
            if "retry_info_s" in plan:
                details = retry_details(code.value[0], plan["retry_info_s"])
                context.set_trailing_metadata((("grpc-status-details-bin", details),))
            context.abort(code, plan.get("message", ""))
        _, response, field = SIGNALS[self.signal]
        message = response()
        if "partial" in plan:
            setattr(message.partial_success, field, plan["partial"])
            message.partial_success.error_message = plan.get("message", "")
        return message


def main():
    # A receiver that is started again, as after an outage, gets the ports of the first one.
    http_port, grpc_port = (int(port) for port in (sys.argv[1:] + ["0", "0"])[:2])
    web = Server(("127.0.0.1", http_port), Handler)
    server = grpc.server(futures.ThreadPoolExecutor(16), options=[("grpc.max_receive_message_length", 64 << 20)])
    trace_service_pb2_grpc.add_TraceServiceServicer_to_server(Service("traces"), server)
    metrics_service_pb2_grpc.add_MetricsServiceServicer_to_server(Service("metrics"), server)
    logs_service_pb2_grpc.add_LogsServiceServicer_to_server(Service("logs"), server)
    grpc_port = server.add_insecure_port("127.0.0.1:%d" % grpc_port)
    server.start()
    say(http=web.server_address[1], grpc=grpc_port)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    # It ends with a signal, or with the process that started it.
    parent = os.getppid()
    while os.getppid() == parent:
        server.wait_for_termination(1)
    os._exit(0)


main()
