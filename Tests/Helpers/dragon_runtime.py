"""A Dragon runtime of one node with its telemetry, where the package dragonhpc[telemetry] is installed beside this Python.

Prints the port of its aggregator once that has figures, then ends the runtime at a line, or the end, of standard input.
"""
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

PROGRAM = """
import dragon
import multiprocessing, os, sys, time
from dragon.telemetry.telemetry import Telemetry

if __name__ == "__main__":
    multiprocessing.set_start_method("dragon")
    telemetry = Telemetry()
    telemetry.start(3)
    while not os.path.exists(sys.argv[1]):
        time.sleep(0.2)
    telemetry.shutdown()
"""

with tempfile.TemporaryDirectory(prefix="onelogger-dragon-", ignore_cleanup_errors=True) as folder:
    def put(name, text):
        path = os.path.join(folder, name)
        with open(path, "w") as file:
            file.write(text)
        return path

    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    port, node = (s.getsockname()[1] for s in sockets)
    for s in sockets:
        s.close()
    # On one node its telemetry works only where the host is called localhost.
    put("sitecustomize.py", "import socket\nsocket.gethostname = lambda: 'localhost'\n")
    config = put("telemetry.yaml", f"aggregator_port: {port}\ntsdb_server_port: {node}\n")
    programs = os.path.dirname(sys.executable)
    environment = dict(
        os.environ, PYTHONPATH=folder, DRAGON_TELEMETRY_CONFIG=config, PATH=programs + ":" + os.environ["PATH"])
    environment.setdefault("USER", "nobody")
    end = os.path.join(folder, "end")
    runtime = subprocess.Popen(
        [os.path.join(programs, "dragon"), "-s", put("program.py", PROGRAM), end], cwd=folder,
        env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True)
    limit = time.time() + 120
    while time.time() < limit and runtime.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/suggest", timeout=5) as answer:
                if "cpu_percent" in json.load(answer):
                    print(port, flush=True)
                    sys.stdin.readline()
                    break
        except OSError:
            pass
        time.sleep(0.2)
    put("end", "")
    try:
        runtime.wait(30)
    except subprocess.TimeoutExpired:
        # The runtime's own session: its launcher and everything that it has started.
        os.killpg(runtime.pid, 9)
        runtime.wait()
