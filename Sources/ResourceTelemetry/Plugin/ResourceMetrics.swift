internal import OneLogger
internal import OneLoggerCore
internal import Synchronization

/// The last samples as metrics: under the names of the Telemetry Abstraction Layer, and under those of OpenTelemetry's
/// semantic conventions (https://opentelemetry.io/docs/specs/semconv/system/system-metrics/ and `hardware/gpu`).
///
/// They are asked when metrics are collected. What has not been sampled for three intervals is gone, and so are its
/// series: a machine that has died does not stay busy for ever.
final class ResourceMetrics: Sendable {
    private struct Place: Hashable {
        var backend: String
        var node: String
        var gpu: Int?
    }

    private struct Known {
        var sample: ResourceSample
        var seen: ContinuousClock.Instant
        /// What was moved since the beginning.
        ///
        /// Unit: bytes.
        var diskRead = 0.0, diskWritten = 0.0, sent = 0.0, received = 0.0
    }

    private let interval: Duration
    private let known = Mutex<[Place: Known]>([:])
    /// Places beyond this many are not kept: a cluster whose workers have a new name each time must not fill the memory.
    private static let mostPlaces = 10_000

    init(interval: Duration) { self.interval = interval }

    func note(_ sample: ResourceSample) {
        let now = ContinuousClock.now, age = interval * 3 + .seconds(1)
        known.withLock { known in
            let place = Place(backend: sample.backend, node: sample.node, gpu: sample.gpu)
            if known[place] == nil, known.count >= Self.mostPlaces {
                known = known.filter { now - $0.value.seen < age }
                guard known.count < Self.mostPlaces else { return }
            }
            var entry = known[place] ?? Known(sample: sample, seen: now)
            entry.sample = sample
            entry.seen = now
            entry.diskRead += sample.diskReadBytes ?? 0
            entry.diskWritten += sample.diskWriteBytes ?? 0
            entry.sent += sample.netSentBytes ?? 0
            entry.received += sample.netReceivedBytes ?? 0
            known[place] = entry
        }
    }

    private func forEach(_ body: (Known) -> Void) {
        let now = ContinuousClock.now, age = interval * 3 + .seconds(1)
        let all = known.withLock { known in
            known = known.filter { now - $0.value.seen < age }
            return Array(known.values)
        }
        for entry in all { body(entry) }
    }

    func register(on recorder: Recorder) {
        documented(recorder)
        conventional(recorder)
    }

    /// Percentages by backend and node.
    private func documented(_ recorder: Recorder) {
        gauge(
            recorder, "node_cpu_utilization", "%", "How busy the processors of a machine are", \.cpuPercent, Self.labels
        )
        gauge(
            recorder, "node_memory_utilization", "%", "How much of a machine's memory is used", \.memoryPercent,
            Self.labels)
        gauge(
            recorder, "node_gpu_utilization", "%",
            "How busy a GPU is; without gpu_id the busiest one of the machine", \.gpuPercent, Self.labels)
    }

    /// Shares from 0 to 1, sizes and totals.
    private func conventional(_ recorder: Recorder) {
        gauge(
            recorder, "system.cpu.utilization", "1", "How busy the processors are", { $0.cpuPercent.map { $0 / 100 } })
        gauge(
            recorder, "system.memory.utilization", "1", "How much of the memory is in use",
            { $0.memoryPercent.map { $0 / 100 } })
        gauge(recorder, "system.memory.usage", "By", "Memory in use", { $0.number("host.memory_bytes") })
        gauge(recorder, "system.memory.limit", "By", "Memory in all", { $0.number("host.memory_limit_bytes") })
        gauge(
            recorder, "hw.gpu.utilization", "1", "How busy a GPU is",
            { $0.gpu == nil ? nil : $0.gpuPercent.map { $0 / 100 } })
        gauge(
            recorder, "hw.gpu.memory.utilization", "1", "How much of a GPU's memory is in use",
            { $0.number("gpu.memory_percent").map { $0 / 100 } })
        gauge(recorder, "hw.gpu.memory.usage", "By", "Memory of a GPU in use", { $0.number("gpu.memory_used_bytes") })
        gauge(recorder, "hw.power", "W", "What a GPU consumes", { $0.number("gpu.power_watts") })
        gauge(recorder, "hw.temperature", "Cel", "How hot a GPU is", { $0.number("gpu.temperature_celsius") })
        total(
            recorder, "system.disk.io", "What went to and from disks", "disk.io.direction",
            [("read", \.diskRead, \.diskReadBytes), ("write", \.diskWritten, \.diskWriteBytes)])
        total(
            recorder, "system.network.io", "What went through the network", "network.io.direction",
            [("transmit", \.sent, \.netSentBytes), ("receive", \.received, \.netReceivedBytes)])
    }

    private func gauge(
        _ recorder: Recorder, _ name: String, _ unit: String, _ meaning: String,
        _ value: @escaping @Sendable (ResourceSample) -> Double?,
        _ attributes: @escaping @Sendable (ResourceSample) -> Attributes = ResourceMetrics.conventionalLabels
    ) {
        recorder.observableGauge(name, unit: unit, description: meaning) { observer in
            self.forEach { entry in
                guard let value = value(entry.sample), value.isFinite else { return }
                observer.observe(value, attributes(entry.sample))
            }
        }
    }

    private func total(
        _ recorder: Recorder, _ name: String, _ meaning: String, _ label: String,
        _ parts: [(String, @Sendable (Known) -> Double, @Sendable (ResourceSample) -> Double?)]
    ) {
        recorder.observableCounter(name, unit: "By", description: meaning) { observer in
            self.forEach { entry in
                for (direction, total, isKnown) in parts where isKnown(entry.sample) != nil {
                    observer.observe(
                        total(entry),
                        Self.conventionalLabels(entry.sample).merging([label: .string(direction)]))
                }
            }
        }
    }

    @Sendable private static func labels(_ sample: ResourceSample) -> Attributes {
        var result: Attributes = ["backend": .string(sample.backend), "node_id": .string(sample.node)]
        if let gpu = sample.gpu { result["gpu_id"] = .string("\(gpu)") }
        return result
    }

    @Sendable private static func conventionalLabels(_ sample: ResourceSample) -> Attributes {
        var result: Attributes = ["host.name": .string(sample.node), "onelogger.backend": .string(sample.backend)]
        if let gpu = sample.gpu {
            result["hw.id"] = sample.attributes["gpu.uuid"] ?? .string("\(gpu)")
            result["hw.type"] = "gpu"
            if let model = sample.attributes["gpu.name"] { result["hw.name"] = model }
        }
        return result
    }
}

extension ResourceSample {
    /// An attribute that is a number; nil when it is absent or something else.
    fileprivate func number(_ name: String) -> Double? {
        switch attributes[name] {
        case .int(let value): Double(value)
        case .double(let value): value
        default: nil
        }
    }
}
