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
    private struct Tasks {
        var submitted, started, completed, failed, canceled: Counter.Bound
        var running: UpDownCounter.Bound
        var duration: Histogram.Bound
    }

    /// The bound forms by their labels; what comes beyond the limit shares one.
    private final class Cache: Sendable {
        struct Known {
            var all: [Key: Tasks] = [:]
            /// The labels that were asked for last: mostly the same again.
            var last: (key: Key, tasks: Tasks)?
        }
        let known = Locked(Known())
    }
    private static let limit = 1_000
    private let cache = Cache()
    private let counters: [Counter]
    private let running: UpDownCounter
    private let duration: Histogram
    private let cpu, memory, gpu: Gauge

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
        cpu = gauge("node_cpu_utilization")
        memory = gauge("node_memory_utilization")
        gpu = gauge("node_gpu_utilization")
    }

    func add(_ transition: TaskTransition, _ verdict: TaskVerdict) {
        let tasks = tasks(Key(backend: verdict.backend ?? "", type: verdict.type))
        switch transition {
        case .submitted: tasks.submitted.add(1)
        case .started: tasks.started.add(1)
        case .completed: tasks.completed.add(1)
        case .failed: tasks.failed.add(1)
        case .canceled: tasks.canceled.add(1)
        default: break
        }
        if verdict.running != 0 { tasks.running.add(verdict.running) }
        if verdict.isMeasured { tasks.duration.record(verdict.duration) }
    }

    private func tasks(_ key: Key) -> Tasks {
        cache.known.withLock { known in
            if let last = known.last, last.key == key { return last.tasks }
            let tasks = known.all[key] ?? make(key, &known)
            known.last = (key, tasks)
            return tasks
        }
    }

    private func make(_ key: Key, _ known: inout Cache.Known) -> Tasks {
        let hasRoom = known.all.count < Self.limit
        let labels: Attributes =
            hasRoom
            ? ["backend": .string(key.backend), "task_type": .string(key.type)] : ["otel.metric.overflow": true]
        let made = Tasks(
            submitted: counters[0].bound(labels), started: counters[1].bound(labels),
            completed: counters[2].bound(labels), failed: counters[3].bound(labels),
            canceled: counters[4].bound(labels), running: running.bound(labels), duration: duration.bound(labels))
        if hasRoom { known.all[key] = made }
        return made
    }

    func add(_ update: ResourceUpdate, backend: String, node: String) {
        var labels: Attributes = ["backend": .string(backend), "node_id": .string(node)]
        if let number = update.gpuID { labels["gpu_id"] = .string("\(number)") }
        for (gauge, value) in [(cpu, update.cpuPercent), (memory, update.memoryPercent), (gpu, update.gpuPercent)] {
            if let value, value.isFinite { gauge.record(value, attributes: labels) }
        }
    }
}
