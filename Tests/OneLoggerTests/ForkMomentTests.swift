import OneLoggerTestSupport
import OneLoggerTesting
import Synchronization
import Testing

@testable import OneLogger

#if canImport(Glibc)
import Glibc
#endif

/// Forks at moments that are not convenient.
@Suite(.timeLimit(.minutes(4))) struct ForkMomentTests {
    /// Forks when the first records pass.
    private final class Forking: RecordProcessor {
        let status = Atomic<Int32>(-1)

        func fork() {
            if status.load(ordering: .relaxed) < 0 {
                status.store(ForkTests.inChild { true }, ordering: .relaxed)
            }
        }

        func process(_ records: [Record]) throws -> [Record] {
            fork()
            return records
        }
    }

    /// Forks at its first batch.
    private struct ForkingExporter: Exporter {
        let forking: Forking

        mutating func export(_ batch: Batch) throws(ExportError) { forking.fork() }
    }

    /// Does not return from its first export before the gate is open.
    private struct Held: Exporter {
        let begun: Gate, gate: Gate

        mutating func export(_ batch: Batch) throws(ExportError) {
            begun.open()
            gate.pass()
        }
    }

    /// Does not stop before the gate is open.
    private struct Slow: RecorderPlugin {
        static let configName = "slow"
        static let begun = Gate(), gate = Gate()
        init(settings: inout Settings, recorder: Recorder) throws(SettingsError) { try settings.finish() }
        func start() throws(TelemetryError) {}
        func stop(deadline: Timestamp) {
            Self.begun.open()
            Self.gate.pass()
        }
    }

    @Test func `a child does not wait for a shutdown that only its parent does`() async {
        await #expect(processExitsWith: .success) {
            let r = Recorder(RecorderOptions(), exporters: [])
            var catalog = ComponentCatalog(), settings = Settings([:])
            catalog.add(Slow.self)
            r.add(try catalog.plugin("slow", &settings, r))
            let closer = Threads.start { _ = try? r.shutdown(timeout: .patience) }
            guard Slow.begun.pass() else { exit(2) }
            // The child's alarm is earlier.
            let status = ForkTests.inChild { (try? r.shutdown(timeout: .patience * 2))?.isComplete == false }
            Slow.gate.open()
            pthread_join(closer, nil)
            exit(status == 0 ? 0 : 1)
        }
    }

    @Test func `a record processor may fork`() async {
        await #expect(processExitsWith: .success) {
            let forking = Forking()
            var options = RecorderOptions()
            options.processors = [forking]
            let store = InMemoryExporter.Store()
            let r = Recorder(options, exporters: [ExporterSlot(InMemoryExporter(store))])
            r.timedSpan("s") { _ in }
            _ = try? r.flush(timeout: .seconds(60))
            _ = try? r.shutdown(timeout: .seconds(60))
            exit(forking.status.load(ordering: .relaxed) == 0 && store.spans.map(\.name) == ["s"] ? 0 : 1)
        }
    }

    /// Asks for its recorder's health within an export, once it may.
    private struct Asking: Exporter {
        let begun: Gate, may: Gate, recorder: Locked<Recorder?>
        mutating func export(_ batch: Batch) throws(ExportError) {
            begun.open()
            may.pass()
            _ = recorder.withLock { $0 }?.health
        }
    }

    @Test func `a fork waits for an exporter that asks for the recorder's health`() async {
        await #expect(processExitsWith: .success) {
            let begun = Gate(), may = Gate(), held = Locked<Recorder?>(nil)
            let slot = ExporterSlot(Asking(begun: begun, may: may, recorder: held))
            let r = Recorder(RecorderOptions(), exporters: [slot])
            held.withLock { $0 = r }
            r.timedSpan("s") { _ in }
            guard begun.pass() else { exit(2) }
            let status = Atomic<Int32>(-1)
            let forker = Threads.start {
                status.store(ForkTests.inChild { true }, ordering: .relaxed)
            }
            guard eventually({ slot.monitor.withLock { unsafe slot.isForking } }) else { exit(3) }
            may.open()
            pthread_join(forker, nil)
            held.withLock { $0 = nil }
            exit(status.load(ordering: .relaxed) == 0 ? 0 : 1)
        }
    }

    @Test func `an exporter may fork`() async {
        await #expect(processExitsWith: .success) {
            let forking = Forking()
            let slot = ExporterSlot(ForkingExporter(forking: forking))
            let r = Recorder(RecorderOptions(), exporters: [slot])
            r.timedSpan("s") { _ in }
            _ = try? r.flush(timeout: .patience)
            let report = try? r.shutdown(timeout: .patience)
            exit(forking.status.load(ordering: .relaxed) == 0 && report?.isComplete == true ? 0 : 1)
        }
    }

    @Test func `a recorder that is made while another thread forks works in the child`() async {
        await #expect(processExitsWith: .success) {
            let begun = Gate(), gate = Gate()
            let slot = ExporterSlot(Held(begun: begun, gate: gate))
            let a = Recorder(RecorderOptions(), exporters: [slot])
            let status = Atomic<Int32>(-1)
            let made = Locked<(recorder: Recorder, store: InMemoryExporter.Store)?>(nil)
            a.timedSpan("held") { _ in }
            a.engine.wake.ring()
            guard begun.pass() else { exit(2) }
            let forker = Threads.start {
                let result = ForkTests.inChild {
                    guard let (b, _) = made.withLock({ $0 }) else { return false }
                    b.timedSpan("in child") { _ in }
                    let report = try? b.shutdown(timeout: .patience)
                    return report?.exported == 1 && report?.isComplete == true
                }
                status.store(result, ordering: .relaxed)
            }
            // The fork waits for the exporter now.
            guard eventually({ slot.monitor.withLock { unsafe slot.isForking } }) else { exit(3) }
            let store = InMemoryExporter.Store()
            var options = RecorderOptions()
            options.announce = .nothing
            let b = Recorder(
                options,
                exporters: [
                    ExporterSlot(name: "b") { (_: ExporterContext) throws(ExportError) in InMemoryExporter(store) }
                ])
            made.withLock { $0 = (b, store) }
            gate.open()
            pthread_join(forker, nil)
            _ = try? a.shutdown(timeout: .patience)
            _ = try? b.shutdown(timeout: .patience)
            exit(status.load(ordering: .relaxed) == 0 ? 0 : 1)
        }
    }

    @Test func `an exporter whose thread the system refuses loses what it has, and says so`() async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            let store = InMemoryExporter.Store()
            let slot = ExporterSlot(InMemoryExporter(store), name: "memory")
            let recorder = ManualClock().recorder
            for _ in 0..<2 { recorder.timedSpan("s") { _ in } }
            let spans = recorder.takeSpans()
            slot.start(ExporterContext(), ExporterSlot.Policy())
            slot.post(Batch(spans: spans))
            var limit = rlimit(rlim_cur: 1 << 20, rlim_max: 1 << 20)
            guard unsafe setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0 else { exit(2) }
            slot.launch()
            let health = slot.monitor.withLock { unsafe slot.health }
            exit(health.lost == 2 && health.state == .closed && store.spans.isEmpty ? 0 : 1)
        }
        let errors = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(errors.contains("exporter 'memory' has no thread"))
    }
}
