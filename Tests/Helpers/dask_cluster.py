"""A Dask scheduler and two workers, each a process of its own, under load.

Prints the scheduler's port and its dashboard's, then ends when standard input does, and takes all of them along.
"""
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

folder = tempfile.mkdtemp(prefix="onelogger-dask-")
file = os.path.join(folder, "scheduler.json")
environment = dict(os.environ, DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED="false")
python = sys.executable
started = []


def start(*words):
    process = subprocess.Popen(
        [python, "-m", "distributed.cli." + words[0], *words[1:]], env=environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    started.append(process)
    return process


def end(*_):
    for process in started:
        process.send_signal(signal.SIGKILL)
    for process in started:
        process.wait()
    subprocess.run(["rm", "-rf", folder], check=False)
    os._exit(0)


signal.signal(signal.SIGTERM, end)
start("dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--dashboard-address", "127.0.0.1:0",
      "--scheduler-file", file)
limit = time.time() + 60
while not os.path.exists(file) and time.time() < limit:
    time.sleep(0.05)
for name in ("w1", "w2"):
    start("dask_worker", "--scheduler-file", file, "--host", "127.0.0.1", "--nthreads", "1", "--no-nanny",
          "--dashboard-address", "127.0.0.1:0", "--local-directory", folder, "--name", name, "--memory-limit", "1GB")

from distributed import Client  # noqa: E402

try:
    client = Client(scheduler_file=file, timeout=30)
    client.wait_for_workers(2, timeout=60)
    identity = json.load(open(file))
    print(identity["address"].rsplit(":", 1)[1], identity["services"]["dashboard"], flush=True)

    def work(number):
        return sum(range(200_000)) + number

    import threading
    threading.Thread(target=lambda: (sys.stdin.read(), end()), daemon=True).start()
    number = 0
    while True:
        client.gather(client.map(work, range(number, number + 8), pure=False))
        number += 8
finally:
    end()
