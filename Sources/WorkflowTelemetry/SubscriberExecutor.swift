internal import OneLogger

/// Runs an asynchronous subscriber on its subscription's own thread, so that neither waits for a free thread of Swift's
/// pool: a program that blocks all of those still has its events delivered.
///
/// Everything is guarded by the monitor: that is why it is `Sendable`.
@safe
final class SubscriberExecutor: TaskExecutor {
    private let monitor = Monitor()
    nonisolated(unsafe) private var jobs: [UnownedJob] = []
    nonisolated(unsafe) private var isDone = false

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        monitor.withLock {
            unsafe jobs.append(job)
            monitor.signal()
        }
    }

    /// Runs `body` to its end on the calling thread.
    func run(_ body: @escaping @Sendable () async -> Void) {
        monitor.withLock { unsafe isDone = false }
        Task(executorPreference: self) { [self] in
            await body()
            monitor.withLock { unsafe isDone = true }
        }
        while let job = next() { unsafe job.runSynchronously(on: asUnownedTaskExecutor()) }
    }

    private func next() -> UnownedJob? {
        monitor.withLock {
            while unsafe jobs.isEmpty {
                if unsafe isDone { return nil }
                _ = monitor.wait(until: Recorder.steadyNow &+ 1_000_000_000)
            }
            return unsafe jobs.removeFirst()
        }
    }
}
