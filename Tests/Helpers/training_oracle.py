#!/usr/bin/env python3
"""training_oracle.py FILE: computes by itself what the metrics of training loops must say, and compares.

FILE holds a list of loops: `config`, the `inputs` in their order, and the `outputs` that the library made. Sums are exact
(integers and fractions); a difference of more than 1e-12 of a number, a missing or a surplus attribute is an error.
"""
import json
import sys
from fractions import Fraction


def close(found, expected):
    if isinstance(expected, str) or isinstance(found, str):
        return found == expected
    if isinstance(expected, int) and abs(expected) < 2**63:
        return isinstance(found, int) and found == expected
    return abs(Fraction(found) - Fraction(expected)) <= abs(Fraction(expected)) / 10**12


def times(stretches, prefix=""):
    if not stretches:
        return {}
    lengths = [Fraction(end - start, 10**9) for start, end in stretches]
    return {
        prefix + "avg_iteration_time_sec": sum(lengths) / len(lengths), prefix + "min_iteration_time_sec": min(lengths),
        prefix + "max_iteration_time_sec": max(lengths), prefix + "total_iteration_time_sec": sum(lengths)}


def expected_outputs(config, inputs):
    batch, interval = config["global_batch_size"], config["log_every_n_train_iterations"]
    begin, world, length = config["iterations_start"], config["world_size"], config.get("seq_length")
    samples_start = config.get("samples_start", begin * batch)
    throughput = config["is_log_throughput_enabled"]
    flops = batch * config["flops_per_sample"]

    loop = {"train_iterations_start": begin, "train_samples_start": samples_start}
    if length and "train_samples_target" in config:
        loop["train_tokens_target"] = length * config["train_samples_target"]
    if throughput:
        loop["completed_floating_point_operations_overall"] = begin * flops
    if "train_samples_target" in config:
        loop["train_samples_target"] = config["train_samples_target"]
    yield loop

    done, window, validated, validations = [], [], 0, []

    def per_gpu(count, seconds):
        return Fraction(count * flops) / (seconds * 10**12 * world)

    def update():
        result = {
            "train_iterations_start": begin, "current_iteration": begin + len(done) - 1, "num_iterations": len(window),
            "train_samples_start": samples_start, "num_train_samples": batch * len(done), "interval": len(window),
            "first_logged_train_iterations_finish_timestamp_sec": Fraction(done[0][1], 10**9),
            "last_logged_train_iterations_finish_timestamp_sec": Fraction(done[-1][1], 10**9),
            "avg_batch_size": Fraction(batch), **times(window)}
        lengths = [Fraction(end - start, 10**9) for start, end in window]
        if length:
            result["train_tokens"] = length * batch * len(done)
            if sum(lengths):
                result["avg_tokens_per_second"] = length * batch * len(window) / sum(lengths)
        if throughput:
            result["total_flops"] = flops * len(done)
            result["completed_floating_point_operations_overall"] = flops * (begin + len(done))
            if sum(lengths):
                rate = per_gpu(len(window), sum(lengths))
                result["train_throughput_per_gpu"] = rate
                result["avg_tflops"] = rate * world
                if "peak_tflops_per_gpu" in config:
                    result["train_mfu"] = rate / Fraction(config["peak_tflops_per_gpu"])
            rates = [per_gpu(1, seconds) if seconds else None for seconds in lengths]
            if None not in rates:
                result["train_throughput_per_gpu_max"] = max(rates)
            if max(lengths):
                result["train_throughput_per_gpu_min"] = min(rate for rate in rates if rate is not None)
        return result

    for step in inputs:
        if step["kind"] == "iteration":
            done.append((step["start"], step["end"]))
            window.append(done[-1])
            if (begin + len(done)) % interval == 0:
                yield update()
                window = []
        elif step["kind"] == "validation":
            validations += step["times"]
            yield {
                "current_iteration": max(0, begin + len(done) - 1), "interval": len(done) - validated,
                **times(step["times"]), **(times(validations, "cumulative_"))}
            validated = len(done)
        elif step["kind"] == "save":
            now = Fraction(step["time"], 10**9)
            result = {
                "checkpoint_strategy": "sync", "current_iteration": 1, "save_checkpoint_success_count": 1,
                "first_successful_save_checkpoint_timestamp_sec": now,
                "latest_successful_save_checkpoint_timestamp_sec": now,
                "productive_train_iterations": begin + len(done),
                "productive_train_samples": samples_start + batch * len(done),
                "productive_train_iterations_sec": sum(Fraction(end - start, 10**9) for start, end in done),
                "productive_validation_iterations_sec": sum(
                    (Fraction(end - start, 10**9) for start, end in validations), Fraction(0)),
                "training_start_timestamp_sec": Fraction(config["start"], 10**9)}
            if throughput:
                result["productive_train_tflops"] = Fraction(flops * (begin + len(done)), 10**12)
            yield result
        elif window:
            yield update()


compared, problems = 0, []
for number, case in enumerate(json.load(open(sys.argv[1]))):
    wanted = list(expected_outputs(case["config"], case["inputs"]))
    if len(wanted) != len(case["outputs"]):
        problems.append(f"loop {number}: {len(case['outputs'])} outputs instead of {len(wanted)}")
        continue
    for place, (found, expected) in enumerate(zip(case["outputs"], wanted)):
        for key in sorted(set(found) | set(expected)):
            compared += 1
            if key not in found or key not in expected or not close(found[key], expected[key]):
                shown = expected.get(key)
                shown = float(shown) if isinstance(shown, Fraction) else shown
                problems.append(f"loop {number}, output {place}, {key}: {found.get(key)} instead of {shown}")
for problem in problems[:20]:
    print(problem)
if not problems:
    print(f"agreed on {compared} values")
sys.exit(1 if problems else 0)
