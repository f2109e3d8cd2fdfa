internal import COneLogger
public import OneLoggerCore

/// One exporter with its thread and its bounded inbox. Copyable and type-erased, so that slots fit into an array.
///
/// Belongs to one recorder. All its state is guarded by one monitor, and the exporter itself is touched by its own
/// thread only: that is why it is `Sendable`.
@safe
public final class ExporterSlot: Sendable {
    /// What a recorder tells its exporters.
    struct Policy: Sendable {
        var disableAfter = 5
        var probeAfter: UInt64 = 1_000_000_000
    }

    private struct Item {
        var batch: Batch
        var ticket: Int
    }

    /// Losses that the backend has not been told about yet.
    private struct Incident {
        var message: String
        var first: Timestamp
        var last: Timestamp
        var lost: Int
    }

    /// The exporter's name, as health and log lines show it.
    public let name: String
    private let capacity: Int
    private let work: @Sendable (ExporterSlot) -> Void
    private let canReopen: Bool
    private let monitor = Monitor()

    nonisolated(unsafe) private var policy = Policy()
    nonisolated(unsafe) private var context = ExporterContext()
    nonisolated(unsafe) private var inbox: [Item] = []
    nonisolated(unsafe) private var head = 0  // of the inbox: what lies before was taken
    nonisolated(unsafe) private var inboxBytes = 0
    nonisolated(unsafe) private var posted = 0, finished = 0
    nonisolated(unsafe) private var flushRequested = 0, flushDone = 0, flushTicket = 0
    nonisolated(unsafe) private var isStarted = false, isRunning = false, isClosing = false, isClosed = false, isAbandoned = false
    nonisolated(unsafe) private var health: ExporterHealth
    nonisolated(unsafe) private var incident: Incident?
    nonisolated(unsafe) private var probeAt: UInt64 = 0, rest: UInt64 = 0, quietUntil: UInt64 = 0
    nonisolated(unsafe) private var hasSaidBroken = false, isParked = false, isForking = false
    nonisolated(unsafe) private var generation = 0, busyRecords = 0

    private init(_ name: String, _ inboxBytes: Int, canReopen: Bool, _ work: @escaping @Sendable (ExporterSlot) -> Void) {
        self.name = name
        capacity = max(inboxBytes, 64 << 10)
        self.work = work
        self.canReopen = canReopen
        unsafe health = ExporterHealth(
            name: name, state: .healthy, exported: 0, lostToFailure: 0, lostToFullInbox: 0, lostToShutdown: 0,
            consecutiveFailures: 0, failures: 0, lastError: nil, inboxBytes: 0, lastExportDuration: .zero)
    }

    /// Takes an exporter over; from here on only the slot's own thread touches it.
    ///
    /// - Parameters:
    ///   - exporter: The exporter, open. A forked child has no use for it and counts what it would have got as lost.
    ///   - name: How health and log lines call it; by default its type's name.
    ///   - inboxBytes: The most that waits for it; what comes on top is lost for this exporter alone. At least 64 KiB.
    public convenience init<E: Exporter & ~Copyable>(
        _ exporter: consuming sending E, name: String? = nil, inboxBytes: Int = 16 << 20
    ) {
        let cell = Cell(exporter)
        self.init(name ?? String(describing: E.self), inboxBytes, canReopen: false) { slot in
            guard var exporter = unsafe cell.exporter.take() else { return }
            slot.run(&exporter)
            do throws(ExportError) { try exporter.close() } catch { slot.closingFailed(error) }
        }
    }

    /// Describes an exporter that is opened by the slot's own thread, again in a forked child, and again until it opens.
    ///
    /// - Parameters:
    ///   - name: How health and log lines call it.
    ///   - inboxBytes: The most that waits for it; what comes on top is lost for this exporter alone. At least 64 KiB.
    ///   - opening: Opens the destination.
    public convenience init<E: Exporter & ~Copyable>(
        name: String, inboxBytes: Int = 16 << 20,
        opening: @escaping @Sendable (ExporterContext) throws(ExportError) -> E
    ) {
        self.init(name, inboxBytes, canReopen: true) { slot in
            var opened = Opening(slot: slot, open: opening)
            opened.openNow()
            slot.run(&opened)
            do throws(ExportError) { try opened.close() } catch { slot.closingFailed(error) }
        }
    }

    /// Lets an exporter travel into the thread's closure, which cannot capture a non-copyable value that it consumes.
    ///
    /// Written once before the thread starts and taken once by that thread: that is why it is `Sendable`.
    @safe
    private final class Cell<E: Exporter & ~Copyable>: Sendable {
        nonisolated(unsafe) var exporter: E?
        init(_ exporter: consuming sending E) { unsafe self.exporter = consume exporter }
    }

    /// An exporter that may not be open yet.
    private struct Opening<E: Exporter & ~Copyable>: Exporter, ~Copyable {
        let slot: ExporterSlot
        let open: @Sendable (ExporterContext) throws(ExportError) -> E
        var exporter: E?

        init(slot: ExporterSlot, open: @escaping @Sendable (ExporterContext) throws(ExportError) -> E) {
            self.slot = slot
            self.open = open
            exporter = nil
        }

        /// Opens before the first batch, so that a wrong destination is heard of at once.
        mutating func openNow() {
            do throws(ExportError) { exporter = try open(slot.currentContext) } catch { slot.openingFailed(error) }
        }

        mutating func export(_ batch: Batch) throws(ExportError) {
            if exporter == nil { exporter = try open(slot.currentContext) }
            try exporter?.export(batch)
        }

        mutating func flush() throws(ExportError) { try exporter?.flush() }

        consuming func close() throws(ExportError) {
            if let exporter = exporter.take() { try exporter.close() }
        }
    }

    private var currentContext: ExporterContext { monitor.withLock { unsafe context } }

    // MARK: the exporter's thread

    private func run<E: Exporter & ~Copyable>(_ exporter: inout E) {
        while true {
            switch next() {
            case .batch(let item, let batch, let tells):
                let began = ol_monotonic()
                do throws(ExportError) {
                    try exporter.export(batch)
                    succeeded(item, tells, began)
                } catch {
                    failed(item, error, began)
                }
            case .flush(let request):
                do throws(ExportError) { try exporter.flush() } catch { flushFailed(error) }
                monitor.withLock {
                    unsafe flushDone = request
                    monitor.signal()
                }
            case .stop:
                return
            }
        }
    }

    private enum Step {
        /// What waited, what to export, and whether that tells of the open incident.
        case batch(Item, Batch, Bool)
        case flush(Int)
        case stop
    }

    private func next() -> Step {
        monitor.lock()
        defer { monitor.unlock() }
        while true {
            if unsafe isForking { park(until: ol_monotonic() + 1_000_000_000) }
            if unsafe isAbandoned { return .stop }
            if unsafe flushDone < flushRequested, unsafe finished >= flushTicket { return .flush(unsafe flushRequested) }
            if unsafe head < inbox.count {
                let item = takeFirst()
                let now = ol_monotonic()
                if unsafe health.state == .disabled, unsafe now < probeAt, unsafe !isClosing {
                    lose(item.batch.count, \.lostToFailure, "disabled after repeated failures")
                    unsafe finished = item.ticket
                    monitor.signal()
                    continue
                }
                unsafe busyRecords = item.batch.count
                return .batch(item, prepared(item.batch), unsafe incident != nil)
            }
            if unsafe isClosing { return .stop }
            park(until: ol_monotonic() + 3_600_000_000_000)
        }
    }

    /// Waits, and says to a thread that is about to fork that nothing is held here.
    private func park(until deadline: UInt64) {
        unsafe isParked = true
        if unsafe isForking { monitor.signal() }
        _ = monitor.wait(until: deadline)
        unsafe isParked = false
    }

    private func takeFirst() -> Item {
        let item = unsafe inbox[head]
        unsafe head += 1
        unsafe inboxBytes -= item.batch.byteCount
        if unsafe head == inbox.count || head >= 1024 {
            unsafe inbox.removeFirst(head)
            unsafe head = 0
        }
        return item
    }

    /// The batch with what the backend must be told, in words that fit what it has got so far.
    private func prepared(_ batch: Batch) -> Batch {
        guard unsafe incident != nil || !batch.dataErrors.isEmpty else { return batch }
        let kind = unsafe health.exported > 0 ? TelemetryDataError.Kind.incompleteTelemetryData : .noTelemetryData
        var errors = batch.dataErrors
        for place in errors.indices { errors[place].kind = kind }
        if let incident = unsafe incident {
            errors.insert(
                TelemetryDataError(
                    kind, incident.message, firstTime: incident.first, time: incident.last, lostRecords: incident.lost,
                    attributes: ["exporter": .string(name)]), at: 0)
        }
        return batch.with(metrics: batch.metrics, dataErrors: errors)
    }

    private func succeeded(_ item: Item, _ told: Bool, _ began: UInt64) {
        let line: String? = monitor.withLock { () -> String? in
            unsafe busyRecords = 0
            unsafe finished = item.ticket
            unsafe health.lastExportDuration = .nanoseconds(Int64(clamping: ol_monotonic() &- began))
            defer { monitor.signal() }
            guard unsafe !isAbandoned else { return nil }
            unsafe health.exported += item.batch.count
            unsafe health.consecutiveFailures = 0
            unsafe health.state = .healthy
            unsafe rest = 0
            let lost = unsafe incident?.lost ?? 0
            if told { unsafe incident = nil }
            guard unsafe hasSaidBroken else { return nil }
            unsafe hasSaidBroken = false
            return "exporter '\(name)' works again; \(lost) records were lost"
        }
        if let line { Diagnostics.line(line) }
    }

    private func failed(_ item: Item, _ error: ExportError, _ began: UInt64) {
        let line: String? = monitor.withLock {
            unsafe busyRecords = 0
            unsafe finished = item.ticket
            unsafe health.lastExportDuration = .nanoseconds(Int64(clamping: ol_monotonic() &- began))
            defer { monitor.signal() }
            guard unsafe !isAbandoned else { return nil }
            lose(item.batch.count, \.lostToFailure, "export failed: \(error)")
            unsafe health.failures += 1
            unsafe health.consecutiveFailures += 1
            let isFirst = unsafe health.state == .healthy
            unsafe health.lastError = error
            unsafe health.state = .failing
            if unsafe health.consecutiveFailures >= policy.disableAfter {
                unsafe health.state = .disabled
                unsafe rest = rest == 0 ? policy.probeAfter : min(rest * 2, 60_000_000_000)
                unsafe probeAt = ol_monotonic() + rest
            }
            return isFirst ? broken(error) : nil
        }
        if let line { Diagnostics.line(line) }
    }

    /// One line when an exporter breaks, and at most one such pair a minute.
    private func broken(_ error: ExportError) -> String? {
        let now = ol_monotonic()
        guard unsafe now >= quietUntil else { return nil }
        unsafe quietUntil = now + 60_000_000_000
        unsafe hasSaidBroken = true
        return "exporter '\(name)' fails: \(error) Records are lost for it until it works again."
    }

    private func lose(_ count: Int, _ reason: WritableKeyPath<ExporterHealth, Int>, _ message: String) {
        unsafe health[keyPath: reason] += count
        let now = Timestamp(nanoseconds: ol_realtime())
        if unsafe incident == nil {
            unsafe incident = Incident(message: message, first: now, last: now, lost: 0)
        }
        unsafe incident?.last = now
        unsafe incident?.lost += count
    }

    private func openingFailed(_ error: ExportError) {
        let line: String? = monitor.withLock {
            unsafe health.lastError = error
            unsafe health.state = .failing
            return broken(error)
        }
        if let line { Diagnostics.line(line) }
    }

    private func flushFailed(_ error: ExportError) { monitor.withLock { unsafe health.lastError = error } }

    private func closingFailed(_ error: ExportError) {
        monitor.withLock {
            unsafe health.lastError = error
            unsafe health.failures += 1
        }
    }

    // MARK: the recorder

    /// Starts the thread. A slot belongs to one recorder.
    func start(_ context: ExporterContext, _ policy: Policy) {
        monitor.withLock {
            precondition(unsafe !isStarted, "an ExporterSlot belongs to one Recorder; make another one")
            unsafe isStarted = true
            unsafe self.context = context
            unsafe self.policy = policy
        }
        startWorker()
    }

    private func startWorker() {
        let generation = monitor.withLock {
            unsafe isRunning = true
            return unsafe self.generation
        }
        let started = startThread {
            self.work(self)
            self.monitor.withLock {
                guard unsafe self.generation == generation else { return }
                unsafe self.isRunning = false
                unsafe self.isClosed = true
                unsafe self.health.state = .closed
                self.monitor.signal()
            }
        }
        guard !started else { return }
        monitor.withLock {
            unsafe isRunning = false
            unsafe isClosed = true
        }
    }

    /// Puts a batch into the inbox, or counts it as lost when the inbox is full.
    func post(_ batch: Batch) {
        monitor.withLock {
            guard unsafe !isClosing, unsafe !isClosed else { return lose(batch.count, \.lostToShutdown, "closed") }
            guard unsafe inboxBytes + batch.byteCount <= capacity || inboxBytes == 0 else {
                return lose(batch.count, \.lostToFullInbox, "the exporter is too slow; its inbox is full")
            }
            unsafe posted += 1
            unsafe inbox.append(Item(batch: batch, ticket: posted))
            unsafe inboxBytes += batch.byteCount
            monitor.signal()
        }
    }

    /// Asks for a flush behind everything posted before. The number to wait for.
    func beginFlush() -> Int {
        monitor.withLock {
            unsafe flushTicket = posted
            unsafe flushRequested += 1
            monitor.signal()
            return unsafe flushRequested
        }
    }

    /// Waits until a flush is done. False when it was not by the deadline.
    func awaitFlush(_ request: Int, until deadline: UInt64) -> Bool {
        monitor.withLock {
            while unsafe flushDone < request && isRunning {
                guard ol_monotonic() < deadline else { return false }
                _ = monitor.wait(until: deadline)
            }
            return true
        }
    }

    /// Tells the thread to export what waits, and then to close.
    func beginClose() {
        monitor.withLock {
            unsafe isClosing = true
            monitor.signal()
        }
    }

    /// Waits for the thread; what it has not delivered by the deadline counts as lost. False when it was still busy.
    @discardableResult
    func awaitClose(until deadline: UInt64) -> Bool {
        monitor.withLock {
            while unsafe isRunning, ol_monotonic() < deadline { _ = monitor.wait(until: deadline) }
            guard unsafe isRunning || head < inbox.count else { return true }
            var left = unsafe busyRecords
            for item in unsafe inbox[head...] { left += item.batch.count }
            lose(left, \.lostToShutdown, "the shutdown's deadline passed")
            unsafe inbox = []
            unsafe head = 0
            unsafe inboxBytes = 0
            unsafe isAbandoned = true
            unsafe health.state = .closed
            monitor.signal()
            return false
        }
    }

    var currentHealth: ExporterHealth {
        monitor.withLock {
            var health = unsafe health
            health.inboxBytes = unsafe inboxBytes
            return health
        }
    }

    // MARK: fork

    /// Waits, for a bounded time, until the thread is in the middle of nothing: what it held, the child could never
    /// release, be it a lock of the exporter's or one of the language's runtime.
    func prepareFork(until deadline: UInt64) {
        monitor.lock()
        unsafe isForking = true
        while unsafe isRunning, unsafe !isParked, ol_monotonic() < deadline { _ = monitor.wait(until: deadline) }
    }

    func parentAfterFork() {
        unsafe isForking = false
        monitor.signal()
        monitor.unlock()
    }

    /// In a forked child: the thread is gone, and what waited belongs to the parent.
    func childAfterFork(resource: Resource) {
        monitor.reset()
        unsafe inbox = []
        unsafe head = 0
        unsafe inboxBytes = 0
        unsafe posted = 0
        unsafe finished = 0
        unsafe flushDone = flushRequested
        unsafe flushTicket = 0
        unsafe busyRecords = 0
        unsafe incident = nil
        unsafe generation += 1
        unsafe isRunning = false
        unsafe isParked = false
        unsafe isForking = false
        unsafe isClosed = unsafe isClosed || !canReopen
        unsafe health.exported = 0
        unsafe health.lostToFailure = 0
        unsafe health.lostToFullInbox = 0
        unsafe health.lostToShutdown = 0
        unsafe health.consecutiveFailures = 0
        unsafe context = ExporterContext(resource: resource, isReopening: true)
    }

    /// Starts the thread again, when the child records for the first time.
    func restartAfterFork() {
        guard monitor.withLock({ unsafe !isClosed && isStarted }) else { return }
        startWorker()
    }
}
