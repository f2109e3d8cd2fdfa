internal import OneLogger
internal import OneLoggerCore
internal import Synchronization

/// The metrics of a session, in its recorder's registry.
///
/// Few labels: who runs the task and what kind it is, never which one.
package struct SessionInstruments: Sendable {
    /// One instrument, as the documentation lists it.
    package struct Declaration: Sendable {
        package var name: String, kind: String, unit: String, labels: String, meaning: String
    }

    package static let declarations = [
        Declaration(
            name: "tasks_submitted", kind: "counter", unit: "{task}", labels: "backend, task_type",
            meaning: "Tasks handed to a backend"),
        Declaration(
            name: "tasks_started", kind: "counter", unit: "{task}", labels: "backend, task_type",
            meaning: "Tasks seen to start"),
        Declaration(
            name: "tasks_completed", kind: "counter", unit: "{task}", labels: "backend, task_type",
            meaning: "Tasks that have done their work"),
        Declaration(
            name: "tasks_failed", kind: "counter", unit: "{task}", labels: "backend, task_type",
            meaning: "Tasks that have failed"),
        Declaration(
            name: "tasks_canceled", kind: "counter", unit: "{task}", labels: "backend, task_type",
            meaning: "Tasks that were given up"),
        Declaration(
            name: "tasks_running", kind: "up-down counter", unit: "{task}", labels: "backend, task_type",
            meaning: "Tasks at work; never below zero"),
        Declaration(
            name: "task_duration_seconds", kind: "histogram", unit: "s", labels: "backend, task_type",
            meaning: "From the start of a task to its end; incomplete ones are left out"),
        Declaration(
            name: "node_cpu_utilization", kind: "gauge", unit: "%", labels: "backend, node_id",
            meaning: "How busy the processors of a machine are"),
        Declaration(
            name: "node_memory_utilization", kind: "gauge", unit: "%", labels: "backend, node_id",
            meaning: "How much of a machine's memory is used"),
        Declaration(
            name: "node_gpu_utilization", kind: "gauge", unit: "%", labels: "backend, node_id, gpu_id",
            meaning: "How busy a GPU is; without gpu_id the busiest one of the machine"),
    ]

    private struct Key: Hashable { var backend: String, type: String }

    /// The bound forms by their labels; what comes beyond the limit shares one.
    private final class Cache: Sendable {
        struct Known {
            var all: [Key: TaskSeries] = [:]
            /// The labels that were asked for last: mostly the same again.
            var last: (key: Key, series: TaskSeries)?
        }
        let known = Locked(Known())
    }
    private static let limit = 1_000
    private let cache = Cache()
    private let counters: [Counter]
    private let running: UpDownCounter
    private let duration: Histogram
    let nodes: NodeGauges

    init(_ recorder: Recorder) {
        func find(_ name: String) -> Declaration {
            Self.declarations.first { $0.name == name }
                ?? Declaration(name: name, kind: "", unit: "", labels: "", meaning: "")
        }
        counters = ["tasks_submitted", "tasks_started", "tasks_completed", "tasks_failed", "tasks_canceled"].map {
            recorder.counter($0, unit: find($0).unit, description: find($0).meaning)
        }
        func gauge(_ name: String) -> Gauge {
            recorder.gauge(name, unit: find(name).unit, description: find(name).meaning)
        }
        let declared = find("tasks_running"), timed = find("task_duration_seconds")
        running = recorder.upDownCounter(declared.name, unit: declared.unit, description: declared.meaning)
        duration = recorder.histogram(timed.name, unit: timed.unit, description: timed.meaning)
        nodes = NodeGauges(
            cpu: gauge("node_cpu_utilization"), memory: gauge("node_memory_utilization"),
            gpu: gauge("node_gpu_utilization"))
    }

    /// The series of one kind of tasks.
    func series(backend: String, type: String) -> TaskSeries {
        let key = Key(backend: backend, type: type)
        return cache.known.withLock { known in
            if let last = known.last, last.key == key { return last.series }
            let series = known.all[key] ?? make(key, &known.all)
            known.last = (key, series)
            return series
        }
    }

    private func make(_ key: Key, _ known: inout [Key: TaskSeries]) -> TaskSeries {
        let hasRoom = known.count < Self.limit
        let labels: Attributes =
            hasRoom
            ? ["backend": .string(key.backend), "task_type": .string(key.type)] : ["otel.metric.overflow": true]
        let made = TaskSeries(
            submitted: counters[0].bound(labels), started: counters[1].bound(labels),
            completed: counters[2].bound(labels), failed: counters[3].bound(labels),
            canceled: counters[4].bound(labels), running: running.bound(labels), duration: duration.bound(labels))
        if hasRoom { known[key] = made }
        return made
    }
}

/// The bound forms of the instruments for tasks with the same labels.
final class TaskSeries: Sendable {
    private let submitted, started, completed, failed, canceled: Counter.Bound
    private let running: UpDownCounter.Bound
    private let duration: Histogram.Bound

    init(
        submitted: Counter.Bound, started: Counter.Bound, completed: Counter.Bound, failed: Counter.Bound,
        canceled: Counter.Bound, running: UpDownCounter.Bound, duration: Histogram.Bound
    ) {
        self.submitted = submitted
        self.started = started
        self.completed = completed
        self.failed = failed
        self.canceled = canceled
        self.running = running
        self.duration = duration
    }

    func add(_ transition: TaskTransition, _ verdict: borrowing TaskVerdict) {
        switch transition {
        case .submitted: submitted.add(1)
        case .started: started.add(1)
        case .completed: completed.add(1)
        case .failed: failed.add(1)
        case .canceled: canceled.add(1)
        default: break
        }
        verdict.runningIn?.running.add(verdict.running)
        if verdict.isMeasured { duration.record(verdict.duration) }
    }
}
