internal import COneLogger
public import OneLoggerCore

/// One exporter with its thread and its bounded inbox.
///
/// Copyable and type-erased, so that slots fit into an array.
///
/// Belongs to one recorder. Why it is `Sendable`: all its state is touched with `monitor` held only, by a forked child's one
/// thread, which inherits it held, and in `init`. The exporter itself is touched by the slot's own thread only.
@safe
public final class ExporterSlot: Sendable {
    /// What a recorder tells its exporters.
    struct Policy: Sendable {
        var disableAfter = 5
        var probeAfter: UInt64 = 1_000_000_000
    }

    struct Item {
        var batch: Batch
        var ticket: Int
    }

    /// Losses that the backend has not been told about yet.
    struct Incident {
        var message: String
        var first: Timestamp
        var last: Timestamp
        var lost: Int
    }

    /// The exporter's name, as health and log lines show it.
    public let name: String
    /// True for an exporter whose options leave it nothing to do: a recorder that leaves it out loses nothing.
    public let isSwitchedOff: Bool
    let capacity: Int
    let work: @Sendable (ExporterSlot) -> Void
    let canReopen: Bool
    let monitor = Monitor()

    // From here to `init`: whoever reads or writes holds `monitor`. Functions that expect it held, `lose`, `measure` and
    // `takeFirst` among them, are called from such places only; `childAfterFork` is a child's one thread.

    nonisolated(unsafe) var policy = Policy()
    nonisolated(unsafe) var context = ExporterContext()
    nonisolated(unsafe) var inbox: [Item?] = []
    nonisolated(unsafe) var head = 0  // of the inbox: what lies before was taken
    nonisolated(unsafe) var inboxBytes = 0
    nonisolated(unsafe) var posted = 0, finished = 0
    nonisolated(unsafe) var flushRequested = 0, flushDone = 0, flushTicket = 0
    nonisolated(unsafe) var isStarted = false, isRunning = false, isClosing = false, isClosed = false,
        isAbandoned = false
    /// It is running as far as anybody else can see, and its thread is not made yet.
    nonisolated(unsafe) var needsThread = false
    nonisolated(unsafe) var health: ExporterHealth
    nonisolated(unsafe) var exportDurations = MetricPoint.Histogram(bounds: SpanMetrics.bounds)
    nonisolated(unsafe) var incident: Incident?
    nonisolated(unsafe) var probeAt: UInt64 = 0, rest: UInt64 = 0, quietUntil: UInt64 = 0,
        quietAboutLossesUntil: UInt64 = 0
    nonisolated(unsafe) var hasSaidBroken = false, isParked = false, isForking = false
    /// The drainer waited for it in vain, and it has finished nothing since.
    nonisolated(unsafe) var isStalled = false
    nonisolated(unsafe) var generation = 0, busyRecords = 0
    /// Its thread, which does not wait for itself; 0 before it runs.
    nonisolated(unsafe) var thread: UInt = 0

    private init(
        _ name: String, _ inboxBytes: Int, canReopen: Bool, isSwitchedOff: Bool = false,
        _ work: @escaping @Sendable (ExporterSlot) -> Void
    ) {
        self.name = name
        self.isSwitchedOff = isSwitchedOff
        capacity = max(inboxBytes, 64 << 10)
        self.work = work
        self.canReopen = canReopen
        unsafe health = ExporterHealth(
            name: name, state: .healthy, exported: 0, lostToFailure: 0, lostToFullInbox: 0, lostToShutdown: 0,
            consecutiveFailures: 0, failures: 0, lastError: nil, inboxBytes: 0, lastExportDuration: .seconds(0))
    }

    /// Takes an exporter over; from here on only the slot's own thread touches it.
    ///
    /// - Parameters:
    ///   - exporter: The exporter, open. A forked child has no use for it and counts what it would have got as lost.
    ///   - name: How health and log lines call it; by default its type's name.
    ///   - inboxBytes: The most that waits for it; what comes on top is lost for this exporter alone. At least 64 KiB.
    public convenience init<E: Exporter & ~Copyable>(
        _ exporter: consuming sending E, name: String? = nil, inboxBytes: Int = 8 << 20
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
    ///   - isSwitchedOff: Whether there is nothing for it to do; see ``isSwitchedOff``.
    ///   - opening: Opens the destination.
    public convenience init<E: Exporter & ~Copyable>(
        name: String, inboxBytes: Int = 8 << 20, isSwitchedOff: Bool = false,
        opening: @escaping @Sendable (ExporterContext) throws(ExportError) -> E
    ) {
        self.init(name, inboxBytes, canReopen: true, isSwitchedOff: isSwitchedOff) { slot in
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

    var currentContext: ExporterContext { monitor.withLock { unsafe context } }

    /// A batch was tried, with success or without; under the monitor.
    func measure(since began: UInt64) {
        let nanoseconds = Int64(clamping: ol_monotonic() &- began)
        unsafe health.lastExportDuration = .nanoseconds(nanoseconds)
        unsafe exportDurations.add(Double(nanoseconds) * 1e-9)
    }
}
