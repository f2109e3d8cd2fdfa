internal import Foundation
internal import Synchronization

/// Threads that take work from one queue, in the order in which it came; each may have a worker process of its own.
final class WorkerPool: Sendable {
    private typealias Job = @Sendable (WorkerProcess?) -> Void

    private let size: Int
    private let jobs = Mutex<[Job]>([])
    private let ready = DispatchSemaphore(value: 0)

    init(size: Int, ofProcesses: Bool) {
        self.size = size
        for _ in 0..<size {
            Thread { [self] in
                let process = ofProcesses ? try? WorkerProcess() : nil
                while true {
                    ready.wait()
                    guard let job = jobs.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) else { return }
                    job(process)
                }
            }.start()
        }
    }

    /// Runs `body` as soon as a worker is free, on its thread; keeps no thread of Swift's pool meanwhile.
    func run<R: Sendable>(_ body: @escaping @Sendable (WorkerProcess?) throws -> R) async throws -> R {
        try await withCheckedThrowingContinuation { (done: CheckedContinuation<R, any Error>) in
            jobs.withLock { $0.append { process in done.resume(with: Result { try body(process) }) } }
            ready.signal()
        }
    }

    /// Lets the threads end, and with them their processes.
    func stop() { for _ in 0..<size { ready.signal() } }
}

/// This program again, as a worker: it gets a line, computes, and answers with a line.
final class WorkerProcess {
    private let process = Process()
    private let input = Pipe(), output = Pipe()

    init() throws {
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = ["worker", "\(getpid())"]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
    }

    /// The numbers of the answer.
    func ask(_ line: String) throws -> [Double] {
        try input.fileHandleForWriting.write(contentsOf: Data("\(line)\n".utf8))
        var answer = Data()
        while answer.last != UInt8(ascii: "\n") {
            let part = output.fileHandleForReading.availableData
            guard !part.isEmpty else { throw Failed(what: "the worker process ended") }
            answer += part
        }
        return String(decoding: answer, as: UTF8.self).split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
    }
}

/// What a worker process does until its input ends: `train SEED EPOCHS` and `evaluate SEED SLOPE OFFSET`.
func serve(_ parent: pid_t) {
    while let line = readLine() {
        let words = line.split(separator: " "), numbers = words.dropFirst().compactMap { Double($0) }
        let points = Points(seed: Int(numbers.first ?? 0), count: 200)
        var answer = "nan"
        if words.first == "train", numbers.count == 2 {
            // Nobody waits for a worker whose parent was killed.
            let (slope, offset) = points.fit(epochs: Int(numbers[1])) { getppid() == parent }
            answer = "\(slope) \(offset)"
        } else if numbers.count == 3 {
            answer = "\(points.error(numbers[1], numbers[2]))"
        }
        try? FileHandle.standardOutput.write(contentsOf: Data("\(answer)\n".utf8))
    }
}
