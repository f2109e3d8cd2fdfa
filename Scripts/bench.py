#!/usr/bin/env python3
"""bench.py [--gate] [NAME…]: measures what a span costs: time, instructions and allocations.

Builds the package Benchmarks/ for release, runs it three ways, prints a table and writes .build/bench.json.
Benchmarks/README.md explains the figures; Benchmarks/limits.json holds the targets.

--gate exits 1 when instructions or allocations pass their limit, or when a ratio passes its gate in each of three runs.
Nanoseconds are never gated.
"""
import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "Benchmarks"
BARE = "floor.call"
# Runs by itself: the library chooses its clock once per process.
FALLBACK, FALLBACK_FLOOR = "span.clock_gettime", "floor.clock_gettime"
# Instructions of the library's own threads, which run beside the measured one now and then, are counted too.
SLACK = {"instructions": 1.01, "allocations": 1.0}
# What is compared and shown.
DIGITS = {"ns": 1, "ratio": 2, "instructions": 0, "allocations": 1}


def run(command, **environment):
    done = subprocess.run(
        [str(part) for part in command], cwd=ROOT, env={**os.environ, **environment}, stdin=subprocess.DEVNULL,
        capture_output=True, text=True)
    if done.returncode != 0:
        text = " ".join(str(part) for part in command)
        sys.exit(f"{text}: error: it ended with {done.returncode}. It said:\n{done.stdout[-4000:]}{done.stderr[-4000:]}")
    return done.stdout


def build():
    return pathlib.Path(run([ROOT / "Scripts" / "build.sh", PACKAGE, "Bench", "-c", "release"]).strip())


def lines(output, kind):
    for line in output.splitlines():
        fields = line.split("\t")
        if fields[0] == kind:
            yield fields[1], [float(field) for field in fields[2:]]


def measure_time(bench):
    """Median and near-minimum per case. Unit: nanoseconds."""
    times = dict(lines(run([bench]), "time"))
    for name in (FALLBACK_FLOOR, FALLBACK):  # right after one another, as near as two processes get
        times.update(lines(run([bench, name], ONELOGGER_CLOCK="monotonic"), "time"))
    return times


def measure_reference():
    """What swift-metrics takes for the same, where it can be fetched and built."""
    try:
        done = subprocess.run(
            ["swift", "run", "-c", "release", "--package-path", PACKAGE / "Reference", "Reference"], cwd=ROOT,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=600)
    except subprocess.TimeoutExpired:
        return {}
    return dict(lines(done.stdout, "time")) if done.returncode == 0 else {}


def measure_allocations(bench, folder):
    library = folder / "libcount.so"
    run(["gcc", "-O2", "-shared", "-fPIC", "-o", library, PACKAGE / "count.c"])
    counts = dict(lines(run([bench], LD_PRELOAD=str(library)), "allocations"))
    counts.update(lines(run([bench, FALLBACK], LD_PRELOAD=str(library), ONELOGGER_CLOCK="monotonic"), "allocations"))
    return {name: values[0] for name, values in counts.items()}


def measure_instructions(bench, folder):
    """Per operation, the harness's loop included."""
    # valgrind 3.19 cannot read the debugging information.
    stripped = folder / "Bench"
    run(["objcopy", "--strip-debug", bench, stripped])
    # By thread, so that what the library does beside the measured one does not count.
    command = ["valgrind", "-q", "--tool=callgrind", "--separate-threads=yes",
               f"--callgrind-out-file={folder}/callgrind", stripped]
    if subprocess.run(["setarch", "-R", "true"], capture_output=True).returncode == 0:
        command = ["setarch", "-R", *command]  # not allowed in every container; costs a little repeatability
    counts = {}
    for filter_name, clock in (([], "automatic"), ([FALLBACK], "monotonic")):
        for old in folder.glob("callgrind*"):
            old.unlink()
        run(command + filter_name, SWIFT_DETERMINISTIC_HASHING="1", ONELOGGER_CLOCK=clock)
        for part in folder.glob("callgrind.*"):
            text = part.read_text()
            name = re.search(r"^desc: Trigger: Client Request: (.+)#(\d+)$", text, re.MULTILINE)
            total = re.search(r"^(?:summary|totals): (\d+)", text, re.MULTILINE)
            if name and total:
                count = int(total.group(1)) / int(name.group(2))
                counts[name.group(1)] = min(count, counts.get(name.group(1), count))
    return counts


class Case:
    """The figures of one name, beside its limits."""

    def __init__(self, name, limits):
        self.name, self.limits = name, limits
        self.ns = self.min_ns = self.floor_ns = self.ratio = self.instructions = self.allocations = None

    def add_time(self, times):
        """Keeps the better of several runs: neighbours make a run slower, nothing makes it faster."""
        floor = times.get(self.limits.get("floor"))
        if self.name not in times:
            return
        median, least = times[self.name]
        ratio = median / floor[0] if floor else None
        if self.ns is not None and (self.ratio <= ratio if ratio else self.ns <= median):
            return
        self.ns, self.min_ns, self.floor_ns, self.ratio = median, least, floor[0] if floor else None, ratio

    def add_counts(self, instructions, allocations):
        if self.name in instructions:
            calls = self.limits.get("calls", 1)  # of the measured function, per operation
            self.instructions = instructions[self.name] - calls * instructions.get(BARE, 0)
        self.allocations = allocations.get(self.name)

    def passed(self, figure, factor=1.0):
        value, limit = getattr(self, figure), self.limits.get(figure)
        missed = self.limits.get("missed", {}).get(figure)
        if factor > 1 and missed is not None:  # the gate of a target that is not met yet
            limit, factor = missed, 1.0
        # Whole instructions; and a chunk of 64 KiB, once in some hundreds of spans, is not an allocation per span.
        return value is not None and limit is not None and round(value, DIGITS[figure]) > limit * factor

    def missing(self):
        """Figures that have a limit and were not measured: a gate that sees nothing must not be silent."""
        return [figure for figure in ("instructions", "allocations", "ratio")
                if self.limits.get(figure) is not None and getattr(self, figure) is None]

    def record(self):
        def rounded(value, digits):
            return None if value is None else round(value, digits)
        return {
            "name": self.name, "ns": rounded(self.ns, 2), "min_ns": rounded(self.min_ns, 2),
            "floor_ns": rounded(self.floor_ns, 2), "ratio": rounded(self.ratio, 3),
            "instructions": rounded(self.instructions, 1), "allocations": rounded(self.allocations, 3)}


def table(cases):
    def cell(case, figure):
        value, limit, digits = getattr(case, figure), case.limits.get(figure), DIGITS[figure]
        text = "-" if value is None else f"{value:.{digits}f}"
        bound = "" if limit is None else f"<= {limit:.{digits}f}"
        return [text + (" !" if case.passed(figure) else "  "), bound]

    rows = [["case", "ns", "target", "near-min", "floor", "ratio", "target", "instructions", "limit", "allocations", "limit"]]
    for case in cases:
        bare = [f"{value:.1f}" if value is not None else "-" for value in (case.min_ns, case.floor_ns)]
        rows.append([case.name, *cell(case, "ns"), *bare, *cell(case, "ratio"), *cell(case, "instructions"),
                     *cell(case, "allocations")])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        print(row[0].ljust(widths[0]), *(text.rjust(width) for text, width in zip(row[1:], widths[1:])), sep="  ")
    print("\n'!' marks what passes its target on this machine, now. ns: information only. ratio: ns to floor, both of this run.")


def main():
    parser = argparse.ArgumentParser(description="Measures what a span costs.")
    parser.add_argument("--gate", action="store_true", help="exit 1 when a limit is passed")
    parser.add_argument("names", nargs="*", help="show these cases only")
    arguments = parser.parse_args()

    configuration = json.loads((PACKAGE / "limits.json").read_text())
    limits, slack = configuration["cases"], configuration["ratio_gate"]
    bench = build()
    folder = pathlib.Path(tempfile.mkdtemp())
    try:
        instructions = measure_instructions(bench, folder)
        allocations = measure_allocations(bench, folder)
    finally:
        shutil.rmtree(folder)
    times = measure_time(bench)
    if not arguments.gate:
        reference = measure_reference()
        if not reference:
            print("swift-metrics could not be fetched and built, so the rows 'reference.*' are missing.")
        times.update(reference)
    names = [name for name in {**times, **instructions} if not name.startswith("floor.")]
    names += [name for name in limits if name not in names]
    cases = [Case(name, limits.get(name, {})) for name in names]
    unknown = [name for name in arguments.names if name not in names]
    if unknown:
        sys.exit(f"bench: error: there is no case {', '.join(unknown)}. Choose among {', '.join(names)}.")
    for case in cases:
        case.add_time(times)
        case.add_counts(instructions, allocations)
    if arguments.gate:
        for _ in range(2):
            if any(case.passed("ratio", slack) for case in cases):
                times = measure_time(bench)
                for case in cases:
                    case.add_time(times)

    table([case for case in cases if not arguments.names or case.name in arguments.names])
    target = ROOT / ".build" / "bench.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps([case.record() for case in cases], indent=2) + "\n")
    print(f"written: {target.relative_to(ROOT)}")
    if not arguments.gate:
        return

    failures = []
    for case in cases:
        for figure, factor in (*SLACK.items(), ("ratio", slack)):
            if case.passed(figure, factor):
                value, limit = getattr(case, figure), case.limits[figure] * factor
                failures.append(f"{case.name}: error: {figure} {value:.2f}, more than {limit:.2f}. Make it cheaper again.")
        for figure in case.missing():
            failures.append(f"{case.name}: error: {figure} has a limit and was not measured. Look into Benchmarks/.")
    for failure in failures:
        print(failure)
    print(f"gate: {len(cases)} cases, {len(failures)} failures")
    sys.exit(1 if failures else 0)


main()
