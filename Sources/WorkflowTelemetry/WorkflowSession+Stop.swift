package import OneLogger
internal import OneLoggerCore
internal import Synchronization

/// Whether a session has ended; those who end it again wait for the first.
///
/// Everything is guarded by the monitor: that is why it is `Sendable`.
@safe
final class SessionEnding: Sendable {
    private enum Phase { case running, ending, ended }
    private let monitor = Monitor()
    nonisolated(unsafe) private var phase = Phase.running
    nonisolated(unsafe) private var seconds: Double?

    var hasBegun: Bool { monitor.withLock { unsafe phase != .running } }
    var duration: Double? { monitor.withLock { unsafe seconds } }

    /// True for the first who asks.
    func begin() -> Bool {
        monitor.withLock {
            guard unsafe phase == .running else { return false }
            unsafe phase = .ending
            return true
        }
    }

    func setDuration(_ seconds: Double) { monitor.withLock { unsafe self.seconds = seconds } }

    func finish() {
        monitor.withLock {
            unsafe phase = .ended
            monitor.signal()
        }
    }

    func wait(until deadline: UInt64) {
        monitor.withLock {
            while unsafe phase != .ended, Recorder.steadyNow < deadline { _ = monitor.wait(until: deadline) }
        }
    }
}

extension WorkflowSession {
    /// Ends the session: open tasks get their last event, subscribers what waits for them, exporters everything.
    ///
    /// Once; a second call waits for the first and does nothing more. A subscriber may call it, and is not waited for then.
    ///
    /// - Parameter timeout: The longest wait, all together.
    public func stop(timeout: Duration = .seconds(10)) async {
        let limit = max(0, timeout / .seconds(1))
        let deadline = Recorder.steadyNow &+ UInt64(min(limit, 1e9) * 1e9)
        let caller = Subscription.current
        await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
            let work: @Sendable () -> Void = { [self] in
                finish(by: deadline, calledBy: caller)
                done.resume()
            }
            // It blocks, so not on a thread that tasks need.
            if !startThread(isMuted: false, work) { work() }
        }
    }

    private func finish(by deadline: UInt64, calledBy caller: Subscription?) {
        end(by: deadline, calledBy: caller)
        let now = Recorder.steadyNow, rest = Duration.nanoseconds(deadline > now ? Int64(clamping: deadline - now) : 0)
        do throws(TelemetryError) {
            if ownsRecorder { try recorder.shutdown(timeout: rest) } else { try recorder.flush(timeout: rest) }
        } catch { recorder.report(error) }
    }

    /// Ends the session itself; the recorder goes on.
    ///
    /// Nothing in a forked child: the session is its parent's, and so are the threads of its subscribers.
    func end(by deadline: UInt64, calledBy caller: Subscription? = nil) {
        guard isOwn else { return }
        guard ending.begin() else {
            if caller == nil { ending.wait(until: deadline) }  // the first may wait for the caller
            return
        }
        let limit = deadline > Recorder.steadyNow ? deadline - Recorder.steadyNow : 0
        let latest = recorder.moment.time.advanced(by: .nanoseconds(Int64(clamping: limit)))
        stopCompanions(by: latest)
        endOpenTasks()
        let seconds = now.seconds(since: beginning)
        ending.setDuration(seconds)
        recorder.emit(SessionEnded(durationSeconds: seconds), backend: backend)
        span.stop()
        let all = subscriptions.withLock { $0 }
        for subscription in all { subscription.close() }
        for subscription in all where subscription !== caller { subscription.wait(until: deadline) }
        recorder.handOver(until: deadline)
        recorder.close(opened)
        recorder.remove(kept)
        if let door = opened.observer as? SessionDoor { door.session.withLock { $0 = nil } }
        ending.finish()
    }

    /// Starts something that records for the session, and stops it before the session's end.
    package func add(_ companion: some RecorderPlugin) {
        do throws(TelemetryError) {
            try companion.start()
            companions.withLock { $0.append(companion) }
            if ending.hasBegun { stopCompanions(by: recorder.moment.time) }  // too late for whoever ends the session
        } catch { recorder.report(error) }
    }

    private func stopCompanions(by deadline: Timestamp) {
        let all = companions.withLock { companions in
            defer { companions = [] }
            return companions
        }
        for companion in all { companion.stop(deadline: deadline) }
    }

    /// Every task gets an end: it was given up, and nobody saw how it went on.
    private func endOpenTasks() {
        // From here on no task is new, so that none is left.
        let left = table.withLock { table in
            table.isClosing = true
            return table.openTasks
        }.map(\.id).sorted()
        for id in left {
            tell(.canceled, id, nil, ["incomplete_lifecycle": true, "reason": "session_ended"], nil, nil)
        }
        table.withLock { $0.isOver = true }
    }
}
