internal import OneLogger
internal import OneLoggerCore

/// The span of a task that has ended.
extension WorkflowSession {
    /// Packs it without a detour: a session may end a million tasks.
    func writeSpan(_ task: TrackedTask, _ info: TaskInfo, at end: Timestamp) {
        let start = task.started?.time ?? end, context = info.context
        recorder.write { buffer in
            let place = buffer.count
            buffer.header(
                .span, info.spanStatus.code, "task", RecordLayout.stamp(start), RecordLayout.stamp(max(start, end)),
                context, task.parent)
            buffer.append("session_id", .string(id))
            buffer.append("backend", .string(task.backend ?? ""))
            buffer.append("task_id", .string(task.id))
            buffer.append("executable", .string(task.executable))
            buffer.append("task_type", .string(task.type))
            buffer.append("status", .string(info.status.rawValue))
            for (key, value) in task.stamp { buffer.append(key, value) }
            for (key, value) in task.extra { buffer.append(key, value) }
            if let error = info.errorType { buffer.append("error_type", .string(error)) }
            if info.isIncomplete { buffer.append("incomplete_lifecycle", .bool(true)) }
            if let wait = info.dependencyWait { buffer.append("dependency_wait_seconds", .double(wait)) }
            if let wait = info.dispatch { buffer.append("dispatch_seconds", .double(wait)) }
            if let wait = info.queueWait { buffer.append("queue_wait_seconds", .double(wait)) }
            if let time = info.execution { buffer.append("execution_seconds", .double(time)) }
            for event in task.events { buffer.append(event, at: RecordLayout.stamp(event.time ?? start)) }
            buffer.append(info.spanStatus)
            buffer.append(dropped: task.droppedEvents)
            buffer.close(place)
        }
    }
}

extension TaskInfo {
    var spanStatus: SpanStatus {
        switch status {
        case .completed: .ok
        case .failed: .error(errorType ?? "unknown")
        default: .cancelled
        }
    }
}
