internal import COneLogger
internal import OneLoggerCore

/// How a recorder's threads start, and when they wake.
extension Engine {
    func startExporters() {
        let context = ExporterContext(resource: resource)
        let policy = ExporterSlot.Policy(
            disableAfter: max(1, options.disableAfter),
            probeAfter: max(1_000_000, UInt64(clamping: options.probeAfter.clampedNanoseconds)))
        for worker in workers { worker.start(context, policy) }
    }

    /// From pass to pass, in nanoseconds.
    private var flushInterval: UInt64 { max(1_000_000, UInt64(clamping: options.flushInterval.clampedNanoseconds)) }

    /// Lets a pass happen now if it is due soon.
    ///
    /// For threads that record by a timer of their own: a processor that has just been woken for them wakes the drainer for a
    /// fifth of what an idle one takes.
    func drainIfDueSoon() { wake.ring(ifDueWithin: flushInterval / 4) }

    /// Starts the thread that drains, which then starts those of the exporters; again in a forked child, when it records.
    ///
    /// Whoever makes a recorder waits for one thread only.
    func startThreads() {
        // Now, while no other thread of ours takes memory, and with it the lock for the process's map.
        pool.makeAhead()
        wake.willSleep(true)
        let started = startThread { [self] in
            launchExporters()
            while true {
                wake.sleep(until: ol_monotonic() &+ flushInterval)
                switch phase {
                case .recording: _ = drain(until: .max, .whenDue)
                case .disabled:
                    _ = shutdown(
                        until: ol_monotonic() &+ UInt64(clamping: options.shutdownTimeout.clampedNanoseconds),
                        "disabled")
                    return
                // Plug-ins and the session are still being stopped, and threads record meanwhile.
                case .closed where !pool.isOver: _ = drain(until: .max, .never)
                default: return
                }
                pool.makeAhead()
            }
        }
        if !started {
            wake.willSleep(false)
            launchExporters()
            Diagnostics.line("no thread for exports could be started; records leave when flush or shutdown is called")
        }
    }

    func launchExporters() { for worker in workers { worker.launch() } }
}
