internal import OneLogger
internal import OneLoggerCore

/// A moment by two clocks: what records say, and one that never jumps.
struct Moment: Sendable {
    var time: Timestamp
    /// Unit: nanoseconds.
    var steady: UInt64
    /// True when the caller gave the time: then `steady` says nothing about it.
    var isGiven: Bool

    /// Never below zero.
    ///
    /// Unit: seconds.
    func seconds(since earlier: Moment) -> Double {
        if !isGiven, !earlier.isGiven { return steady > earlier.steady ? Double(steady - earlier.steady) * 1e-9 : 0 }
        return time > earlier.time ? Double(time.nanoseconds - earlier.time.nanoseconds) * 1e-9 : 0
    }
}

/// A task that has not ended, at its place in the table.
///
/// Not `Sendable`: it never leaves the table, and is touched with the table's lock held alone.
final class OpenTask {
    var task: TrackedTask

    init(_ task: TrackedTask) { self.task = task }
}

/// What is known about a task.
struct TrackedTask: Sendable {
    let id: String
    let spanID: SpanID
    var parent = SpanID(0)
    var seen: UInt8 = 0
    var backend: String?
    var executable = ""
    var type = ""
    /// What the workflow stamps on it.
    var stamp: Attributes = [:]
    /// What enrichers put on its span.
    var extra: Attributes = [:]
    var events: [Event] = []
    var droppedEvents = 0
    /// What most of its events carry.
    var packed: PackedAttributes?
    var created: Moment?, resolved: Moment?, submitted: Moment?, queued: Moment?, started: Moment?

    init(id: String, spanID: SpanID) {
        self.id = id
        self.spanID = spanID
    }

    mutating func note(_ transition: TaskTransition, _ moment: Moment) {
        seen |= transition.bit
        switch transition {
        case .created: created = moment
        case .resolved: resolved = moment
        case .submitted: submitted = moment
        case .queued: queued = moment
        case .started: started = moment
        default: break
        }
    }

    func info(_ trace: TraceID, _ end: (transition: TaskTransition, moment: Moment)? = nil) -> TaskInfo {
        var info = TaskInfo(
            id: id, context: SpanContext(traceID: trace, spanID: spanID), status: status(end?.transition),
            backend: backend, executable: executable, type: type)
        if case .string(let workflow)? = stamp[WorkflowSession.workflowKey] { info.workflowID = workflow }
        if let created, let resolved { info.dependencyWait = resolved.seconds(since: created) }
        let ready = resolved ?? created, waiting = queued ?? submitted
        if let ready, let waiting { info.dispatch = waiting.seconds(since: ready) }
        if let waiting, let started { info.queueWait = started.seconds(since: waiting) }
        if let started, let end { info.execution = end.moment.seconds(since: started) }
        return info
    }

    private func status(_ end: TaskTransition?) -> TaskInfo.Status {
        switch end {
        case .completed: return .completed
        case .failed: return .failed
        case .canceled: return .canceled
        default: break
        }
        if started != nil { return .running }
        if queued != nil { return .queued }
        if submitted != nil { return .submitted }
        return resolved != nil ? .resolved : .created
    }
}
