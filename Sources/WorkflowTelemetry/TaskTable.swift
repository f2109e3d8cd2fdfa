internal import OneLogger
internal import OneLoggerCore

/// A step of a task, as a caller tells it.
struct TaskStep: Sendable {
    let transition: TaskTransition
    /// The task's span.
    let span: SpanID
    let moment: Moment
    /// True when the caller says that it has not seen all of the task's life.
    var isIncomplete = false
}

/// What is said about a task at its creation, or its end; by reference, because most steps say nothing of it.
final class TaskDetails: Sendable {
    let executable: String?
    let type: String?
    let dependsOn: [String]?
    let errorType: String?
    let workflowID: String?
    /// The scope in which it was said.
    let stamp: Attributes
    /// Under which span the task hangs.
    let parent: SpanID

    init(
        executable: String? = nil, type: String? = nil, dependsOn: [String]? = nil, errorType: String? = nil,
        workflowID: String? = nil, stamp: Attributes = Attributes(), parent: SpanID
    ) {
        self.executable = executable
        self.type = type
        self.dependsOn = dependsOn
        self.errorType = errorType
        self.workflowID = workflowID
        self.stamp = stamp
        self.parent = parent
    }
}

/// What becomes of it.
struct TaskVerdict: ~Copyable, Sendable {
    let face: TaskFace
    /// How the counter of running tasks changes, and which one: what a task is may be told while it runs.
    var running = 0
    var runningIn: TaskSeries?
    /// For an end.
    var duration = 0.0
    /// True when the duration counts in the statistics.
    var isMeasured = false
    /// The task that has ended with this step, and left the table, with what was noted on its span.
    var ended: TrackedTask?
    var notes: [Event]?
}

/// What an event of a task shows of it, and where it counts.
final class TaskFace: Sendable {
    let context: SpanContext
    let entries: TaskEntries
    let series: TaskSeries

    init(_ context: SpanContext, _ entries: TaskEntries, _ series: TaskSeries) {
        self.context = context
        self.entries = entries
        self.series = series
    }
}

/// The state machine of a session's tasks.
///
/// Steps may come late, twice, in any order or not at all. Each counts once; a task ends once. What ended is remembered by
/// a few bits, so that steps which come after the end do not bring it back; the memory is bounded.
struct TaskTable {
    static let eventsPerTask = 128

    private let session: OpenSession
    private let instruments: SessionInstruments
    private var open = OpenTasks()
    private var ended = EndedTasks()
    /// Steps that came twice.
    private(set) var duplicates = 0
    /// The numbers of the session.
    var totals = SessionTotals()
    /// True once the session gives the open tasks their end: only that counts from then on.
    var isClosing = false
    var isOver = false
    var enrichers: [any SpanEnricher] = []

    init(_ session: OpenSession, _ instruments: SessionInstruments) {
        self.session = session
        self.instruments = instruments
    }

    /// Decides about a step, and counts it; nil when it is to be forgotten.
    mutating func apply(
        _ news: TaskStep, _ id: String, _ backend: String?, _ details: TaskDetails?
    ) -> TaskVerdict? {
        guard !isOver else { return nil }
        guard let task = open[news.span.value] else { return first(news, id, backend, details) }
        if isClosing, !news.transition.isTerminal { return nil }
        guard task.seen & news.transition.bit == 0 else {
            duplicates += 1
            return nil
        }
        learn(task, news, backend, details, isNew: false)
        task.note(news.transition, news.moment)
        guard news.transition.isTerminal else { return step(task, news) }
        open.remove(news.span.value)
        return end(task, news, details)
    }

    /// A step of a task that is not open.
    private mutating func first(
        _ news: TaskStep, _ id: String, _ backend: String?, _ details: TaskDetails?
    ) -> TaskVerdict? {
        let seen = ended.steps(of: news.span.value)
        if let seen, seen & news.transition.bit != 0 {
            duplicates += 1
            return nil
        }
        if seen == nil, isClosing { return nil }
        let parent = details?.parent ?? session.context.spanID
        let task = TrackedTask(id: id, context: session.context(of: news.span), parent: parent)
        learn(task, news, backend, details, isNew: true)
        if let seen { return late(task, news, seen) }
        task.note(news.transition, news.moment)
        if news.transition.isTerminal { return end(task, news, details) }
        open.insert(task)
        return step(task, news)
    }

    /// A step that comes after the end: recorded once, and nothing else.
    private mutating func late(_ task: TrackedTask, _ news: TaskStep, _ seen: UInt8) -> TaskVerdict {
        ended.update(news.span.value, seen | news.transition.bit)
        totals.add(news.transition)
        return TaskVerdict(face: face(task))
    }

    private mutating func step(_ task: TrackedTask, _ news: TaskStep) -> TaskVerdict {
        let running = news.transition == .started ? 1 : 0
        totals.add(news.transition)
        totals.tasks.running += running
        let face = face(task)
        guard running > 0 else { return TaskVerdict(face: face) }
        task.runningIn = face.series
        return TaskVerdict(face: face, running: running, runningIn: face.series)
    }

    private mutating func end(
        _ task: TrackedTask, _ news: TaskStep, _ details: TaskDetails?
    ) -> TaskVerdict {
        ended.insert(news.span.value, task.seen)
        task.isIncomplete = task.started == nil || news.isIncomplete
        task.errorType = news.transition == .failed ? details?.errorType ?? "unknown" : nil
        let duration = task.execution ?? 0, running = task.started == nil ? 0 : -1
        let verdict = TaskVerdict(
            face: face(task), running: running, runningIn: task.runningIn, duration: duration,
            isMeasured: !task.isIncomplete, ended: task, notes: task.events)
        totals.add(news.transition)
        totals.tasks.running += running
        totals.add(task, duration, isMeasured: !task.isIncomplete)
        // The last ones are kept for reading, without what nobody reads.
        task.events = nil
        task.face = nil
        return verdict
    }

    private func learn(
        _ task: TrackedTask, _ news: TaskStep, _ backend: String?, _ details: TaskDetails?, isNew: Bool
    ) {
        if let backend, backend != task.backend {
            task.backend = backend
            task.face = nil
        }
        if let details { learn(task, details, stamps: isNew || news.transition == .created) }
        guard isNew, !enrichers.isEmpty else { return }
        let info = task.info
        for enricher in enrichers {
            for (key, value) in enricher.attributes(for: info) where !WorkflowSession.spanKeys.contains(key) {
                task.extra[key] = value
            }
        }
    }

    private func learn(_ task: TrackedTask, _ details: TaskDetails, stamps: Bool) {
        if let executable = details.executable { task.executable = executable }
        if let type = details.type { task.type = type }
        if stamps { task.stamp = details.stamp }
        if let workflow = details.workflowID {
            // An id that is given with the task is not the scope's, nor is the scope's block.
            task.stamp = [WorkflowSession.workflowKey: .string(workflow)]
        }
        task.face = nil
    }

    /// What all events of the task show of it.
    private func face(_ task: TrackedTask) -> TaskFace {
        if let face = task.face { return face }
        let executable = task.executable, type = task.type, stamp = task.stamp, backend = task.backend
        let entries = TaskEntries(session, backend: backend, taskID: task.id) { fields in
            fields.attribute("executable", executable)
            fields.attribute("task_type", type)
        } last: { fields in
            fields.attributes(stamp)
        }
        let face = TaskFace(task.context, entries, instruments.series(backend: backend ?? "", type: type))
        task.face = face
        return face
    }

    // MARK: what else happens to open tasks

    /// Notes an event on a task's span; false when the task is not open.
    mutating func annotate(_ span: SpanID, _ event: Event) -> Bool {
        guard let task = open[span.value] else { return false }
        var events = task.events ?? []
        task.events = nil
        if events.count < Self.eventsPerTask { events.append(event) } else { task.droppedEvents += 1 }
        task.events = events
        return true
    }

    /// Everything that has not ended.
    var openTasks: [TaskInfo] { open.all.map(\.info) }

    /// What the workflow stamps on an open task.
    func stamp(of span: SpanID) -> Attributes? { open[span.value]?.stamp }
}
