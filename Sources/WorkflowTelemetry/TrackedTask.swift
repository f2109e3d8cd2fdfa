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

/// What is known about a task.
///
/// Changed with the table's lock held, and not at all once it has ended; before that, who does not hold the lock reads
/// its constants alone: that is why it is `Sendable`.
final class TrackedTask: @unchecked Sendable {
    let id: String
    let context: SpanContext
    let parent: SpanID
    var seen: UInt8 = 0
    var backend: String?
    var executable = ""
    var type = ""
    /// What the workflow stamps on it.
    var stamp = Attributes()
    /// What enrichers put on its span.
    var extra = Attributes()
    /// What was noted on its span.
    var events: [Event]?
    var droppedEvents = 0
    /// What most of its events show of it.
    var face: TaskFace?
    /// Where it counts as running.
    var runningIn: TaskSeries?
    var created: Moment?, resolved: Moment?, submitted: Moment?, queued: Moment?, started: Moment?, ended: Moment?
    /// How it ended.
    var end: TaskTransition?
    var errorType: String?
    var isIncomplete = false

    init(id: String, context: SpanContext, parent: SpanID) {
        self.id = id
        self.context = context
        self.parent = parent
    }

    func note(_ transition: TaskTransition, _ moment: Moment) {
        seen |= transition.bit
        switch transition {
        case .created: created = moment
        case .resolved: resolved = moment
        case .submitted: submitted = moment
        case .queued: queued = moment
        case .started: started = moment
        case .completed, .failed, .canceled:
            ended = moment
            end = transition
        }
    }

    // MARK: what is told about it

    var status: TaskInfo.Status {
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

    var dependencyWait: Double? { Self.seconds(from: created, to: resolved) }
    var dispatch: Double? { Self.seconds(from: resolved ?? created, to: queued ?? submitted) }
    var queueWait: Double? { Self.seconds(from: queued ?? submitted, to: started) }
    var execution: Double? { Self.seconds(from: started, to: ended) }

    private static func seconds(from start: Moment?, to end: Moment?) -> Double? {
        guard let start, let end else { return nil }
        return end.seconds(since: start)
    }

    var info: TaskInfo {
        var info = TaskInfo(
            id: id, context: context, status: status, backend: backend, executable: executable, type: type)
        if case .string(let workflow)? = stamp[WorkflowSession.workflowKey] { info.workflowID = workflow }
        info.errorType = errorType
        info.isIncomplete = isIncomplete
        info.dependencyWait = dependencyWait
        info.dispatch = dispatch
        info.queueWait = queueWait
        info.execution = execution
        return info
    }
}
