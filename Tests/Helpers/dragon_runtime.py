"""A real Dragon runtime on this machine with its telemetry, until standard input ends.

Prints the aggregator's port once it answers with figures, or a line "no: REASON". Two devices that nobody has report
through the server to which Dragon's own collectors report theirs.
"""
import ctypes
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

DRIVER = """
import dragon
import multiprocessing
import sys
from dragon.telemetry.telemetry import Telemetry

if __name__ == "__main__":
    multiprocessing.set_start_method("dragon")
    telemetry = Telemetry()
    telemetry.start(3)
    sys.stdin.read()
    telemetry.shutdown()
"""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def ask(port, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data, {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def descendants():
    """Every process below this one: the runtime's are its own groups, and some outlive their parents."""
    parents = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat") as stat:
                parents[int(name)] = int(stat.read().rsplit(")", 1)[1].split()[1])
        except OSError:
            pass
    found = [os.getpid()]
    for pid in found:
        found += [child for child, parent in parents.items() if parent == pid]
    return found[1:]


def end(*_):
    # A runtime that is killed leaves its shared memory behind.
    shared = set()
    for pid in descendants():
        try:
            with open(f"/proc/{pid}/maps") as maps:
                shared |= {line.split()[-1] for line in maps if "/dev/shm/" in line and "(deleted)" not in line}
        except OSError:
            pass
    for _ in range(50):
        for pid in descendants():
            try:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
            except OSError:
                pass
        if not descendants():
            break
    for path in shared:
        try:
            os.unlink(path)
        except OSError:
            pass
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)


def wait(until, what):
    while True:
        try:
            if found := what():
                return found
        except OSError:
            pass
        if time.monotonic() > until or select.select([sys.stdin], [], [], 0.2)[0]:
            return None


# Orphans become children of this process.
ctypes.CDLL(None).prctl(36, 1)
folder = tempfile.mkdtemp()
signal.signal(signal.SIGTERM, end)
port, inner = free_port(), free_port()
with open(f"{folder}/driver.py", "w") as file:
    file.write(DRIVER)
# A runtime on one machine finds its servers under this name alone.
with open(f"{folder}/sitecustomize.py", "w") as file:
    file.write("import socket\nsocket.gethostname = lambda: 'localhost'\n")
with open(f"{folder}/telemetry.yaml", "w") as file:
    # Two of its parts spell the key of the folder differently.
    file.write(f"aggregator_port: {port}\ntsdb_server_port: {inner}\n"
               f"default_tmdb_dir: {folder}\ndefault_tmdb_directory: {folder}\n")
binaries = os.path.dirname(sys.executable)
environment = dict(
    os.environ, PATH=f"{binaries}:{os.environ['PATH']}", PYTHONPATH=folder,
    DRAGON_TELEMETRY_CONFIG=f"{folder}/telemetry.yaml")
with open(f"{folder}/log", "w") as log:
    runtime = subprocess.Popen(
        [f"{binaries}/dragon", "-s", "driver.py"], cwd=folder, env=environment, stdin=subprocess.PIPE, stdout=log,
        stderr=log)
limit = time.monotonic() + float(sys.argv[1])
names = wait(limit, lambda: "cpu_percent" in ask(port, "/api/suggest"))
if names:
    now = int(time.time())
    points = [{"metric": name, "value": 10.0 * gpu + place, "tags": {"gpu": gpu}}
              for place, name in enumerate(["DeviceUtilization", "DeviceMemoryUtilization", "DevicePowerUsage"], 1)
              for gpu in (0, 1)]
    ask(inner, "/api/metrics", {"timestamp": now, "dps": points})
    print(port, flush=True)
else:
    with open(f"{folder}/log") as log:
        print("no:", " ".join(log.read().split())[-300:], flush=True)
sys.stdin.read()
end()
