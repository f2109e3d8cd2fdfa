public import OneLogger
internal import OneLoggerCore
internal import Synchronization

/// The record of a job that consists of tasks: one trace, from a root span, with every task below it.
///
///     let session = try WorkflowSession.start(on: recorder)
///     await session.runTask("t-1", executable: "load") { await load() }
///     await session.stop()
///
/// Thread-safe. A recorder has at most one open session; spans and events that nobody else claims belong to it. It ends by
/// ``stop(timeout:)``, at the end of ``withSession(id:on:backend:_:)``, or with its recorder.
public final class WorkflowSession: Sendable {
    /// The attribute that names the workflow.
    static let workflowKey = "asyncflow.workflow_id"
    /// The attribute that names a block inside a workflow.
    static let blockKey = "asyncflow.block_id"
    /// What enrichers cannot replace on a task's span.
    static let spanKeys: Set<String> = [
        "session_id", "backend", "task_id", "executable", "task_type", "status", "error_type", "incomplete_lifecycle",
        workflowKey, blockKey,
    ]

    /// Its name; in every event.
    public let id: String
    /// The span of the session; also after its end.
    ///
    /// `traceparent` is its W3C form.
    public let context: SpanContext
    /// What it records with.
    public let recorder: Recorder
    /// Who emits the session's own events.
    let backend: String
    let ownsRecorder: Bool
    let span: ManualSpan
    let opened: OpenSession
    let instruments: SessionInstruments
    let kept: KeptRecords
    let table: Locked<TaskTable>
    let subscriptions = Locked<[Subscription]>([])
    /// What records for the session alone, and stops with it.
    let companions = Locked<[any RecorderPlugin]>([])
    let beginning: Moment
    private let clocks = ClockPair()
    let ending = SessionEnding()
    private let home = HomeProcess()
    /// False in a forked child: the session is its parent's.
    var isOwn: Bool { home.isHere }

    // MARK: start

    /// Starts a session on a recorder that is there.
    ///
    /// `OneLoggerBootstrap` has a `start` that needs none, polls the machine and can write a file.
    ///
    /// - Parameters:
    ///   - id: Its name; nil makes one up.
    ///   - recorder: What it records with; it goes on after the session.
    ///   - backend: Who the session's own events say they come from.
    /// - Returns: The session.
    /// - Throws: `TelemetryError.misuse(call:problem:advice:)` when a session is open on the recorder.
    public static func start(
        id: String? = nil, on recorder: Recorder, backend: String = "workflow"
    ) throws(TelemetryError) -> WorkflowSession {
        try WorkflowSession(id, recorder, backend, owns: false)
    }

    /// Runs `body` with a session that ends with it, however it ends.
    ///
    /// - Parameters:
    ///   - id: Its name; nil makes one up.
    ///   - recorder: What it records with; it goes on after the session.
    ///   - backend: Who the session's own events say they come from.
    ///   - body: The work.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws, and `TelemetryError` when the session cannot start.
    public static func withSession<R>(
        id: String? = nil, on recorder: Recorder, backend: String = "workflow",
        _ body: nonisolated(nonsending) (WorkflowSession) async throws -> R
    ) async throws -> R {
        try await start(id: id, on: recorder, backend: backend).stopping(after: body)
    }

    package nonisolated(nonsending) func stopping<R>(
        after body: nonisolated(nonsending) (WorkflowSession) async throws -> R
    ) async throws -> R {
        do {
            let result = try await body(self)
            await stop()
            return result
        } catch {
            await stop()
            throw error
        }
    }

    package init(_ id: String?, _ recorder: Recorder, _ backend: String, owns: Bool) throws(TelemetryError) {
        var random = SystemRandomNumberGenerator()
        let id = id ?? Self.newID
        let occupied = TelemetryError.misuse(
            call: "WorkflowSession.start", problem: "a session is open on this recorder",
            advice: "Stop it first, or give the new one a recorder of its own.")
        guard recorder.openSession == nil else { throw occupied }
        let now = recorder.moment
        let parent = recorder.remoteParent.map { SpanParent.context($0) } ?? .root
        span = recorder.start(
            "session", parent: parent, attributes: ["session_id": .string(id), "backend": .string(backend)])
        // A recorder that is off, or that leaves such spans out, still gives every event its ids.
        let made = SpanContext(
            traceID: TraceID(
                high: UInt64.random(in: 1...UInt64.max, using: &random),
                low: UInt64.random(in: 1...UInt64.max, using: &random)),
            spanID: SpanID(UInt64.random(in: 1...UInt64.max, using: &random)))
        context = span.context.isValid ? span.context : made
        let door = SessionDoor()
        opened = OpenSession(id: id, context: context, observer: door)
        self.id = id
        self.recorder = recorder
        self.backend = backend
        ownsRecorder = owns
        beginning = Moment(time: now.time, steady: now.steady, isGiven: false)
        let instruments = SessionInstruments(recorder)
        self.instruments = instruments
        // What is gone is not told of the next time.
        kept = KeptRecords(context.traceID) { instruments.nodes.expire(at: recorder.moment.steady) }
        table = Locked(TaskTable(opened, instruments))
        door.session.withLock { $0 = self }
        guard recorder.open(opened) else {
            door.session.withLock { $0 = nil }
            span.stop()
            throw occupied
        }
        recorder.add(kept)
        recorder.emit(SessionStarted(), backend: backend, at: now.time)
    }

    package static var newID: String { "session." + hexadecimal(UInt32.random(in: 0...UInt32.max)) }

    static func hexadecimal(_ number: UInt32) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }

    /// From its start until now, or until its end.
    ///
    /// Unit: seconds.
    public var duration: Double { ending.duration ?? now.seconds(since: beginning) }

    /// True until the session is stopped.
    public var isOpen: Bool { !ending.hasBegun }

    var now: Moment {
        let moment = recorder.moment(clocks)
        return Moment(time: moment.time, steady: moment.steady, isGiven: false)
    }

    func moment(_ time: Timestamp?) -> Moment {
        var moment = now
        if let time {
            moment.time = time
            moment.isGiven = true
        }
        return moment
    }
}

/// What the recorder holds of a session, for ever: empty once the session is over.
final class SessionDoor: SessionObserver {
    let session = Locked<WorkflowSession?>(nil)

    func decide(_ event: EventRecord) { session.withLock { $0 }?.take(event) }
    func note(_ event: EventRecord) { session.withLock { $0 }?.note(event) }
    func recorderEnds(by deadline: UInt64) { session.withLock { $0 }?.end(by: deadline) }
}
