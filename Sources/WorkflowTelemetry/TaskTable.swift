internal import OneLogger
internal import OneLoggerCore

/// What a caller says about a task.
struct TaskNews: Sendable {
    var transition: TaskTransition
    var id: String
    var moment: Moment
    var backend: String?
    var executable: String?
    var type: String?
    var dependsOn: [String]?
    var errorType: String?
    var workflowID: String?
    /// What the event says beside the usual.
    var attributes: Attributes = [:]
    /// The scope in which it was said.
    var stamp: Attributes = [:]
    /// Under which span the task hangs.
    var parent = SpanID(0)
}

/// What becomes of it.
struct TaskVerdict: Sendable {
    var attributes: PackedAttributes
    var backend: String?
    var type = ""
    /// How the counter of running tasks changes.
    var running = 0
    /// For an end.
    var duration = 0.0
    /// What has ended, and left the table.
    var ended: EndedTask?
    /// True when the duration counts in the statistics.
    var isMeasured = false
}

/// A task that has ended; by reference, because most steps are no ends.
final class EndedTask: Sendable {
    let task: TrackedTask
    let info: TaskInfo

    init(_ task: TrackedTask, _ info: TaskInfo) {
        self.task = task
        self.info = info
    }
}

/// The state machine of a session's tasks.
///
/// Steps may come late, twice, in any order or not at all. Each counts once; a task ends once. What ended is remembered by
/// 64 bits, so that steps which come after the end do not bring it back; the memory is bounded.
struct TaskTable {
    static let rememberedEnds = 1 << 16
    static let eventsPerTask = 128

    private let session: OpenSession
    private var open: [UInt64: OpenTask] = [:]
    /// The steps that an ended task has been seen to take.
    private var ended: [UInt64: UInt8] = [:]
    private var endedOrder: [UInt64] = []
    private var nextEnded = 0
    /// Steps that came twice.
    private(set) var duplicates = 0
    /// True once the session gives the open tasks their end: only that counts from then on.
    var isClosing = false
    var isOver = false
    var enrichers: [any SpanEnricher] = []

    init(_ session: OpenSession) { self.session = session }

    /// Decides about a step; nil when it is to be forgotten.
    mutating func apply(_ news: TaskNews) -> TaskVerdict? {
        guard !isOver else { return nil }
        let span = session.spanID(ofTask: news.id)
        let known = open[span.value]
        if known == nil, let seen = ended[span.value] { return late(news, span, seen) }
        if isClosing, known == nil || !news.transition.isTerminal { return nil }
        let place = known ?? OpenTask(TrackedTask(id: news.id, spanID: span))
        guard place.task.seen & news.transition.bit == 0 else {
            duplicates += 1
            return nil
        }
        if known == nil { place.task.parent = news.parent }
        learn(&place.task, news, isNew: known == nil)
        place.task.note(news.transition, news.moment)
        guard news.transition.isTerminal else {
            if known == nil { open[span.value] = place }
            return TaskVerdict(
                attributes: packed(&place.task, news), backend: place.task.backend, type: place.task.type,
                running: news.transition == .started ? 1 : 0)
        }
        if known != nil { open[span.value] = nil }
        remember(span.value, place.task.seen)
        return end(&place.task, news)
    }

    /// A step that comes after the end: recorded once, and nothing else.
    private mutating func late(_ news: TaskNews, _ span: SpanID, _ seen: UInt8) -> TaskVerdict? {
        guard seen & news.transition.bit == 0 else {
            duplicates += 1
            return nil
        }
        ended[span.value] = seen | news.transition.bit
        var task = TrackedTask(id: news.id, spanID: span)
        learn(&task, news, isNew: true)
        return TaskVerdict(attributes: packed(&task, news), backend: task.backend, type: task.type)
    }

    private func learn(_ task: inout TrackedTask, _ news: TaskNews, isNew: Bool) {
        var changed = isNew
        if let backend = news.backend { task.backend = backend }
        if let executable = news.executable, executable != task.executable {
            task.executable = executable
            changed = true
        }
        if let type = news.type, type != task.type {
            task.type = type
            changed = true
        }
        if news.transition == .created || isNew {
            task.stamp = news.stamp
            changed = true
        }
        if let workflow = news.workflowID {
            // An id that is given with the task is not the scope's, nor is the scope's block.
            task.stamp = [WorkflowSession.workflowKey: .string(workflow)]
            changed = true
        }
        if changed { task.packed = nil }
        guard isNew, !enrichers.isEmpty else { return }
        let info = task.info(session.context.traceID)
        for enricher in enrichers {
            for (key, value) in enricher.attributes(for: info) where !WorkflowSession.spanKeys.contains(key) {
                task.extra[key] = value
            }
        }
    }

    /// The attributes of the event; most are the same for all events of a task.
    private func packed(
        _ task: inout TrackedTask, _ news: TaskNews, error: String? = nil, isIncomplete: Bool = false
    ) -> PackedAttributes {
        let isUsual = news.attributes.isEmpty && news.dependsOn == nil && error == nil && !isIncomplete
        if isUsual, let packed = task.packed { return packed }
        let packed = PackedAttributes { buffer in
            buffer.append("executable", .string(task.executable))
            buffer.append("task_type", .string(task.type))
            if let dependsOn = news.dependsOn { buffer.append("depends_on", .strings(dependsOn)) }
            if let error { buffer.append("error_type", .string(error)) }
            if isIncomplete { buffer.append("incomplete_lifecycle", .bool(true)) }
            for (key, value) in task.stamp { buffer.append(key, value) }
            for (key, value) in news.attributes where !WorkflowSession.spanKeys.contains(key) {
                buffer.append(key, value)
            }
        }
        if isUsual { task.packed = packed }
        return packed
    }

    // MARK: the end

    private func end(_ task: inout TrackedTask, _ news: TaskNews) -> TaskVerdict {
        let isIncomplete = task.started == nil || news.attributes["incomplete_lifecycle"] == .bool(true)
        let error = news.transition == .failed ? news.errorType ?? "unknown" : nil
        var info = task.info(session.context.traceID, (news.transition, news.moment))
        info.isIncomplete = isIncomplete
        info.errorType = error
        return TaskVerdict(
            attributes: packed(&task, news, error: error, isIncomplete: isIncomplete), backend: task.backend,
            type: task.type, running: task.started == nil ? 0 : -1, duration: info.execution ?? 0,
            ended: EndedTask(task, info), isMeasured: !isIncomplete)
    }

    private mutating func remember(_ id: UInt64, _ seen: UInt8) {
        ended[id] = seen
        if endedOrder.count < Self.rememberedEnds {
            endedOrder.append(id)
        } else {
            ended[endedOrder[nextEnded]] = nil
            endedOrder[nextEnded] = id
            nextEnded = (nextEnded + 1) % Self.rememberedEnds
        }
    }

    // MARK: what else happens to open tasks

    /// Notes an event on a task's span; false when the task is not open.
    mutating func annotate(_ id: String, _ event: Event) -> Bool {
        let key = session.spanID(ofTask: id).value
        guard let place = open[key] else { return false }
        if place.task.events.count < Self.eventsPerTask {
            place.task.events.append(event)
        } else {
            place.task.droppedEvents += 1
        }
        return true
    }

    /// Everything that has not ended.
    var openTasks: [TrackedTask] { open.values.map(\.task) }

    /// What the workflow stamps on an open task.
    func stamp(ofTask id: String) -> Attributes? { open[session.spanID(ofTask: id).value]?.task.stamp }
}
