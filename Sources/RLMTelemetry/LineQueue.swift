internal import OneLogger
internal import OneLoggerCore
internal import OneLoggerText
internal import Synchronization

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// Lines on their way into the files of a folder, and the thread that writes them.
///
/// Everything is guarded by the monitor, but for the files, which the thread alone touches: that is why it is `Sendable`.
@safe
final class LineQueue: Sendable {
    enum Line: Sendable {
        case step(StepLine)
        case run(RunLine)
    }

    struct Health: Sendable {
        var isWorking = true
        var written = 0
        var dropped = 0
        var lastError: String?
    }

    /// How long a line waits at most.
    private static let interval: UInt64 = 100_000_000
    private let monitor = Monitor()
    private let lineLimit: Int, byteLimit: Int
    /// The process that has the thread: a forked child waits for none of it, and takes no lock that it may have held.
    private let home = HomeProcess()
    nonisolated(unsafe) private var waiting: [Line] = []
    nonisolated(unsafe) private var waitingBytes = 0
    /// Lines, and the making of the folders before them.
    nonisolated(unsafe) private var appended = 1, finished = 0
    nonisolated(unsafe) private var isClosing = false, isUrgent = false, isOver = false
    nonisolated(unsafe) private var healthNow = Health()

    init(_ directory: String, lines: Int, bytes: Int) {
        lineLimit = lines
        byteLimit = bytes
        OpenQueues.add(self)
        let isStarted = startThread { [self] in run(directory) }
        guard !isStarted else { return }
        monitor.withLock {
            unsafe isOver = true
            unsafe healthNow.isWorking = false
            unsafe healthNow.lastError = "no thread for writing could be started"
        }
    }

    var health: Health { monitor.withLock { unsafe healthNow } }

    // MARK: any thread

    /// Adds a line; never waits for the disk.
    func append(_ line: Line, bytes: Int) {
        monitor.withLock {
            guard unsafe !isClosing, unsafe !isOver else {
                unsafe healthNow.dropped += 1
                return
            }
            guard unsafe waiting.count < lineLimit, unsafe waitingBytes + bytes <= byteLimit else {
                unsafe healthNow.dropped += 1
                unsafe healthNow.lastError = "the queue was full"
                return
            }
            unsafe waiting.append(line)
            unsafe waitingBytes += bytes
            unsafe appended += 1
            // The thread comes by itself; it is woken, which is slow, only when it would come too late.
            guard unsafe waiting.count == lineLimit / 2 || waitingBytes > byteLimit / 2, unsafe !isUrgent else {
                return
            }
            unsafe isUrgent = true
            monitor.signal()
        }
    }

    /// Waits until what was added before is written or counted as dropped; false at the deadline.
    ///
    /// False in a forked child, at once.
    func flush(_ timeout: Duration) -> Bool {
        guard home.isHere else { return false }
        let deadline = Monitor.now &+ UInt64(max(0, timeout.clampedNanoseconds))
        return monitor.withLock {
            let target = unsafe appended
            unsafe isUrgent = true
            monitor.signal()
            while unsafe finished < target, unsafe !isOver {
                guard Monitor.now < deadline else { return false }
                _ = monitor.wait(until: deadline)
            }
            return unsafe finished >= target
        }
    }

    /// Takes no more lines; the thread writes what waits and ends.
    func close() {
        guard home.isHere else { return }
        monitor.withLock {
            unsafe isClosing = true
            unsafe isUrgent = true
            monitor.signal()
        }
    }

    // MARK: the thread

    private func run(_ directory: String) {
        var files = RunFiles(directory)
        note(files.prepare(), written: 0, dropped: 0, finished: 1)
        var json = JSONWriter()
        while true {
            let (lines, isLast) = take()
            if !lines.isEmpty { write(lines, &files, &json) }
            if isLast { break }
        }
        OpenQueues.remove(self)
        monitor.withLock {
            unsafe isOver = true
            monitor.signal()
        }
    }

    /// Waits for lines, at most as long as one may wait.
    private func take() -> (lines: [Line], isLast: Bool) {
        monitor.withLock {
            let deadline = Monitor.now &+ Self.interval
            while unsafe !isUrgent, Monitor.now < deadline { _ = monitor.wait(until: deadline) }
            unsafe isUrgent = false
            let lines = unsafe waiting
            unsafe waiting = []
            unsafe waitingBytes = 0
            return (lines, unsafe isClosing)
        }
    }

    /// Writes lines of one file at once, in their order.
    private func write(_ lines: [Line], _ files: inout RunFiles, _ json: inout JSONWriter) {
        var steps: [String: [StepLine]] = [:], order: [String] = []
        var runs: [RunLine] = []
        for line in lines {
            switch line {
            case .step(let step):
                if steps[step.run] == nil { order.append(step.run) }
                steps[step.run, default: []].append(step)
            case .run(let run): runs.append(run)
            }
        }
        for run in order {
            json.removeAll()
            let own = steps[run] ?? []
            for step in own { step.write(&json) }
            finish(files.append(json, to: "steps/\(runFileName(run)).jsonl"), own.count)
        }
        guard !runs.isEmpty else { return }
        json.removeAll()
        for run in runs { run.write(&json) }
        finish(files.append(json, to: "runs.jsonl"), runs.count)
    }

    private func finish(_ problem: String?, _ count: Int) {
        note(problem, written: problem == nil ? count : 0, dropped: problem == nil ? 0 : count, finished: count)
    }

    private func note(_ problem: String?, written: Int, dropped: Int, finished count: Int) {
        monitor.withLock {
            unsafe healthNow.written += written
            unsafe healthNow.dropped += dropped
            unsafe healthNow.isWorking = problem == nil
            if let problem { unsafe healthNow.lastError = problem }
            unsafe finished += count
            monitor.signal()
        }
    }
}

/// The queues that have a thread, so that a normal exit writes what waits.
enum OpenQueues {
    private static let all = Locked<[LineQueue]>([])
    private static let exitHook: Void = {
        atexit {
            let open = OpenQueues.all.withLock { $0 }
            for queue in open { queue.close() }
            for queue in open { _ = queue.flush(.seconds(2)) }
        }
    }()

    static func add(_ queue: LineQueue) {
        _ = exitHook
        all.withLock { $0.append(queue) }
    }

    static func remove(_ queue: LineQueue) { all.withLock { $0.removeAll { $0 === queue } } }
}
