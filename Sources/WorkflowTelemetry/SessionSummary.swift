internal import OneLogger
internal import OneLoggerText
public import OneLoggerCore

/// How many tasks took which step.
public struct TaskCounts: Sendable, Hashable {
    /// Handed to a backend.
    public var submitted = 0
    /// Done.
    public var completed = 0
    /// Failed.
    public var failed = 0
    /// Given up.
    public var canceled = 0
    /// At work just now.
    public var running = 0
    /// Seen to start.
    public var started = 0
}

/// What a session has seen so far.
public struct SessionSummary: Sendable, Hashable {
    /// How long tasks ran; failed ones too, incomplete ones not.
    ///
    /// Unit: seconds. Percentiles are within 2.2 %.
    public struct Durations: Sendable, Hashable {
        /// Of all tasks together.
        public var total: Double
        /// On average.
        public var mean: Double
        /// The shortest.
        public var min: Double
        /// The longest.
        public var max: Double
        /// Half of them took at most this long.
        public var p50: Double
        /// 95 % of them took at most this long.
        public var p95: Double
        /// 99 % of them took at most this long.
        public var p99: Double
    }

    /// The last that was heard of a machine.
    public struct Node: Sendable, Hashable {
        /// The machine as a whole; nil while only its GPUs were heard of.
        public var node: ResourceUpdate?
        /// Its GPUs by their number.
        public var gpus: [Int: ResourceUpdate] = [:]
    }

    /// The session.
    public var sessionID: String
    /// How long it lasts, or lasted.
    ///
    /// Unit: seconds.
    public var duration: Double
    /// How many tasks took which step.
    public var tasks: TaskCounts
    /// How long tasks ran; nil when none has.
    public var durations: Durations?
    /// By `backend/node`.
    public var resources: [String: Node]
}

extension SessionSummary {
    /// The summary as one line of JSON, with the names that `Docs/formats/tal.md` lists.
    public var json: String {
        var writer = JSONWriter(capacity: 1024)
        func key(_ name: String, isFirst: Bool = false) {
            writer.reserve(4)
            if !isFirst { writer.byte(44) }
            writer.text(name)
            writer.reserve(4)
            writer.byte(58)
        }
        func brace(_ byte: UInt8) {
            writer.reserve(4)
            writer.byte(byte)
        }
        brace(123)
        key("session_id", isFirst: true)
        writer.text(sessionID)
        key("duration_seconds")
        writer.value(.double(duration))
        key("tasks")
        writer.object([
            "submitted": .int(tasks.submitted), "completed": .int(tasks.completed), "failed": .int(tasks.failed),
            "canceled": .int(tasks.canceled), "running": .int(tasks.running),
        ])
        key("duration")
        writer.object(durations?.attributes ?? [:])
        key("resources")
        brace(123)
        for (place, (name, node)) in resources.sorted(by: { $0.key < $1.key }).enumerated() {
            key(name, isFirst: place == 0)
            node.write(to: &writer)
        }
        brace(125)
        brace(125)
        return writer.string
    }
}

extension SessionSummary.Durations {
    fileprivate var attributes: Attributes {
        [
            "total_seconds": .double(total), "mean_seconds": .double(mean), "min_seconds": .double(min),
            "max_seconds": .double(max), "p50": .double(p50), "p95": .double(p95), "p99": .double(p99),
        ]
    }
}

extension SessionSummary.Node {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.reserve(4)
        writer.byte(123)
        var isFirst = true
        for field in (node ?? ResourceUpdate()).ownFields where field.name != "gpu_id" {
            write(field, isFirst: isFirst, to: &writer)
            isFirst = false
        }
        writer.reserve(16)
        writer.raw(",\"gpus\":{")
        for (place, (number, gpu)) in gpus.sorted(by: { $0.key < $1.key }).enumerated() {
            write(
                EventRecord.Field("\(number)", gpu.gpuPercent.map { .double($0) }), isFirst: place == 0, to: &writer)
        }
        writer.reserve(4)
        writer.raw("}}")
    }

    private func write(_ field: EventRecord.Field, isFirst: Bool, to writer: inout JSONWriter) {
        writer.reserve(4)
        if !isFirst { writer.byte(44) }
        writer.text(field.name)
        writer.reserve(8)
        writer.byte(58)
        if let value = field.value { writer.value(value) } else { writer.raw("null") }
    }
}
