internal import COneLogger
internal import OneLoggerCore

/// Flush and shutdown, each by a deadline.
extension Engine {
    /// The engines of the recorders that belong to plug-ins.
    var owned: [Engine] { withState { $0.plugins.compactMap(\.own?.engine) } }

    /// Asks all exporters, also those of plug-ins, before it waits for one: what hangs takes no time from the others.
    func flush(until deadline: UInt64) -> FlushReport {
        var isDrained = true, requests: [(ExporterSlot, Int)] = []
        for engine in owned + [self] {
            if !engine.drain(until: deadline, .now) { isDrained = false }
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

    /// Stops plug-ins, ends what is open, drains, and closes the exporters, all by the deadline.
    ///
    /// Once; later calls get the first one's report.
    func shutdown(until deadline: UInt64, _ reason: String) -> FlushReport {
        let (isFirst, plugins): (Bool, [PluginEntry]) = monitor.withLock {
            guard unsafe state.phase != .closed else { return (false, []) }
            unsafe state.phase = .closed
            unsafe state.closingThread = thisThread
            return (true, unsafe state.plugins)
        }
        guard isFirst else { return awaitShutdown(until: deadline) }
        // Half of the time is the exporters', whatever a plug-in, a subscriber or a record processor does.
        let start = ol_monotonic(), half = deadline > start ? (deadline - start) / 2 : 0
        let latest = now.advanced(by: .nanoseconds(Int64(clamping: half)))
        pool.limitWaits(until: start &+ half)
        ThreadBlocks.unmuted {
            for plugin in plugins { plugin.plugin?.stop(deadline: latest) }
            unsafe OpenSession.open(on: core)?.observer.recorderEnds(by: start &+ half)
        }
        let owned = plugins.compactMap(\.own?.engine)
        let (mine, others) = (owned.filter(\.isAtWorkHere), owned.filter { !$0.isAtWorkHere })
        let ends = SideWork(others.map { engine in { _ = engine.shutdown(until: deadline, reason) } })
        monitor.withLock { unsafe state.recorder }?.close()
        manualSpans.stopAll(self, reason)
        pool.close()
        for worker in workers {
            worker.tryOnceMore()
            worker.announceClose(until: deadline)
        }
        var drained = drain(until: deadline, .never, isLast: true, entering: max(ol_monotonic(), start &+ half))
        if drained, beginDraining(until: deadline) {
            ThreadBlocks.muted {
                if let last = unsafe drainer.pointee.finish(self, reason) {
                    for worker in workers { worker.post(last) }
                }
            }
            endDraining()
        }
        // The last collection says what became of the last records: they are delivered first, by whoever does not hang.
        let now = ol_monotonic(), patience = min(1_000_000_000, deadline > now ? (deadline - now) / 4 : 0)
        for worker in workers { worker.awaitInbox(until: now &+ patience) }
        if !drain(until: deadline, .now, isLast: true) { drained = false }
        for worker in workers { worker.beginClose() }
        var pending: [String] = []
        for worker in workers where !worker.awaitClose(until: deadline) { pending.append(worker.name) }
        // On this thread, because another one would wait for it.
        for engine in mine { _ = engine.shutdown(until: deadline, reason) }
        ends.wait(until: deadline)
        wake.ring()
        pool.releaseFree()
        metrics.removeCallbacks()
        let report = report(isComplete: drained && pending.isEmpty, pending)
        monitor.withLock {
            unsafe state.shutdownReport = report
            unsafe state.closingThread = 0
            monitor.signal()
        }
        Registry.shared.remove(self)
        return report
    }

    private func awaitShutdown(until deadline: UInt64) -> FlushReport {
        // Who shuts down may wait for this thread.
        let isAwaited = isAtWorkHere
        let done: FlushReport? = monitor.withLock {
            while unsafe state.shutdownReport == nil && state.closingThread != thisThread, !isAwaited,
                ol_monotonic() < deadline
            {
                _ = monitor.wait(until: deadline)
            }
            return unsafe state.shutdownReport
        }
        return done ?? report(isComplete: false, workers.map(\.name))
    }

    /// Waits for the exporters that are not this thread, when a program ends within one while another thread shuts down.
    func awaitOtherExporters(until deadline: UInt64) {
        for worker in workers where !worker.isThisThread { worker.awaitClose(until: deadline) }
        for engine in owned { engine.awaitOtherExporters(until: deadline) }
    }
}
