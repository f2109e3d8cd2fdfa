public import OneLogger
internal import OneLoggerCore
internal import Synchronization

// Reading in the process, while the session is open and after its end.
extension WorkflowSession {
    /// The last finished spans, oldest first; of 10,000 spans and events together.
    ///
    /// - Parameters:
    ///   - taskID: Only the spans of this task.
    ///   - name: Only spans of this name, such as `task`.
    /// - Returns: The spans.
    public func spans(taskID: String? = nil, name: String? = nil) -> [SpanRecord] {
        handOver()
        let wanted = taskID.map { opened.spanID(ofTask: $0).value }
        return kept.records { record in
            record.kind != .typedEvent && (wanted == nil || record.id == wanted)
                && (name == nil || String(copying: record.name) == name)
        }.compactMap { record in
            switch record {
            case .span(let span), .stop(let span): span
            default: nil
            }
        }
    }

    /// The last events, oldest first; of 10,000 spans and events together.
    ///
    /// - Parameters:
    ///   - type: Only events of this type.
    ///   - taskID: Only events of this task.
    /// - Returns: The events.
    public func events(type: String? = nil, taskID: String? = nil) -> [EventRecord] {
        handOver()
        return kept.records { record in
            record.kind == .typedEvent && (type == nil || String(copying: record.name) == type)
        }.compactMap { record in
            guard case .typedEvent(let event) = record, taskID == nil || event.taskID == taskID else { return nil }
            return event
        }
    }

    /// How many spans and events are no longer kept for reading; no number of ``summary()`` depends on them.
    public var forgotten: Int { kept.forgotten }

    /// What the session's instruments say now.
    public func metrics() -> [MetricPoint] {
        instruments.nodes.expire(at: now.steady)
        let names = Set(SessionInstruments.declarations.map(\.name))
        return recorder.metrics().filter { names.contains($0.name) }
    }

    /// The open tasks, and the last 10,000 that have ended, in this order: ended, then open ones by id.
    public func tasks() -> [TaskInfo] {
        let (ended, open) = table.withLock { ($0.totals.ended, $0.openTasks) }
        return ended.map(\.info) + open.sorted { $0.id < $1.id }
    }

    /// How many tasks took which step.
    public var taskCount: TaskCounts { table.withLock { $0.totals.tasks } }

    /// What the session has seen so far; its cost does not depend on how much that was.
    public func summary() -> SessionSummary {
        table.withLock { table in
            SessionSummary(
                sessionID: id, duration: duration, tasks: table.totals.tasks, durations: table.totals.durations,
                resources: table.totals.nodes)
        }
    }

    private func handOver() { recorder.handOver(until: Recorder.steadyNow &+ 1_000_000_000) }
}
