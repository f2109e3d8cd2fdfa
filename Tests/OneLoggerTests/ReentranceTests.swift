import OneLoggerTestSupport
import OneLoggerTesting
import Synchronization
import Testing

@testable import OneLogger

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// What a recorder calls may call the recorder: nobody waits for itself.
@Suite(.timeLimit(.minutes(4))) struct ReentranceTests {
    /// What the first record processor, exporter or plug-in to come here does, and with what report.
    private final class Caller: Sendable {
        private let recorder = Locked<Recorder?>(nil)
        private let isFirst = Atomic<Bool>(true)
        let report = Locked<FlushReport?>(nil)
        let called = Gate()
        let call: @Sendable (Recorder) throws -> FlushReport

        init(_ call: @escaping @Sendable (Recorder) throws -> FlushReport) { self.call = call }

        func attach(_ r: Recorder) { recorder.withLock { $0 = r } }

        func callOnce() {
            guard let r = recorder.withLock({ $0 }), isFirst.exchange(false, ordering: .relaxed) else { return }
            let made = try? call(r)
            report.withLock { $0 = made }
            recorder.withLock { $0 = nil }
            called.open()
        }
    }

    private struct Processor: RecordProcessor {
        let caller: Caller
        func process(_ records: [Record]) throws -> [Record] {
            caller.callOnce()
            return records
        }
    }

    private struct Calling: Exporter {
        let caller: Caller
        mutating func export(_ batch: Batch) throws(ExportError) { caller.callOnce() }
    }

    private struct Plugin: RecorderPlugin {
        static let configName = "calling"
        static let caller = Caller { try $0.shutdown(timeout: .patience * 2) }
        init(settings: inout Settings, recorder: Recorder) throws(SettingsError) { try settings.finish() }
        func start() throws(TelemetryError) {}
        func stop(deadline: Timestamp) { Self.caller.callOnce() }
    }

    private struct Owner: RecorderPlugin {
        static let configName = "owner"
        init() {}
        init(settings: inout Settings, recorder: Recorder) throws(SettingsError) { try settings.finish() }
        func start() throws(TelemetryError) {}
        func stop(deadline: Timestamp) {}
    }

    private static let calls: [@Sendable (Recorder) throws -> FlushReport] = [
        { try $0.flush(timeout: .patience * 2) }, { try $0.shutdown(timeout: .patience * 2) },
    ]

    @Test(arguments: 0..<2) func `a record processor may flush, or shut down`(call: Int) throws {
        let caller = Caller(Self.calls[call]), store = InMemoryExporter.Store()
        var options = RecorderOptions()
        options.announce = .nothing
        options.processors = [Processor(caller: caller)]
        let r = Recorder(options, exporters: [ExporterSlot(InMemoryExporter(store))])
        caller.attach(r)
        r.timedSpan("s") { _ in }
        try r.flush(timeout: .patience)
        #expect(caller.called.pass())
        #expect(caller.report.withLock { $0?.isComplete } == false)
        try r.shutdown(timeout: .patience)
        let health = r.health
        #expect(store.spans.count + health.lostBeforeExport + health.exporters[0].lost == 1)
    }

    @Test(arguments: 0..<2) func `an exporter may flush, or shut down`(call: Int) throws {
        let caller = Caller(Self.calls[call])
        let r = Recorder(RecorderOptions(), exporters: [ExporterSlot(Calling(caller: caller), name: "calling")])
        caller.attach(r)
        r.timedSpan("s") { _ in }
        try r.flush(timeout: .patience)
        #expect(caller.called.pass())
        #expect(caller.report.withLock { $0?.pending } == ["calling"])
        try r.shutdown(timeout: .patience)
    }

    @Test func `a metric's callback may flush`() throws {
        var options = RecorderOptions()
        options.metrics.health = true
        let store = InMemoryExporter.Store()
        let r = Recorder(options, exporters: [ExporterSlot(InMemoryExporter(store))])
        let reports = Locked<[FlushReport]>([])
        r.observableGauge("depth") { observer in
            let report = try r.flush(timeout: .patience * 2)
            reports.withLock { $0.append(report) }
            observer.observe(1)
        }
        try r.flush(timeout: .patience)
        #expect(reports.withLock { $0.first?.isComplete } == false)
        #expect(store.metrics.contains { $0.name == "depth" })
        try r.shutdown(timeout: .patience)
    }

    @Test func `what one exporter calls does not hold the shutdown that waits for it`() throws {
        let begun = Gate(), asked = Gate()
        let caller = Caller { r in
            begun.open()
            asked.pass()
            return try r.shutdown(timeout: .patience * 2)
        }
        let r = Recorder(RecorderOptions(), exporters: [ExporterSlot(Calling(caller: caller), name: "calling")])
        caller.attach(r)
        r.timedSpan("s") { _ in }
        let flushing = Threads.start { _ = try? r.flush(timeout: .patience) }
        #expect(begun.pass())
        // From another thread, which waits for the exporter from now on.
        let closing = Threads.start { _ = try? r.shutdown(timeout: .patience * 2) }
        #expect(eventually { !r.isRecording })
        asked.open()
        pthread_join(closing, nil)
        pthread_join(flushing, nil)
        #expect(caller.called.pass())
        #expect(caller.report.withLock { $0?.isComplete } == false)
    }

    @Test func `a plug-in may shut its recorder down while that stops it`() throws {
        let (r, _) = recorder()
        var catalog = ComponentCatalog(), settings = Settings([:])
        catalog.add(Plugin.self)
        r.add(try catalog.plugin("calling", &settings, r))
        Plugin.caller.attach(r)
        #expect(try r.shutdown(timeout: .patience).isComplete)
        #expect(Plugin.caller.report.withLock { $0?.isComplete } == false)
    }

    @Test func `an exporter of a plug-in's recorder may shut the application's recorder down`() throws {
        let caller = Caller { try $0.shutdown(timeout: .patience * 2) }, (r, _) = recorder()
        let own = Recorder(RecorderOptions(), exporters: [ExporterSlot(Calling(caller: caller), name: "calling")])
        r.add(Owner(), named: "owner", owning: own)
        caller.attach(r)
        own.timedSpan("s") { _ in }
        try r.flush(timeout: .patience)
        #expect(caller.called.pass())
        #expect(caller.report.withLock { $0?.isComplete } == true, "of the application's recorder nothing is missing")
        #expect(!own.isRecording)
    }

    /// Ends the program within its first export, once it may.
    private struct Leaving: Exporter {
        var begun = Gate(), may = Gate()
        mutating func export(_ batch: Batch) throws(ExportError) {
            begun.open()
            may.pass()
            exit(7)
        }
    }

    @Test(arguments: [false, true]) func `an exporter of any recorder may end the program`(isOwned: Bool) async {
        await #expect(processExitsWith: .exitCode(7)) { [isOwned = isOwned as Bool] in
            var options = RecorderOptions()
            options.shutdownTimeout = .patience * 2
            let others = (0..<2).map { _ in Recorder(options, exporters: [ExporterSlot(InMemoryExporter(.init()))]) }
            let exporter = Leaving(), leaving = Recorder(options, exporters: [ExporterSlot(exporter)])
            if isOwned { others[1].add(Owner(), named: "owner", owning: leaving) }
            exporter.may.open()
            leaving.timedSpan("s") { _ in }
            withExtendedLifetime(others) { while true { pause() } }
        }
    }

    @Test(arguments: [false, true])
    func `a program that ends within an export during a shutdown delivers to the other exporters`(isOwned: Bool) async {
        let result = await #expect(processExitsWith: .exitCode(7), observing: [\.standardOutputContent]) {
            [isOwned = isOwned as Bool] in
            var options = RecorderOptions()
            options.shutdownTimeout = .patience * 2
            options.announce = .nothing
            let exporter = Leaving(), slot = ExporterSlot(exporter), printer = ExporterSlot(ProcessTests.Printer())
            let r = Recorder(options, exporters: isOwned ? [printer] : [slot, printer])
            let leaving = isOwned ? Recorder(options, exporters: [slot]) : r
            if isOwned { r.add(Owner(), named: "owner", owning: leaving) }
            r.timedSpan("s") { _ in }
            if isOwned { leaving.timedSpan("s") { _ in } }
            guard exporter.begun.pass() else { exit(1) }
            let closing = Threads.start { _ = try? r.shutdown(timeout: .patience * 2) }
            guard eventually({ !r.isRecording }) else { exit(2) }
            exporter.may.open()
            pthread_join(closing, nil)
            exit(3)
        }
        let text = String(decoding: result?.standardOutputContent ?? [], as: UTF8.self)
        #expect(text.contains("span s\n") && text.contains("closed\n"))
    }

    @Test func `a thread that comes later is not taken for an exporter that has ended`() throws {
        let slot = ExporterSlot(InMemoryExporter(.init())), r = Recorder(RecorderOptions(), exporters: [slot])
        try r.shutdown(timeout: .patience)
        // The system gives the numbers of ended threads again.
        #expect(slot.monitor.withLock { unsafe slot.thread } == 0)
    }
}
