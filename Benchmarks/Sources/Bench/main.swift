import CBench
import Dispatch
import OneLogger

/// Takes batches and throws them away.
struct Discard: Exporter, Sendable {
    mutating func export(_ batch: Batch) throws(ExportError) { cb_sink(UInt64(batch.count)) }
}

/// A recorder that drains when it is told to, so that no background work runs inside the timed part.
func recorder(_ change: (inout RecorderOptions) -> Void = { _ in }) -> Recorder {
    var options = RecorderOptions()
    options.flushInterval = .seconds(60)
    options.announce = .nothing
    change(&options)
    return Recorder(options, exporters: [ExporterSlot(Discard())])
}

func drain(_ recorder: Recorder) -> () -> Void {
    { _ = try? recorder.flush() }
}

let harness = Harness()

func synchronous() {
    let dynamic = "worker-" + String(Int(cb_opaque(7)))
    harness.run("floor.counter") { n in
        for i in 0..<n {
            let start = cb_counter()
            work(i)
            cb_sink(cb_counter() &- start)
        }
    }
    harness.run("floor.counter3") { n in
        for i in 0..<n {
            let start = cb_counter()
            cb_sink(cb_counter())
            work(i)
            cb_sink(cb_counter() &- start)
        }
    }
    harness.run("floor.call") { n in for i in 0..<n { work(i) } }
    harness.run("floor.clock_gettime") { n in
        for i in 0..<n {
            let start = cb_mono()
            work(i)
            cb_sink(cb_mono() &- start)
        }
    }

    let off = Recorder.disabled
    harness.run("disabled") { n in for i in 0..<n { off.timedSpan("train.step") { _ in work(i) } } }
    harness.run("disabled.attributes3") { n in
        // Other keys than below: the compiler would merge two equal bodies, and then inline neither.
        for i in 0..<n {
            off.timedSpan("train.step") { span in
                span["index"] = i
                span["share"] = 0.5
                span["name"] = dynamic
                work(i)
            }
        }
    }

    let r = recorder(), drained = drain(r)
    r.timedSpan("epoch") { _ in
        harness.run("span", between: drained) { n in for i in 0..<n { r.timedSpan("train.step") { _ in work(i) } } }
        harness.run("span.attributes3", between: drained) { n in
            for i in 0..<n {
                r.timedSpan("train.step") { span in
                    span["step"] = i
                    span["loss"] = 0.5
                    span["lr"] = 0.25
                    work(i)
                }
            }
        }
        harness.run("span.attributes3.string", between: drained) { n in
            for i in 0..<n {
                r.timedSpan("train.step") { span in
                    span["step"] = i
                    span["loss"] = 0.5
                    span["worker"] = dynamic
                    work(i)
                }
            }
        }
        harness.run("span.literal3", between: drained) { n in
            for i in 0..<n {
                r.timedSpan("train.step", attributes: ["step": .int(i), "loss": 0.5, "lr": 0.25]) { _ in work(i) }
            }
        }
        harness.run("span.owned_strings3", between: drained) { n in
            for i in 0..<n {
                r.timedSpan("train.step", attributes: ["step": .int(i), "loss": 0.5, "worker": .string(dynamic)]) { _ in
                    work(i)
                }
            }
        }
        harness.run("span.event", between: drained) { n in
            for i in 0..<n {
                r.timedSpan("train.step") { span in
                    span.event("batch.loaded")
                    work(i)
                }
            }
        }
        harness.run("span.nested", per: 2, between: drained) { n in
            for i in 0..<n { r.timedSpan("train.step") { _ in r.timedSpan("forward") { _ in work(i) } } }
        }
        let other = recorder(), both = drain(other)
        harness.run(
            "span.two_recorders", per: 2,
            between: {
                drained(); both()
            }
        ) { n in
            for i in 0..<n {
                r.timedSpan("a") { _ in work(i) }
                other.timedSpan("b") { _ in work(i) }
            }
        }
        harness.run("span.dynamic_name", between: drained) { n in
            for i in 0..<n { r.timedSpan(dynamic) { _ in work(i) } }
        }
    }
    harness.run("span.root", between: drained) { n in for i in 0..<n { r.timedSpan("train.step") { _ in work(i) } } }
    harness.run("manual_span", between: drained) { n in
        for i in 0..<n {
            let span = r.start("request")
            work(i)
            span.stop()
        }
    }

    let announcing = recorder { $0.announce = .roots }
    harness.run("span.root.announced", between: drain(announcing)) { n in
        for i in 0..<n { announcing.timedSpan("train.step") { _ in work(i) } }
    }
    let filtering = recorder { $0.filter = .exclude(["data_loading"]) }
    filtering.timedSpan("epoch") { _ in
        harness.run("span.filtered", between: drain(filtering)) { n in
            for i in 0..<n { filtering.timedSpan("data_loading") { _ in work(i) } }
        }
    }
    let sampling = recorder { $0.sampling = .ratio(0) }
    sampling.timedSpan("epoch") { _ in
        harness.run("span.unsampled", between: drain(sampling)) { n in
            for i in 0..<n { sampling.timedSpan("train.step") { _ in work(i) } }
        }
    }
    r.timedSpan("epoch") { _ in  // under ONELOGGER_CLOCK=monotonic this is the case `span.clock_gettime`
        if r.health.clock == "monotonic" {
            harness.run("span.clock_gettime", between: drained) { n in
                for i in 0..<n { r.timedSpan("train.step") { _ in work(i) } }
            }
        }
    }
    training()
    encoders()
}

func threads() {
    guard harness.wants("span.two_threads"), cb_valgrind() == 0, cb_counting() == 0 else { return }
    let r = recorder { $0.flushInterval = .milliseconds(20) }
    final class Times: Sendable { nonisolated(unsafe) var all: [Double] = [] }
    let results = [Times(), Times()], done = DispatchGroup()
    for result in results {
        DispatchQueue(label: "producer").async(group: done) {
            r.timedSpan("epoch") { _ in
                for _ in 0..<4000 {
                    let start = cb_mono()
                    for i in 0..<256 { r.timedSpan("train.step") { _ in work(i) } }
                    result.all.append(Double(cb_mono() - start) / 256)
                    let pause = cb_mono() + 100_000
                    while cb_mono() < pause {}
                }
            }
        }
    }
    done.wait()
    harness.report("span.two_threads", results.flatMap(\.all))
}

func spans(_ name: String, _ recorder: Recorder, isolation: isolated (any Actor)? = #isolation) async {
    guard harness.wants(name), cb_valgrind() == 0 else { return }
    var times: [Double] = []
    times.reserveCapacity(400)
    let before = cb_allocs()
    for _ in 0..<400 {
        let start = cb_mono()
        for i in 0..<256 {
            await recorder.timedSpan("train.step") { (span: inout TimedSpan) async in
                span["i"] = i
                work(i)
            }
        }
        times.append(Double(cb_mono() - start) / 256)
        if cb_counting() == 0 { _ = try? recorder.flush() }
    }
    let count = cb_allocs() - before
    if cb_counting() != 0 {
        print("allocations\t\(name)\t\(Double(count) / 102_400)")
    } else {
        harness.report(name, times)
    }
}

import Glibc

// On a plain thread: the main thread of a program with a top-level `await` runs a task.
let plain = DispatchSemaphore(value: 0)
DispatchQueue(label: "plain").async {
    synchronous()
    metrics()
    runs()
    typedEvents()
    lifecycle()
    subscribers()
    plain.signal()
}
plain.wait()
threads()
metricThreads()
manySeries()
if cb_valgrind() == 0 {
    let r = recorder { $0.poolBytes = 64 << 20 }
    let done = DispatchSemaphore(value: 0)
    Task.detached {
        await r.timedSpan("root") { (_: inout TimedSpan) async in await spans("span.async", r) }
        done.signal()
    }
    done.wait()
    await spans("span.async.main_actor", r)
}
