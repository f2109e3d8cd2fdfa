import OneLogger
import OneLoggerTestSupport
import OneLoggerTesting
import Testing

#if canImport(Glibc)
import Glibc
#endif

/// What a process does at its end; each test is a process of its own, which says on standard output what it delivered.
@Suite struct ProcessTests {
    /// Prints the outline of what it gets, one record a line.
    struct Printer: Exporter, Sendable {
        mutating func export(_ batch: Batch) throws(ExportError) {
            for line in batch.records.outline { write(line) }
        }
        consuming func close() throws(ExportError) { write("closed") }
        private func write(_ line: String) {
            var line = line + "\n"
            line.withUTF8 { bytes in unsafe _ = Glibc.write(1, bytes.baseAddress, bytes.count) }
        }
    }

    static func recorder() -> Recorder { Recorder(RecorderOptions(), exporters: [ExporterSlot(Printer())]) }

    func lines(_ result: ExitTest.Result?) -> [String] {
        String(decoding: result?.standardOutputContent ?? [], as: UTF8.self).split(separator: "\n").map(String.init)
            .filter {
                ["span", "start", "stop", "event", "closed", "error"].contains(
                    $0.split(separator: " ").first.map(String.init) ?? "")
            }
    }

    @Test func `a normal exit delivers everything, without a shutdown`() async throws {
        let result = await #expect(processExitsWith: .exitCode(3), observing: [\.standardOutputContent]) {
            let r = ProcessTests.recorder()
            try Recorder.install(r)
            for _ in 0..<3 { timedSpan("s") { _ in } }
            exit(3)
        }
        #expect(lines(result) == ["span s", "span s", "span s", "closed"])
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func `a signal delivers everything, marks what is open, and kills by the same signal`(signal: Int32) async throws {
        let result = await #expect(processExitsWith: .signal(signal), observing: [\.standardOutputContent]) {
            [signal = signal as Int32] in
            let r = ProcessTests.recorder()
            Signals.watch()
            r.timedSpan("finished") { _ in }
            let open = r.start("open")
            open.event("e")
            kill(getpid(), signal)
            while true { pause() }
        }
        let found = lines(result)
        #expect(Set(found) == ["span finished", "start open", "event e", "stop open", "closed"])
    }

    @Test func `a signal whose disposition is the application's own is left alone`() async {
        await #expect(processExitsWith: .exitCode(9)) {
            signal(SIGTERM) { _ in _exit(9) }
            let r = ProcessTests.recorder()
            Signals.watch()
            r.timedSpan("x") { _ in }
            kill(getpid(), SIGTERM)
            while true { pause() }
        }
    }

    @Test func `a hanging exporter cannot hang the exit`() async {
        await #expect(processExitsWith: .exitCode(0)) {
            struct Hanging: Exporter, Sendable {
                mutating func export(_ batch: Batch) throws(ExportError) { while true { pause() } }
            }
            var options = RecorderOptions()
            options.shutdownTimeout = .milliseconds(50)
            let r = Recorder(options, exporters: [ExporterSlot(Hanging())])
            r.timedSpan("x") { _ in }
            alarm(300)
            exit(0)
        }
    }

    @Test func `a recorder is installed once, and before that nothing is recorded and one line says so`() async throws {
        let result = await #expect(processExitsWith: .exitCode(0), observing: [\.standardErrorContent]) {
            for _ in 0..<3 {
                let value = timedSpan("before") { _ in 1 }
                guard value == 1, !Recorder.current.isRecording else { exit(1) }
            }
            let first = Recorder(), second = Recorder()
            try Recorder.install(first)
            guard Recorder.current === first else { exit(2) }
            do throws(TelemetryError) {
                try Recorder.install(second)
                exit(3)
            } catch {
                guard case .alreadyConfigured = error else { exit(4) }
            }
            Recorder.uninstall()
            try Recorder.install(second)
            guard Recorder.current === second else { exit(5) }
            exit(0)
        }
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(text.split(separator: "\n").filter { $0.contains("no recorder is installed") }.count == 1)
    }

    @Test func `the fallback clock is forced by the environment, and spans are right on it`() async {
        await #expect(processExitsWith: .success) {
            unsafe setenv("ONELOGGER_CLOCK", "monotonic", 1)
            let store = InMemoryExporter.Store()
            let r = Recorder(RecorderOptions(), exporters: [ExporterSlot(InMemoryExporter(store))])
            guard r.health.clock == "monotonic" else { exit(1) }
            var before = timespec(), after = timespec()
            unsafe clock_gettime(CLOCK_REALTIME, &before)
            r.timedSpan("outer") { _ in r.timedSpan("inner") { _ in } }
            unsafe clock_gettime(CLOCK_REALTIME, &after)
            try r.shutdown(timeout: .patience)
            let spans = store.spans
            guard spans.map(\.name) == ["inner", "outer"], spans[1].start <= spans[0].start,
                spans[0].end <= spans[1].end
            else { exit(2) }
            let low = UInt64(before.tv_sec) * 1_000_000_000 + UInt64(before.tv_nsec)
            let high = UInt64(after.tv_sec) * 1_000_000_000 + UInt64(after.tv_nsec)
            let slack: UInt64 = 5_000_000
            exit(spans[1].start.nanoseconds + slack >= low && spans[1].end.nanoseconds <= high + slack ? 0 : 3)
        }
    }
}
