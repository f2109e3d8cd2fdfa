internal import COneLogger
internal import OneLoggerCore

/// What becomes of an exporter around fork().
extension ExporterSlot {
    /// Lets the thread rest until the fork is over, and waits for that, for a bounded time.
    ///
    /// Holds nothing afterwards: what the exporter is in the middle of may ask for the recorder's health.
    func restForFork(until deadline: UInt64) {
        prepareFork(until: deadline)
        monitor.unlock()
    }

    /// Waits, for a bounded time, until the thread is in the middle of nothing, and keeps the lock.
    ///
    /// What the thread held, the child could never release, be it a lock of the exporter's or one of the language's runtime.
    func prepareFork(until deadline: UInt64) {
        monitor.lock()
        unsafe isForking = true
        while unsafe isRunning && !isParked && !needsThread && thread != thisThread, ol_monotonic() < deadline {
            _ = monitor.wait(until: deadline)
        }
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
        unsafe thread = 0
        unsafe needsThread = false
        unsafe isParked = false
        unsafe isForking = false
        unsafe isClosed = unsafe isClosed || !canReopen
        unsafe health.exported = 0
        unsafe health.lostToFailure = 0
        unsafe health.lostToFullInbox = 0
        unsafe health.lostToShutdown = 0
        unsafe health.consecutiveFailures = 0
        unsafe health.failures = 0
        unsafe exportDurations = MetricPoint.Histogram(bounds: SpanMetrics.bounds)
        unsafe context = ExporterContext(resource: resource, isReopening: true)
    }

    /// Promises the thread again, when the child records for the first time.
    func restartAfterFork() {
        monitor.withLock {
            guard unsafe !isClosed && isStarted else { return }
            unsafe isRunning = true
            unsafe needsThread = true
        }
    }
}
