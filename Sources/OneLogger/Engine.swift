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

/// Everything of a recorder that outlives it. Immortal, like its core: a thread may look at it at any time.
///
/// `core` is written before any thread can see it, and later only by atomic stores; `drainer` belongs to whoever set
/// `isDraining`; the rest is guarded by `state`: that is why it is `Sendable`.
@safe @usableFromInline
final class Engine: Sendable {
    // Beside the flags that COneLogger.h names.
    static let remoteParentFlag: UInt32 = 16
    static let parentBasedFlag: UInt32 = 32
    static let noScope = TaskLocal<Scope?>(wrappedValue: nil)

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
        var isDraining = false, forkHoldsDrain = false
        var hasThread = false
        var resource: Resource
        var plugins: [PluginEntry] = []
        var shutdownReport: FlushReport?
        var merged = 0, filtered = 0, added = 0
    }
    /// True when another recorder shuts this one down.
    let isOwned = Atomic<Bool>(false)
    private let needsRestart = Atomic<Bool>(false)
    private let monitor = Monitor()
    nonisolated(unsafe) private var state: State
    nonisolated(unsafe) private var drainer = Drainer()

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

        unsafe core = .allocate(capacity: 1)
        unsafe core.initialize(to: ol_core())
        unsafe core.pointee.clock = Self.clock(options.clock)
        startedOnMonotonic = unsafe core.pointee.clock == UInt32(OL_CLOCK_MONOTONIC)
        var flags: UInt32 = options.filter.isActive ? UInt32(OL_FILTER) : 0
        switch options.sampling {
        case .all: break
        case .ratio(let ratio): flags |= sample(ratio)
        case .parentBased(let ratio): flags |= sample(ratio) | Self.parentBasedFlag
        }
        switch options.announce {
        case .nothing: break
        case .roots: flags |= UInt32(OL_ANNOUNCE_ROOTS)
        case .all: flags |= UInt32(OL_ANNOUNCE_ALL)
        }
        if remote.isValid { flags |= Self.remoteParentFlag }
        unsafe core.pointee.flags = flags
        unsafe core.pointee.scope = Unmanaged.passUnretained(scope).toOpaque()
        // Retained for ever.
        unsafe core.pointee.storage = Unmanaged.passRetained(self).toOpaque()
        _ = TickClock.origin
        _ = ThreadBlocks.install
    }

    /// Everything is sampled at 1 and above, nothing at 0, below it and for NaN.
    private func sample(_ ratio: Double) -> UInt32 {
        if ratio >= 1 { return 0 }
        unsafe core.pointee.threshold = ratio > 0 ? UInt64(ratio * 0x1p63) : 0
        return UInt32(OL_SAMPLE)
    }

    private static func clock(_ choice: RecorderOptions.ClockChoice) -> UInt32 {
        switch choice {
        case .manual: return UInt32(OL_CLOCK_MANUAL)
        case .monotonic: return UInt32(OL_CLOCK_MONOTONIC)
        case .automatic: return counterIsSafe ? UInt32(OL_CLOCK_COUNTER) : UInt32(OL_CLOCK_MONOTONIC)
        }
    }

    private static let counterIsSafe: Bool = {
        let forced = unsafe getenv("ONELOGGER_CLOCK").map { unsafe String(cString: $0) }
        return forced != "monotonic" && ol_counter_is_safe() == 1
    }()

    private static let hostName: String = {
        var bytes = [CChar](repeating: 0, count: 256)
        guard unsafe gethostname(&bytes, 255) == 0 else { return "" }
        return String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }()

    // MARK: small things

    var clockKind: UInt32 { unsafe ol_clock_kind(core) }

    /// From now on time comes from clock_gettime: the counter does not keep its rate.
    func leaveCounter() {
        guard clockKind == UInt32(OL_CLOCK_COUNTER) else { return }
        unsafe ol_set_clock_kind(core, UInt32(OL_CLOCK_MONOTONIC))
        Diagnostics.line("the processor's time-stamp counter changed its rate; times come from clock_gettime from now on")
    }

    /// Now, on the recorder's own time line.
    var now: Timestamp {
        if clockKind == UInt32(OL_CLOCK_MANUAL) { return Timestamp(nanoseconds: unsafe ol_manual(core)) }
        return Timestamp(nanoseconds: ol_realtime())
    }

    var resource: Resource { monitor.withLock { unsafe state.resource } }
    var phase: RecorderHealth.State { monitor.withLock { unsafe state.phase } }

    func withState<R>(_ body: (inout State) -> R) -> R { monitor.withLock { unsafe body(&state) } }

    func attach(_ recorder: Recorder) { monitor.withLock { unsafe state.recorder = recorder } }

    // MARK: start

    func startExporters() {
        let context = ExporterContext(resource: resource)
        let policy = ExporterSlot.Policy(
            disableAfter: max(1, options.disableAfter),
            probeAfter: UInt64(max(1_000_000, options.probeAfter.clampedNanoseconds)))
        for worker in workers { worker.start(context, policy) }
    }

    /// Starts the thread that drains; again in a forked child, when it records for the first time.
    func startDrainer() {
        let interval = UInt64(max(1_000_000, options.flushInterval.clampedNanoseconds))
        let started = startThread { [self] in
            while true {
                wake.sleep(until: ol_monotonic() &+ interval)
                switch phase {
                case .recording: _ = drain(until: .max, isLast: false)
                case .disabled:
                    _ = shutdown(until: ol_monotonic() &+ UInt64(max(0, options.shutdownTimeout.clampedNanoseconds)), "disabled")
                    return
                default: return
                }
                pool.makeAhead(4)
            }
        }
        withState { $0.hasThread = started }
        if !started { Diagnostics.line("no thread for exports could be started; records leave when flush or shutdown is called") }
    }

    // MARK: drain

    /// One pass: everything committed before the call reaches every inbox. False at the deadline.
    func drain(until deadline: UInt64, isLast: Bool) -> Bool {
        guard beginDraining(until: deadline) else { return false }
        defer { endDraining() }
        let notices = errors.takeNotices(now: now)
        ThreadBlocks.muted {
            unsafe drainer.pass(self, notices: notices, isLast: isLast) { batch in
                guard !batch.isEmpty else { return }
                for worker in workers { worker.post(batch) }
            }
        }
        return true
    }

    /// For tests and readers in the process: the next batches go to `body` instead of the exporters.
    func drain(_ body: (Batch) -> Void) {
        guard beginDraining(until: .max) else { return }
        defer { endDraining() }
        unsafe drainer.pass(self, notices: errors.takeNotices(now: now), isLast: false) { batch in
            if !batch.isEmpty { body(batch) }
        }
    }

    private func beginDraining(until deadline: UInt64) -> Bool {
        monitor.withLock {
            while unsafe state.isDraining {
                guard ol_monotonic() < deadline else { return false }
                _ = monitor.wait(until: min(deadline, ol_monotonic() &+ 1_000_000_000))
            }
            unsafe state.isDraining = true
            return true
        }
    }

    private func endDraining() {
        monitor.withLock {
            unsafe state.isDraining = false
            unsafe (state.merged, state.filtered, state.added) = unsafe (drainer.merged, drainer.filtered, drainer.added)
            monitor.signal()
        }
    }

    // MARK: flush and shutdown

    /// The engines of the recorders that belong to plug-ins.
    var owned: [Engine] { withState { $0.plugins.compactMap(\.own?.engine) } }

    /// Asks all exporters, also those of plug-ins, before it waits for one: what hangs takes no time from the others.
    func flush(until deadline: UInt64) -> FlushReport {
        var isDrained = true, requests: [(ExporterSlot, Int)] = []
        for engine in owned + [self] {
            if !engine.drain(until: deadline, isLast: false) { isDrained = false }
            requests += engine.workers.map { ($0, $0.beginFlush()) }
        }
        let pending = requests.filter { !$0.awaitFlush($1, until: deadline) }.map(\.0.name)
        return report(isComplete: isDrained && pending.isEmpty, pending)
    }

    private func report(isComplete: Bool, _ pending: [String]) -> FlushReport {
        let health = health
        return FlushReport(
            exported: health.exporters.reduce(0) { $0 + $1.exported },
            lost: health.lostBeforeExport + health.exporters.reduce(0) { $0 + $1.lost },
            isComplete: isComplete, pending: pending)
    }

    /// Stops plug-ins, ends what is open, drains, and closes the exporters, all by the deadline. Once; later calls get
    /// the first one's report.
    func shutdown(until deadline: UInt64, _ reason: String) -> FlushReport {
        let (isFirst, plugins): (Bool, [PluginEntry]) = monitor.withLock {
            guard unsafe state.phase != .closed else { return (false, []) }
            unsafe state.phase = .closed
            return (true, unsafe state.plugins)
        }
        guard isFirst else { return awaitShutdown(until: deadline) }
        let nanoseconds = deadline &- ol_monotonic()
        let latest = now.advanced(by: .nanoseconds(Int64(clamping: deadline > ol_monotonic() ? nanoseconds : 0)))
        ThreadBlocks.unmuted { for plugin in plugins { plugin.plugin?.stop(deadline: latest) } }
        let owned = SideWork(
            plugins.compactMap(\.own?.engine).map { engine in { _ = engine.shutdown(until: deadline, reason) } })
        monitor.withLock { unsafe state.recorder }?.close()
        manualSpans.stopAll(self, reason)
        pool.close()
        let drained = drain(until: deadline, isLast: true)
        if drained, beginDraining(until: deadline) {
            ThreadBlocks.muted {
                if let last = unsafe drainer.finish(self, reason) { for worker in workers { worker.post(last) } }
            }
            endDraining()
        }
        for worker in workers { worker.beginClose() }
        var pending: [String] = []
        for worker in workers where !worker.awaitClose(until: deadline) { pending.append(worker.name) }
        owned.wait(until: deadline)
        wake.ring()
        pool.releaseFree()
        let report = report(isComplete: drained && pending.isEmpty, pending)
        monitor.withLock {
            unsafe state.shutdownReport = report
            monitor.signal()
        }
        Registry.shared.remove(self)
        return report
    }

    private func awaitShutdown(until deadline: UInt64) -> FlushReport {
        let done: FlushReport? = monitor.withLock {
            while unsafe state.shutdownReport == nil, ol_monotonic() < deadline { _ = monitor.wait(until: deadline) }
            return unsafe state.shutdownReport
        }
        return done ?? report(isComplete: false, workers.map(\.name))
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
        let names = [UInt32(OL_CLOCK_COUNTER): "counter", UInt32(OL_CLOCK_MANUAL): "manual"]
        return RecorderHealth(
            state: state.phase,
            recorded: Int(counts.written + counts.filtered + counts.dropped + counts.late) + state.added - state.merged,
            filtered: Int(counts.filtered) + state.filtered, dropped: Int(counts.dropped),
            overwritten: Int(counts.overwritten), late: Int(counts.late + counts.lateWritten),
            poolBytes: usage.bytes, threads: usage.threads, clock: names[clockKind] ?? "monotonic",
            telemetryErrors: errors.count, exporters: workers.map(\.currentHealth),
            plugins: state.plugins.map { entry in
                RecorderHealth.Plugin(
                    name: entry.name, error: entry.error,
                    exporters: entry.own?.engine.workers.map(\.currentHealth) ?? [])
            })
    }

    // MARK: fork

    func prepareFork() {
        // A pass may be running: it is waited for, so that the child finds nothing half done. Not for ever, because a
        // record processor may be what forks.
        let holdsDrain = beginDraining(until: ol_monotonic() &+ 1_000_000_000)
        monitor.lock()
        unsafe state.forkHoldsDrain = holdsDrain
        manualSpans.prepareFork()
        errors.prepareFork()
        wake.prepareFork()
        pool.monitor.lock()
        for worker in workers { worker.prepareFork() }
    }

    func parentAfterFork() {
        for worker in workers { worker.parentAfterFork() }
        pool.monitor.unlock()
        wake.parentAfterFork()
        errors.parentAfterFork()
        manualSpans.parentAfterFork()
        let holdsDrain = unsafe state.forkHoldsDrain
        monitor.unlock()
        if holdsDrain { endDraining() }
    }

    func childAfterFork() {
        monitor.reset()
        manualSpans.childAfterFork()
        errors.childAfterFork()
        wake.childAfterFork()
        pool.childAfterFork()
        unsafe state.isDraining = false
        unsafe state.hasThread = false
        needsRestart.store(true, ordering: .relaxed)
        unsafe state.resource.pid = Int(getpid())
        unsafe drainer.childAfterFork()
        unsafe core.pointee.generation &+= 1
        for worker in workers { worker.childAfterFork(resource: unsafe state.resource) }
    }

    /// Starts the threads again in a forked child. Called when a thread needs a chunk.
    func restartIfForked() {
        guard needsRestart.load(ordering: .relaxed), needsRestart.exchange(false, ordering: .relaxed) else { return }
        let isNeeded = withState { state in
            guard !state.hasThread, state.phase == .recording else { return false }
            state.hasThread = true
            return true
        }
        guard isNeeded else { return }
        Signals.watchAgainInChild()
        for worker in workers { worker.restartAfterFork() }
        startDrainer()
    }
}

/// Where the drainer sleeps. A wake costs as much as a hundred spans, so it is rung only when it matters.
final class DrainerBell: Sendable {
    private let monitor = Monitor()
    private let isRung = Atomic<Bool>(false)

    func sleep(until deadline: UInt64) {
        monitor.withLock {
            while !isRung.exchange(false, ordering: .acquiringAndReleasing) {
                if !monitor.wait(until: deadline), ol_monotonic() >= deadline { return }
            }
        }
    }

    func ring() {
        guard !isRung.exchange(true, ordering: .acquiringAndReleasing) else { return }
        monitor.withLock { monitor.signal() }
    }

    func prepareFork() { monitor.lock() }
    func parentAfterFork() { monitor.unlock() }
    func childAfterFork() { monitor.reset() }
}
