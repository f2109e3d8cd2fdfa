internal import COneLogger
internal import Synchronization

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// Every recorder of the process, for its end and for fork; the installed one; and how many scopes are open anywhere.
///
/// All of it is guarded by the monitor: that is why it is `Sendable`.
@safe
final class Registry: Sendable {
    static let shared = Registry()

    private let monitor = Monitor()
    nonisolated(unsafe) private var engines: [Engine] = []
    nonisolated(unsafe) private var installedRecorder: Recorder?
    nonisolated(unsafe) private var scopes = 0
    nonisolated(unsafe) private var hasExitHook = false, hasSaidDisabled = false
    nonisolated(unsafe) private var forking: [Engine] = []

    // MARK: recorders

    func add(_ engine: Engine) {
        monitor.withLock {
            unsafe engines.append(engine)
            guard unsafe !hasExitHook else { return }
            unsafe hasExitHook = true
            atexit { Registry.shared.shutdownAll("exit") }
        }
    }

    func remove(_ engine: Engine) {
        // A new list: the thread sanitizer knows nothing of reference counts, and would blame who changes the old one.
        monitor.withLock { unsafe engines = engines.filter { $0 !== engine } }
    }

    /// Shuts every recorder down, side by side, each within its own deadline; a plug-in's own one ends with its owner.
    func shutdownAll(_ reason: String) {
        let all = monitor.withLock { unsafe engines }.filter { !$0.isOwned.load(ordering: .relaxed) }
        // Whoever calls `exit` within a recorder's work ends that one itself: another thread would wait for it.
        guard let first = all.first(where: \.isAtWorkHere) ?? all.first else { return }
        let others = SideWork(
            all.filter { $0 !== first }
                .map { engine in { _ = engine.shutdown(until: engine.defaultDeadline, reason) } })
        let deadline = first.defaultDeadline
        _ = first.shutdown(until: deadline, reason)
        if first.isAtWorkHere { first.awaitOtherExporters(until: deadline) }
        others.wait(until: all.map(\.defaultDeadline).max() ?? 0)
    }

    // MARK: the current one

    var installed: Recorder? { monitor.withLock { unsafe installedRecorder } }

    func install(_ recorder: Recorder) -> Bool {
        monitor.withLock {
            guard unsafe installedRecorder == nil else { return false }
            unsafe installedRecorder = recorder
            publish()
            return true
        }
    }

    func uninstall() {
        monitor.withLock {
            unsafe installedRecorder = nil
            publish()
        }
    }

    func enterScope() {
        monitor.withLock {
            unsafe scopes += 1
            publish()
        }
    }

    func leaveScope() {
        monitor.withLock {
            unsafe scopes -= 1
            publish()
        }
    }

    private func publish() {
        let gate = unsafe scopes > 0 ? 1 : installedRecorder?.gate.load(ordering: .relaxed) ?? 0
        HotPath.gate.store(gate, ordering: .releasing)
    }

    var disabledWithNotice: Recorder {
        let isFirst = monitor.withLock {
            defer { unsafe hasSaidDisabled = true }
            return unsafe !hasSaidDisabled
        }
        if isFirst {
            Diagnostics.line(
                "no recorder is installed, so nothing is recorded; call Recorder.bootstrap or Recorder.install")
        }
        return Recorder.disabled
    }

    // MARK: fork

    /// Takes all locks, those of recorders that are made meanwhile as well; what is at work is waited for, but not for ever.
    func prepareFork() {
        let deadline = ol_monotonic() &+ ForkPause.patience.load(ordering: .relaxed)
        var prepared: [Engine] = []
        while true {
            monitor.lock()
            let others = unsafe engines.filter { engine in !prepared.contains { $0 === engine } }
            if others.isEmpty { break }
            monitor.unlock()
            for engine in others { engine.prepareFork(until: deadline) }
            prepared += others
        }
        unsafe forking = prepared
    }

    func parentAfterFork() {
        let all = unsafe forking
        unsafe forking = []
        monitor.unlock()
        for engine in all.reversed() { engine.parentAfterFork() }
    }

    func childAfterFork() {
        monitor.reset()
        let all = unsafe forking
        unsafe forking = []
        for engine in all { engine.childAfterFork() }
        ThreadBlocks.childAfterFork()
    }
}
