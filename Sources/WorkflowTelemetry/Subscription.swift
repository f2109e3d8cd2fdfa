internal import OneLogger
internal import OneLoggerCore
internal import Synchronization

/// Events on their way to somebody who asked for them.
///
/// They come in order, one at a time, on a thread of their own: whoever is slow delays nobody else. What does not fit the
/// queue is lost for this subscriber, and counted.
///
/// Everything is guarded by the monitor: that is why it is `Sendable`.
@safe
public final class Subscription: Sendable {
    /// The subscription that the current task works for.
    @TaskLocal static var current: Subscription?

    private let types: Set<String>?
    private let capacity: Int
    private let body: @Sendable (EventRecord, Subscription) -> Void
    private let monitor = Monitor()
    nonisolated(unsafe) private var queue: [EventRecord] = []
    nonisolated(unsafe) private var head = 0
    nonisolated(unsafe) private var counts = (delivered: 0, lost: 0, failed: 0)
    nonisolated(unsafe) private var isClosed = false
    nonisolated(unsafe) private var isDone = false
    /// Its thread, which does not wait for itself; 0 before it runs.
    nonisolated(unsafe) private var thread: UInt = 0
    nonisolated(unsafe) private var hasThread = true
    private let hasLeft = Atomic<Bool>(false)

    init(types: Set<String>?, capacity: Int, _ body: @escaping @Sendable (EventRecord, Subscription) -> Void) {
        self.types = types
        self.capacity = max(1, capacity)
        self.body = body
        ForkPause.begin()
        if !startThread(isMuted: false, { [self] in run() }) {
            ForkPause.end()
            unsafe isDone = true
            unsafe isClosed = true
            unsafe hasThread = false
        }
    }

    /// How many events were handed over.
    public var delivered: Int { monitor.withLock { unsafe counts.delivered } }
    /// How many did not fit the queue, or were not handed over in time when the session stopped.
    public var lost: Int { monitor.withLock { unsafe counts.lost } }
    /// How often the subscriber threw.
    public var failures: Int { monitor.withLock { unsafe counts.failed } }

    /// No further event is handed over; what waits is forgotten, and not counted as lost.
    public func cancel() {
        hasLeft.store(true, ordering: .relaxed)
        monitor.withLock {
            unsafe isClosed = true
            unsafe queue = []
            unsafe head = 0
            monitor.signal()
        }
    }

    var isCancelled: Bool { hasLeft.load(ordering: .relaxed) }

    /// False when it was cancelled: then it may be forgotten.
    func offer(_ event: EventRecord) -> Bool {
        if isCancelled { return false }
        if let types, !types.contains(event.type) { return true }
        monitor.withLock {
            guard unsafe !isClosed || !hasThread else { return }
            guard unsafe queue.count - head < capacity, unsafe hasThread else {
                unsafe counts.lost += 1
                return
            }
            unsafe queue.append(event)
            monitor.signal()
        }
        return true
    }

    func noteFailure() { monitor.withLock { unsafe counts.failed += 1 } }

    /// Takes no more; what waits is still handed over.
    func close() {
        monitor.withLock {
            unsafe isClosed = true
            monitor.signal()
        }
    }

    /// Waits until everything is handed over; at the deadline the rest is counted as lost.
    ///
    /// Not in the subscriber itself, which goes on afterwards.
    func wait(until deadline: UInt64) {
        monitor.withLock {
            if unsafe thread == thisThread { return }
            while unsafe !isDone, Recorder.steadyNow < deadline { _ = monitor.wait(until: deadline) }
            guard unsafe !isDone else { return }
            unsafe counts.lost += queue.count - head
            unsafe queue = []
            unsafe head = 0
        }
    }

    private func run() {
        monitor.withLock { unsafe thread = thisThread }
        ForkPause.end()
        while let event = next() {
            body(event, self)
            monitor.withLock { unsafe counts.delivered += 1 }
        }
    }

    private func next() -> EventRecord? {
        monitor.withLock {
            while unsafe head == queue.count {
                if unsafe isClosed {
                    unsafe isDone = true
                    monitor.signal()
                    return nil
                }
                _ = monitor.wait(until: Recorder.steadyNow &+ 1_000_000_000)
            }
            let event = unsafe queue[head]
            unsafe head += 1
            if unsafe head == queue.count || head >= 1024 {
                unsafe queue.removeFirst(head)
                unsafe head = 0
            }
            return event
        }
    }
}
