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
    func prepareFork() {
        // A pass may be running: it is waited for, so that the child finds nothing half done. Not for ever, because a
        // record processor may be what forks.
        let deadline = ol_monotonic() &+ 2_000_000_000
        wake.waitForFirstSleep(until: deadline)
        let holdsDrain = beginDraining(until: deadline)
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
        unsafe state.isDraining = false
        unsafe state.hasThread = false
        needsRestart.store(true, ordering: .relaxed)
        unsafe state.resource.pid = Int(getpid())
        unsafe drainer.childAfterFork(options.metrics)
        unsafe state.oldestRoot = nil
        unsafe core.pointee.generation &+= 1
        for worker in workers { worker.childAfterFork(resource: unsafe state.resource) }
    }

    /// Starts the threads again in a forked child.
    ///
    /// Called when a thread needs a chunk.
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
        startThreads()
    }
}
