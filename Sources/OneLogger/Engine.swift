internal import COneLogger
internal import OneLoggerCore
internal import Synchronization

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// Everything of a recorder that outlives it.
///
/// Immortal, like its core: a thread may look at it at any time.
///
/// Why it is `Sendable`: the pointer `core` never changes, and what it points to is written before any thread can see it,
/// and later only by atomic stores. `state` is guarded by `monitor`. `drainer` belongs to whoever set `drainingThread` with that
/// lock held. A forked child writes all three without it: its only thread is the one that forked, `prepareFork` took the lock,
/// and the child's drainer is another one.
@safe @usableFromInline
final class Engine: Sendable {
    // Beside the flags that COneLogger.h names.
    static let remoteParentFlag: UInt32 = 16
    static let parentBasedFlag: UInt32 = 32
    static let noScope = TaskLocal<Scope?>(wrappedValue: nil)

    // Never changes; see above for what it points to.
    nonisolated(unsafe) let core: UnsafeMutablePointer<ol_core>
    let options: RecorderOptions
    let pool: ChunkPool
    let wake: DrainerBell
    let scope = TaskLocal<Scope?>(wrappedValue: nil)
    let workers: [ExporterSlot]
    let processors: [any RecordProcessor]
    let remoteParent: SpanContext
    let startedOnMonotonic: Bool
    let manualSpans = ManualSpanTable()
    let errors = TelemetryErrors()
    let metrics = MetricRegistry()

    struct PluginEntry {
        var name: String
        /// Nil when it could not be started.
        var plugin: (any RecorderPlugin)?
        /// Its own recorder, when it has one.
        var own: Recorder?
        var error: String?
    }

    struct State {
        weak var recorder: Recorder?
        var phase = RecorderHealth.State.recording
        /// The thread that drains, or 0.
        var drainingThread: UInt = 0
        /// The thread of callbacks of metrics, for which the one that drains waits, or 0.
        var callbackThread: UInt = 0
        var forkHoldsDrain = false
        var resource: Resource
        var plugins: [PluginEntry] = []
        var shutdownReport: FlushReport?
        /// The thread that shuts the recorder down, or 0.
        var closingThread: UInt = 0
        var merged = 0, filtered = 0, added = 0
        var oldestRoot: SpanContext?
        var collectors: [any BatchCollector] = []
    }
    /// True when another recorder shuts this one down.
    let isOwned = Atomic<Bool>(false)
    let needsRestart = Atomic<Bool>(false)
    let monitor = Monitor()
    // Touched with `monitor` held: by `withState`, or between its `lock` and `unlock`.
    nonisolated(unsafe) var state: State
    // Written in `init` and in a forked child only; what it points to belongs to whoever `beginDraining` let in.
    nonisolated(unsafe) var drainer: UnsafeMutablePointer<Drainer>

    init(_ options: RecorderOptions, _ workers: [ExporterSlot]) {
        self.options = options
        self.workers = workers
        let bell = DrainerBell()
        wake = bell
        pool = ChunkPool(bytes: options.poolBytes, policy: options.whenFull) { bell.ring() }
        processors = options.processors + (options.verbosity == .max ? [] : [VerbosityFilter(options.verbosity)])
        let remote = options.remoteParent ?? SpanContext(traceID: TraceID(high: 0, low: 0), spanID: SpanID(0))
        remoteParent = remote
        var resource = options.resource
        if resource.pid == 0 { resource.pid = Int(getpid()) }
        if resource.host.isEmpty { resource.host = Self.hostName }
        unsafe state = State(resource: resource)
        unsafe drainer = Self.makeDrainer(options)

        unsafe core = .allocate(capacity: 1)
        unsafe core.initialize(to: ol_core())
        unsafe core.pointee.clock = Self.clock(options.clock)
        startedOnMonotonic = unsafe core.pointee.clock == OL_CLOCK_MONOTONIC
        var flags: UInt32 = options.filter.isActive ? OL_FILTER : 0
        switch options.sampling {
        case .all: break
        case .ratio(let ratio): flags |= sample(ratio)
        case .parentBased(let ratio): flags |= sample(ratio) | Self.parentBasedFlag
        }
        switch options.announce {
        case .nothing: break
        case .roots: flags |= OL_ANNOUNCE_ROOTS
        case .all: flags |= OL_ANNOUNCE_ALL
        }
        if remote.isValid { flags |= Self.remoteParentFlag }
        unsafe core.pointee.flags = flags
        unsafe core.pointee.scope = Unmanaged.passUnretained(scope).toOpaque()
        // Retained for ever.
        unsafe core.pointee.storage = Unmanaged.passRetained(self).toOpaque()
        metrics.begin(at: now)
        _ = TickClock.origin
        ForkPause.register()
        _ = ThreadBlocks.install
    }

    /// Everything is sampled at 1 and above, nothing at 0, below it and for NaN.
    private func sample(_ ratio: Double) -> UInt32 {
        if ratio >= 1 { return 0 }
        unsafe core.pointee.threshold = ratio > 0 ? UInt64(ratio * 0x1p63) : 0
        return OL_SAMPLE
    }

    private static func clock(_ choice: RecorderOptions.ClockChoice) -> UInt32 {
        switch choice {
        case .manual: return OL_CLOCK_MANUAL
        case .monotonic: return OL_CLOCK_MONOTONIC
        case .automatic: return counterIsSafe ? OL_CLOCK_COUNTER : OL_CLOCK_MONOTONIC
        }
    }

    private static let counterIsSafe: Bool = {
        let forced = unsafe getenv("ONELOGGER_CLOCK").map { unsafe String(cString: $0) }
        return forced != "monotonic" && ol_counter_is_safe() == 1
    }()

    private static let hostName: String = {
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { bytes in
            guard let text = bytes.baseAddress, unsafe gethostname(text, 256) == 0 else { return "" }
            let known = unsafe UnsafeRawBufferPointer(start: text, count: strnlen(text, 256))
            return unsafe String(decoding: known, as: UTF8.self)
        }
    }()

    // MARK: small things

    var clockKind: UInt32 { unsafe ol_clock_kind(core) }

    /// From now on time comes from clock_gettime: the counter does not keep its rate.
    func leaveCounter() {
        guard clockKind == OL_CLOCK_COUNTER else { return }
        unsafe ol_set_clock_kind(core, OL_CLOCK_MONOTONIC)
        Diagnostics.line(
            "the processor's time-stamp counter changed its rate; times come from clock_gettime from now on")
    }

    /// Now, on the recorder's own time line.
    var now: Timestamp {
        if clockKind == OL_CLOCK_MANUAL { return Timestamp(nanoseconds: unsafe ol_manual(core)) }
        return Timestamp(nanoseconds: ol_realtime())
    }

    var resource: Resource { monitor.withLock { unsafe state.resource } }
    var phase: RecorderHealth.State { monitor.withLock { unsafe state.phase } }

    func withState<R>(_ body: (inout State) -> R) -> R { monitor.withLock { unsafe body(&state) } }

    func attach(_ recorder: Recorder) { monitor.withLock { unsafe state.recorder = recorder } }

    // MARK: drain

    /// One pass: everything committed before the call reaches every inbox.
    ///
    /// False at the deadline, or when another pass is not over by `entering`.
    func drain(
        until deadline: UInt64, _ collecting: Collecting, isLast: Bool = false, entering: UInt64 = .max
    ) -> Bool {
        guard beginDraining(until: min(deadline, entering)) else { return false }
        defer { endDraining() }
        let notices = errors.takeNotices(now: now)
        // Under the blocking policy the pool is given time to fill, and threads to wait, before an inbox overflows.
        var patience: UInt64 = 0
        if case .block = options.whenFull { patience = deadline }
        ThreadBlocks.muted {
            unsafe drainer.pointee.pass(self, notices: notices, collecting, until: deadline, isLast: isLast) { batch in
                guard !batch.isEmpty else { return }
                for worker in workers { worker.post(batch, waitingUntil: patience) }
                for collector in withState({ $0.collectors }) { collector.collect(batch) }
            }
        }
        return true
    }

    /// For tests and readers in the process: the next batches go to `body` instead of the exporters.
    func drain(_ body: (Batch) -> Void) {
        guard beginDraining(until: .max) else { return }
        defer { endDraining() }
        unsafe drainer.pointee.pass(self, notices: errors.takeNotices(now: now), .never, until: .max) { batch in
            guard !batch.isEmpty else { return }
            for collector in withState({ $0.collectors }) { collector.collect(batch) }
            body(batch)
        }
    }

    static func makeDrainer(_ options: RecorderOptions) -> UnsafeMutablePointer<Drainer> {
        let drainer = UnsafeMutablePointer<Drainer>.allocate(capacity: 1)
        unsafe drainer.initialize(to: Drainer(options.metrics))
        return unsafe drainer
    }

    /// False at the deadline, and at once for whom the pass waits: a record processor or a metric's callback that flushes, or forks.
    func beginDraining(until deadline: UInt64) -> Bool {
        monitor.withLock {
            while unsafe state.drainingThread != 0 {
                guard unsafe state.drainingThread != thisThread && state.callbackThread != thisThread,
                    ol_monotonic() < deadline
                else { return false }
                _ = monitor.wait(until: min(deadline, ol_monotonic() &+ 1_000_000_000))
            }
            unsafe state.drainingThread = thisThread
            return true
        }
    }

    /// Whether this thread does the recorder's work, or that of a plug-in's own one: a pass, a metric's callback, an export.
    var isAtWorkHere: Bool {
        workers.contains(where: \.isThisThread)
            || withState { $0.drainingThread == thisThread || $0.callbackThread == thisThread }
            || owned.contains(where: \.isAtWorkHere)
    }

    func endDraining() {
        monitor.withLock {
            unsafe state.drainingThread = 0
            unsafe (state.merged, state.filtered, state.added) = unsafe (
                drainer.pointee.merged, drainer.pointee.filtered, drainer.pointee.added
            )
            unsafe state.oldestRoot = unsafe drainer.pointee.roots.oldest
            monitor.signal()
        }
    }

    // MARK: errors of our own

    /// What happens to an error depends on the strategy; one notice goes to every exporter in any case.
    func report(_ error: TelemetryError) {
        errors.add(error, at: now)
        guard options.onError == .disableQuietly else { return }
        let recorder: Recorder?? = monitor.withLock {
            guard unsafe state.phase == .recording else { return .none }
            unsafe state.phase = .disabled
            return .some(unsafe state.recorder)
        }
        guard case .some(let recorder) = recorder else { return }
        recorder?.close()
        Diagnostics.line("telemetry is off from now on, because of: \(error)")
        wake.ring()
    }

    func processorFailed(_ processor: any RecordProcessor, _ error: any Error) {
        report(.component(name: "record processor \(type(of: processor))", problem: String(describing: error)))
    }

    // MARK: health

    var health: RecorderHealth {
        let counts = pool.counts, usage = pool.usage, state = withState { $0 }
        let names = [OL_CLOCK_COUNTER: "counter", OL_CLOCK_MANUAL: "manual"]
        return RecorderHealth(
            state: state.phase,
            recorded: Int(clamping: counts.written + counts.filtered + counts.dropped + counts.late)
                + state.added - state.merged,
            filtered: Int(clamping: counts.filtered) + state.filtered, dropped: Int(clamping: counts.dropped),
            overwritten: Int(clamping: counts.overwritten), late: Int(clamping: counts.late + counts.lateWritten),
            poolBytes: usage.bytes, threads: usage.threads, clock: names[clockKind] ?? "monotonic",
            telemetryErrors: errors.count, exporters: workers.map(\.currentHealth),
            plugins: state.plugins.map { entry in
                RecorderHealth.Plugin(
                    name: entry.name, error: entry.error,
                    exporters: entry.own?.engine.workers.map(\.currentHealth) ?? [])
            })
    }
}
