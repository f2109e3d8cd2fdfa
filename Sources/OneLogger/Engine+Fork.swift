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

/// What a recorder does around fork().
extension Engine {
    func prepareFork(until deadline: UInt64) {
        // A pass may be running: it is waited for, so that the child finds nothing half done. Not where a record processor
        // is what forks.
        wake.waitForFirstSleep(until: deadline)
        let holdsDrain = beginDraining(until: deadline)
        for worker in workers { worker.restForFork(until: deadline) }
        monitor.lock()
        unsafe state.forkHoldsDrain = holdsDrain
        manualSpans.prepareFork()
        errors.prepareFork()
        metrics.prepareFork()
        wake.prepareFork()
        pool.monitor.lock()
        for worker in workers { worker.prepareFork(until: deadline) }
    }

    func parentAfterFork() {
        for worker in workers { worker.parentAfterFork() }
        pool.monitor.unlock()
        wake.parentAfterFork()
        metrics.parentAfterFork()
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
        metrics.childAfterFork(at: now)
        wake.childAfterFork()
        pool.childAfterFork()
        unsafe state.drainingThread = 0
        needsRestart.store(true, ordering: .relaxed)
        unsafe state.resource.pid = Int(getpid())
        // The old one is left as it is: this may be the middle of a pass, of this thread or of one that is gone.
        unsafe drainer = Self.makeDrainer(options)
        unsafe state.oldestRoot = nil
        if unsafe state.phase == .closed, unsafe state.shutdownReport == nil {
            // Whoever shuts it down is in the parent: nobody would make the report that a second shutdown waits for.
            unsafe state.shutdownReport = FlushReport(
                exported: 0, lost: 0, isComplete: false, pending: workers.map(\.name))
        }
        unsafe core.pointee.generation &+= 1
        for worker in workers { worker.childAfterFork(resource: unsafe state.resource) }
    }

    /// Starts the threads again in a forked child.
    ///
    /// Called when a thread needs a chunk. Inlined into the start of a manual span it would make the demo 0.7 % slower.
    @inline(never)
    func restartIfForked() {
        guard needsRestart.load(ordering: .relaxed), needsRestart.exchange(false, ordering: .relaxed) else { return }
        guard phase == .recording else { return }
        Signals.watchAgainInChild()
        for worker in workers { worker.restartAfterFork() }
        startThreads()
    }
}
