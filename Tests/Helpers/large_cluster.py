"""A scheduler with as many workers as the first argument says, each of them busy; it serves until it is ended.

A second argument is the port of its own protocol.

Prints the port of its own protocol, that of its dashboard, and how many bytes its identity has in either.
"""
import json
import socket
import struct
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import msgpack


def worker(number):
    """What distributed 2026.8.0 says about a worker that has run tasks of 40 kinds and spoken to 20 others."""
    digests = {("execute", f"task-{kind}", step, "seconds"): 0.1 * kind
               for kind in range(40) for step in ("thread-cpu", "thread-noncpu", "deserialize")}
    return {
        "type": "Worker", "id": f"w{number}", "host": f"10.0.{number // 250}.{number % 250}", "resources": {},
        "local_directory": f"/tmp/dask-scratch-space/worker-{number:08x}", "name": f"w{number}", "nthreads": 4,
        "memory_limit": 16_000_000_000, "last_seen": time.time(), "services": {"dashboard": 8790}, "status": "running",
        "nanny": f"tcp://10.0.0.1:{20000 + number}", "metrics": {
            "task_counts": {"executing": 4, "memory": 100}, "managed_bytes": 123_456_789, "cpu": 200.0,
            "memory": 4_000_000_000, "time": time.time(), "num_fds": 120, "event_loop_interval": 0.02,
            "bandwidth": {"total": 1e8, "workers": {f"tcp://10.0.9.{peer}:40000": 1e8 for peer in range(20)}, "types": {}},
            "digests_total_since_heartbeat": digests, "spilled_bytes": {"memory": 0, "disk": 0},
            "transfer": {"incoming_bytes": 0, "incoming_count": 0, "outgoing_bytes": 0, "outgoing_count": 0},
            "host_net_io": {"read_bps": 1e6, "write_bps": 2e6}, "host_disk_io": {"read_bps": 0.0, "write_bps": 1e5}}}


def framed(frame):
    return struct.pack("<QQQ", 16 + len(frame), 1, len(frame)) + frame


identity = {"type": "Scheduler", "id": "s", "workers": {f"tcp://10.0.0.1:{n}": worker(n) for n in range(int(sys.argv[1]))}}
identity["n_workers"] = len(identity["workers"])
packed = msgpack.packb(identity)
for one in identity["workers"].values():
    del one["metrics"]["digests_total_since_heartbeat"]  # JSON has no such keys; the scheduler refuses while they are there.
text = json.dumps(identity).encode()
greeting = msgpack.packb({"compression": None, "python": [3, 11, 7], "pickle-protocol": 5})


def serve(connection):
    with connection:
        connection.sendall(framed(greeting) + framed(packed))
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65536):
            pass


class Dashboard(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


listener = socket.create_server(("127.0.0.1", int(sys.argv[2]) if len(sys.argv) > 2 else 0))
dashboard = ThreadingHTTPServer(("127.0.0.1", 0), Dashboard)
threading.Thread(target=dashboard.serve_forever, daemon=True).start()
print(listener.getsockname()[1], dashboard.server_address[1], len(packed), len(text), flush=True)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
