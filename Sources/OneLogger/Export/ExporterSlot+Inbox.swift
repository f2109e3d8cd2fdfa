internal import COneLogger
internal import OneLoggerCore

/// What the recorder asks of an exporter: take, flush, close.
extension ExporterSlot {
    /// Accepts batches from now on; the thread follows with ``launch()``.
    ///
    /// A slot belongs to one recorder.
    func start(_ context: ExporterContext, _ policy: Policy) {
        monitor.withLock {
            precondition(unsafe !isStarted, "an ExporterSlot belongs to one Recorder; make another one")
            unsafe isStarted = true
            unsafe self.context = context
            unsafe self.policy = policy
            unsafe isRunning = true
            unsafe needsThread = true
        }
    }

    /// Starts the thread that ``start(_:_:)`` or ``restartAfterFork()`` promised, and nothing otherwise.
    func launch() {
        let promised: Int? = monitor.withLock {
            guard unsafe needsThread else { return nil }
            unsafe needsThread = false
            return unsafe self.generation
        }
        guard let generation = promised else { return }
        let started = startThread {
            self.monitor.withLock { unsafe self.thread = thisThread }
            self.work(self)
            self.monitor.withLock {
                guard unsafe self.generation == generation else { return }
                unsafe self.thread = 0  // the next thread may get the same number
                unsafe self.isRunning = false
                unsafe self.isClosed = true
                unsafe self.health.state = .closed
                self.monitor.signal()
            }
        }
        guard !started else { return }
        monitor.withLock {
            for item in unsafe inbox[head...] { lose(item?.batch.count ?? 0, \.lostToShutdown, "no thread") }
            unsafe inbox = []
            unsafe head = 0
            unsafe inboxBytes = 0
            unsafe isRunning = false
            unsafe isClosed = true
            unsafe health.state = .closed
            monitor.signal()
        }
        Diagnostics.line(
            "exporter '\(name)' has no thread, because the system refuses another one: its records are lost")
    }

    /// How long the drainer waits for an exporter that does nothing at all, once: longer than a disk hesitates.
    ///
    /// Unit: nanoseconds.
    private static let patience: UInt64 = 1_000_000_000

    /// Puts a batch into the inbox, or counts it as lost when the inbox is full.
    ///
    /// - Parameters:
    ///   - batch: What to export.
    ///   - deadline: Until when to wait for room in the inbox of an exporter that gets on with its work, so that a fast
    ///     job slows down before it loses records; 0 to wait for nobody. One that does nothing for a while is waited
    ///     for once, and not again before it has finished a batch.
    func post(_ batch: Batch, waitingUntil deadline: UInt64 = 0) {
        monitor.withLock {
            guard unsafe !isClosing, unsafe !isClosed else { return lose(batch.count, \.lostToShutdown, "closed") }
            while isFull(for: batch), unsafe isRunning && !isStalled && thread != thisThread,
                unsafe health.state != .disabled, ol_monotonic() < deadline
            {
                let before = unsafe finished, limit = min(deadline, ol_monotonic() &+ Self.patience)
                while isFull(for: batch), unsafe finished == before, ol_monotonic() < limit {
                    _ = monitor.wait(until: limit)
                }
                unsafe isStalled = finished == before && isFull(for: batch)
            }
            // The shutdown may have given it up meanwhile: nobody would take what is put here, or count it.
            guard unsafe !isAbandoned && !isClosed else { return lose(batch.count, \.lostToShutdown, "closed") }
            guard !isFull(for: batch) else {
                return lose(batch.count, \.lostToFullInbox, "the exporter is too slow; its inbox is full")
            }
            unsafe posted += 1
            unsafe inbox.append(Item(batch: batch, ticket: posted))
            unsafe inboxBytes += batch.byteCount
        }
        // Outside, or the thread that wakes would wait for the lock.
        monitor.signal()
    }

    /// Ends a disabled exporter's rest: what comes last is worth one more attempt.
    func tryOnceMore() { monitor.withLock { unsafe probeAt = 0 } }

    private func isFull(for batch: Batch) -> Bool { unsafe inboxBytes > 0 && inboxBytes + batch.byteCount > capacity }

    /// Whether the caller is this exporter, or what it calls.
    var isThisThread: Bool { monitor.withLock { unsafe thread == thisThread } }

    /// Asks for a flush behind everything posted before.
    ///
    /// The number to wait for.
    func beginFlush() -> Int {
        monitor.withLock {
            unsafe flushTicket = posted
            unsafe flushRequested += 1
            monitor.signal()
            return unsafe flushRequested
        }
    }

    /// Waits until a flush is done.
    ///
    /// False when it was not by the deadline, or when the exporter itself waits.
    func awaitFlush(_ request: Int, until deadline: UInt64) -> Bool {
        monitor.withLock {
            while unsafe flushDone < request && isRunning {
                guard unsafe thread != thisThread, ol_monotonic() < deadline else { return false }
                _ = monitor.wait(until: deadline)
            }
            return true
        }
    }

    /// Waits until everything posted before has been tried.
    func awaitInbox(until deadline: UInt64) {
        monitor.withLock {
            let ticket = unsafe posted
            while unsafe finished < ticket && isRunning && thread != thisThread, ol_monotonic() < deadline {
                _ = monitor.wait(until: deadline)
            }
        }
    }

    /// Tells the thread to export what waits, and then to close.
    func beginClose() {
        monitor.withLock {
            unsafe isClosing = true
            monitor.signal()
        }
    }

    /// Tells the exporter that a shutdown has begun, and until when it may take.
    func announceClose(until deadline: UInt64) {
        let notice = monitor.withLock { unsafe context.shutdown }
        let now = ol_monotonic(), left = deadline > now ? deadline - now : 0
        notice.give(until: .now + .nanoseconds(Int64(clamping: min(left, 1 &<< 60))))
    }

    /// Waits for the thread; what it has not delivered by the deadline counts as lost.
    ///
    /// False when it was still busy.
    @discardableResult
    func awaitClose(until deadline: UInt64) -> Bool {
        monitor.withLock {
            while unsafe isRunning && thread != thisThread, ol_monotonic() < deadline {
                _ = monitor.wait(until: deadline)
            }
            guard unsafe isRunning || head < inbox.count else { return true }
            var left = unsafe busyRecords
            for item in unsafe inbox[head...] { left += item?.batch.count ?? 0 }
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
}
