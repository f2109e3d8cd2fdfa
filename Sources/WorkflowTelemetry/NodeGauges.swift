internal import OneLogger
internal import OneLoggerCore
internal import Synchronization

/// The gauges of machines and GPUs, from the samples that a session sees.
///
/// What has not been sampled for three of its own intervals and ten seconds is gone, and so is its value: a machine that
/// has died does not stay busy for ever. What was sampled once alone stays for an hour.
final class NodeGauges: Sendable {
    private struct Place: Hashable {
        var gauge: Int
        var backend: String
        var node: String
        var gpu: Int?

        var labels: Attributes {
            var labels: Attributes = ["backend": .string(backend), "node_id": .string(node)]
            if let gpu { labels["gpu_id"] = .string("\(gpu)") }
            return labels
        }
    }

    // Unit of all of them: nanoseconds.
    private struct Seen {
        var last: UInt64
        var interval: UInt64?
        var limit: UInt64 { interval.map { $0 &* 3 &+ 10_000_000_000 } ?? 3_600_000_000_000 }
    }

    private static let mostPlaces = 10_000
    private let gauges: [Gauge]
    private let seen = Locked<[Place: Seen]>([:])

    init(cpu: Gauge, memory: Gauge, gpu: Gauge) { gauges = [cpu, memory, gpu] }

    /// Takes a sample; `now` is a clock that never jumps.
    func add(_ update: ResourceUpdate, backend: String, node: String, at now: UInt64) {
        for (gauge, value) in [update.cpuPercent, update.memoryPercent, update.gpuPercent].enumerated() {
            guard let value, value.isFinite else { continue }
            let place = Place(gauge: gauge, backend: backend, node: node, gpu: update.gpuID)
            let isKept = seen.withLock { seen in
                let before = seen[place]
                guard before != nil || seen.count < Self.mostPlaces else { return false }
                let interval = before.map { now > $0.last ? now - $0.last : 0 }
                // Two samples at once say nothing about the interval.
                seen[place] = Seen(last: now, interval: interval == 0 ? before?.interval : interval)
                return true
            }
            if isKept { gauges[gauge].record(value, attributes: place.labels) }
        }
    }

    /// Takes away the values of what is gone.
    func expire(at now: UInt64) {
        seen.withLock { seen in
            for (place, entry) in seen where now > entry.last && now - entry.last > entry.limit {
                gauges[place.gauge].forget(place.labels)
                seen[place] = nil
            }
        }
    }
}
