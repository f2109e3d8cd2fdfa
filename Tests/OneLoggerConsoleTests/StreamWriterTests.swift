import Foundation
import Glibc
import OneLoggerConsole
import OneLoggerCore
import Testing

@Suite struct StreamWriterTests {
    /// A pipe that holds little, so that writers meet its limit.
    private struct Pipe: ~Copyable {
        let reader: Int32
        let writer: Int32

        init(nonblocking: Bool = false) {
            var ends: [Int32] = [0, 0]
            let made = unsafe pipe(&ends)
            precondition(made == 0)
            (reader, writer) = (ends[0], ends[1])
            // Processes that other tests start must not keep the pipe open.
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            _ = fcntl(writer, 1031, 16_384)  // F_SETPIPE_SZ
            if nonblocking { _ = fcntl(writer, F_SETFL, O_NONBLOCK) }
        }
    }

    private static func readAll(_ descriptor: Int32, _ piece: Int = 1000) -> String {
        var bytes: [UInt8] = [], buffer = [UInt8](repeating: 0, count: piece)
        while true {
            let count = unsafe read(descriptor, &buffer, piece)
            guard count > 0 else { break }
            bytes += buffer.prefix(count)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Runs `body` on a thread of its own: blocking calls must not hold the test runner's threads.
    private static func thread<T: Sendable>(_ body: @escaping @Sendable () -> T) async -> T {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: body()) }
        }
    }

    private static func batch(_ name: String, _ size: Int) -> Batch {
        Batch((0..<size).map { .span(span(name, 1 + UInt64($0), 0, 1, .unset, ["number": .int($0)])) })
    }

    @Test(arguments: [false, true])
    func `lines of two exporters that share a pipe do not mix`(nonblocking: Bool) async {
        let pipe = Pipe(nonblocking: nonblocking), (from, to) = (pipe.reader, pipe.writer)
        async let all = Self.thread { Self.readAll(from) }
        async let first = Self.thread { Self.send("first", to) }
        async let second = Self.thread { Self.send("second", to) }
        let sent = await [first, second]
        #expect(sent == [true, true])
        close(to)
        let lines = await all.split(separator: "\n")
        close(from)
        for name in ["first", "second"] {
            let numbers = lines.compactMap { line -> Int? in
                let head = "12:00:00.000    1.00 s    \(name)  number="
                return line.hasPrefix(head) ? Int(line.dropFirst(head.count)) : nil
            }
            #expect(numbers == (0..<20).flatMap { _ in Array(0..<200) })
        }
        #expect(lines.count == 8000)
    }

    private static func send(_ name: String, _ to: Int32) -> Bool {
        do {
            var exporter = ConsoleExporter(.init(summary: false), ExporterContext(isReopening: true), .test(to))
            for _ in 0..<20 { try exporter.export(batch(name, 200)) }
            try exporter.close()
            return true
        } catch { return false }
    }

    @Test func `lines of several processes that share a pipe do not mix`() async {
        await #expect(processExitsWith: .exitCode(42)) {
            let pipe = Pipe()
            for name in ["a", "b", "c"] where fork() == 0 {
                _exit(Self.send(name, pipe.writer) ? 0 : 1)
            }
            close(pipe.writer)
            let lines = Self.readAll(pipe.reader).split(separator: "\n")
            let areWhole = lines.allSatisfy { $0.hasPrefix("12:00:00.000    1.00 s    ") && $0.contains("  number=") }
            exit(lines.count == 12_000 && areWhole ? 42 : 1)
        }
    }

    @Test func `a closed pipe is an error and does not kill the process`() async {
        await #expect(processExitsWith: .exitCode(42)) {
            signal(SIGPIPE, SIG_DFL)
            var ends: [Int32] = [0, 0]
            unsafe pipe(&ends)
            close(ends[0])
            var exporter = ConsoleExporter(.init(), ExporterContext(), .test(ends[1]))
            do {
                try exporter.export(Batch([.span(span("x", 1, 0, 1))]))
            } catch ExportError.unavailable("test output", EPIPE, "the reader is gone") {
                exit(42)
            }
        }
    }

    @Test func `a signal that was waiting before is not taken away`() async {
        await #expect(processExitsWith: .signal(SIGPIPE)) {
            var ends: [Int32] = [0, 0]
            unsafe pipe(&ends)
            close(ends[0])
            var set = sigset_t()
            unsafe sigemptyset(&set)
            unsafe sigaddset(&set, SIGPIPE)
            unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
            raise(SIGPIPE)
            var writer = StreamWriter(descriptor: ends[1], name: "pipe")
            try? writer.write("line\n")
            unsafe pthread_sigmask(SIG_UNBLOCK, &set, nil)
        }
    }

    @Test(arguments: [false, true])
    func `a reader that takes nothing is an error after a bounded time`(nonblocking: Bool) throws {
        let pipe = Pipe(nonblocking: nonblocking)
        defer { close(pipe.reader) }
        var writer = StreamWriter(descriptor: pipe.writer, name: "pipe", patience: .milliseconds(20))
        let line = String(repeating: "x", count: 99_999) + "\n"
        #expect(throws: ExportError.unavailable(destination: "pipe", errno: EAGAIN, reason: "takes no output")) {
            try writer.write(line)
        }
        // The next text begins a new line.
        var buffer = [UInt8](repeating: 0, count: 100_000)
        let torn = unsafe read(pipe.reader, &buffer, 100_000)
        #expect(torn > 0 && torn < 99_999)
        try writer.write("next\n")
        try writer.write("last\n")
        close(pipe.writer)
        #expect(Self.readAll(pipe.reader) == "\nnext\nlast\n")
    }

    @Test func `one batch is one write, whatever its size`() throws {
        // A datagram socket keeps the borders between writes.
        var ends: [Int32] = [0, 0]
        try #require(unsafe socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue), 0, &ends) == 0)
        defer {
            close(ends[0])
            close(ends[1])
        }
        var exporter = ConsoleExporter(.init(), ExporterContext(), .test(ends[1]))
        try exporter.export(Self.batch("step", 500))
        try exporter.close()
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        let first = unsafe read(ends[0], &buffer, buffer.count)
        #expect(buffer.prefix(first).count { $0 == 10 } == 501, "a header and 500 spans")
        let second = unsafe read(ends[0], &buffer, buffer.count)
        #expect(String(decoding: buffer.prefix(second), as: UTF8.self).hasPrefix("\nsummary"))
    }
}
