internal import OneLogger
internal import OneLoggerCore

/// The span of a task that has ended.
extension WorkflowSession {
    /// Packs it without a detour: a session may end a million tasks.
    func writeSpan(_ task: TrackedTask, _ events: [Event]?, at end: Timestamp) {
        let start = task.started?.time ?? end, status = task.status, stamp = task.stamp, extra = task.extra
        recorder.writeSpan("task", task.spanStatus, from: start, to: end, task.context, parent: task.parent) { fields in
            fields.attribute("session_id", id)
            fields.attribute("backend", task.backend ?? "")
            fields.attribute("task_id", task.id)
            fields.attribute("executable", task.executable)
            fields.attribute("task_type", task.type)
            fields.attribute("status", status.rawValue)
            fields.attributes(stamp)
            fields.attributes(extra)
            if let error = task.errorType { fields.attribute("error_type", error) }
            if task.isIncomplete { fields.attribute("incomplete_lifecycle", true) }
            if let wait = task.dependencyWait { fields.attribute("dependency_wait_seconds", wait) }
            if let wait = task.dispatch { fields.attribute("dispatch_seconds", wait) }
            if let wait = task.queueWait { fields.attribute("queue_wait_seconds", wait) }
            if let time = task.execution { fields.attribute("execution_seconds", time) }
            for event in events ?? [] {
                fields.append { $0.append(event, at: RecordLayout.stamp(event.time ?? start)) }
            }
            fields.note(dropped: task.droppedEvents)
        }
    }
}

extension TrackedTask {
    var spanStatus: SpanStatus {
        switch end {
        case .completed: .ok
        case .failed: .error(errorType ?? "unknown")
        default: .cancelled
        }
    }
}
