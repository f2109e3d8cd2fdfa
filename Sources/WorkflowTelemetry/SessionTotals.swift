internal import OneLoggerCore

/// The numbers of a session; none of them depends on what is kept.
struct SessionTotals: Sendable {
    static let nodeLimit = 10_000
    static let gpuLimit = 64

    var tasks = TaskCounts()
    private var sketch = DurationSketch()
    private(set) var nodes: [String: SessionSummary.Node] = [:]
    /// The tasks that ended last; a ring.
    private var recent: [TrackedTask] = []
    private var next = 0
    static let recentLimit = 10_000

    mutating func add(_ transition: TaskTransition) {
        switch transition {
        case .submitted: tasks.submitted += 1
        case .started: tasks.started += 1
        case .completed: tasks.completed += 1
        case .failed: tasks.failed += 1
        case .canceled: tasks.canceled += 1
        default: break
        }
    }

    /// A task that has ended.
    mutating func add(_ task: TrackedTask, _ duration: Double, isMeasured: Bool) {
        if isMeasured { sketch.add(duration) }
        if recent.count < Self.recentLimit {
            recent.append(task)
        } else {
            recent[next] = task
            next = (next + 1) % Self.recentLimit
        }
    }

    mutating func add(_ update: ResourceUpdate, _ key: String) {
        guard nodes[key] != nil || nodes.count < Self.nodeLimit else { return }
        guard let gpu = update.gpuID else { return nodes[key, default: .init()].node = update }
        if nodes[key]?.gpus[gpu] != nil || nodes[key]?.gpus.count ?? 0 < Self.gpuLimit {
            nodes[key, default: .init()].gpus[gpu] = update
        }
    }

    /// Oldest first.
    var ended: [TrackedTask] { Array(recent[next...] + recent[..<next]) }

    var durations: SessionSummary.Durations? {
        guard sketch.count > 0 else { return nil }
        return SessionSummary.Durations(
            total: sketch.total, mean: sketch.total / Double(sketch.count), min: sketch.min, max: sketch.max,
            p50: sketch.percentile(0.5), p95: sketch.percentile(0.95), p99: sketch.percentile(0.99))
    }
}
