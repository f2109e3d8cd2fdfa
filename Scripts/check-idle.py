#!/usr/bin/env python3
"""check-idle.py: what a recorder with a file costs a program that does nothing else: resident memory, and time to start.

Compares Benchmarks' programs Idle (a recorder, JSON lines, one span) and Bare (a greeting), median of several runs each,
taken in turn. The aims: 2 MiB and 0.5 ms more than Bare. Most of that memory are pages of libraries, which the kernel maps
in larger groups around each page that is touched, so that it differs between kernels: what fails is half a mebibyte above the
aim. Times are printed and never fail.
"""
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
AIM_KIB, LIMIT_KIB, AIM_US = 2048, 2560, 500
MEMORY_RUNS, STARTS = 5, 100


def build(product):
    command = [ROOT / "Scripts" / "build.sh", ROOT / "Benchmarks", product, "-q", "-c", "release"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    return done.stdout.strip() if done.returncode == 0 else sys.exit(done.returncode)


def wait(condition, process):
    """Waits until something is there: nothing here depends on how long that takes."""
    deadline = time.monotonic() + 60
    while not condition():
        if process.poll() is not None or time.monotonic() > deadline:
            sys.exit(f"{process.args[0]}: error: it did not get to its first span (it ended with {process.poll()})")
        time.sleep(0.005)


def resident(command, is_ready):
    """Resident memory of a program that waits. Unit: KiB."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            process.stdout.readline()
            wait(is_ready, process)
            fields = dict(
                line.split(":", 1) for line in pathlib.Path(f"/proc/{process.pid}/status").read_text().splitlines())
            return int(fields["VmRSS"].split()[0])
        finally:
            process.kill()


def start(command):
    """From the start of a program to its end. Unit: microseconds."""
    began = time.perf_counter_ns()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return (time.perf_counter_ns() - began) / 1000


def main():
    bare, idle = build("Bare"), build("Idle")
    memory, times = {bare: [], idle: []}, {bare: [], idle: []}
    with tempfile.TemporaryDirectory() as folder:
        for run in range(MEMORY_RUNS):
            file = pathlib.Path(folder) / f"{run}.jsonl"
            memory[bare].append(resident([bare, "wait"], lambda: True))
            memory[idle].append(
                resident([idle, str(file), "wait"], lambda: file.exists() and '"name":"first"' in file.read_text()))
        for _ in range(STARTS):
            times[bare].append(start([bare]))
            times[idle].append(start([idle, os.devnull]))
    more_kib = statistics.median(memory[idle]) - statistics.median(memory[bare])
    more_us = statistics.median(times[idle]) - statistics.median(times[bare])
    print(f"resident memory beyond a bare program's: {more_kib / 1024:.2f} MiB (aim {AIM_KIB / 1024:.0f} MiB)")
    print(f"start and first span beyond a bare program's start: {more_us:.0f} us (aim {AIM_US} us)")
    if more_kib > LIMIT_KIB:
        sys.exit(
            f"Benchmarks/Sources/Idle: error: it keeps {more_kib} KiB more than a bare program, more than {LIMIT_KIB}. Look for parts "
            "of the standard library that the start did not need before, such as dictionaries or Substring.")


main()
