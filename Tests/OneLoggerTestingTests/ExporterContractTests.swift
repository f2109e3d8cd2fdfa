import OneLogger
import OneLoggerConsole
import OneLoggerJSONL
import OneLoggerTesting
import Testing

#if canImport(Glibc)
import Glibc
#endif

@Suite struct ExporterContractTests {
    @Test func `the in-memory exporter keeps the contract`() {
        let store = InMemoryExporter.Store()
        #expect(
            ExporterContract.violations { () throws(ExportError) in
                InMemoryExporter(store)
            } reading: {
                store.records
            } == [])
        #expect(store.isClosed && store.flushes == 3)
    }

    @Test func `the JSONL exporter keeps the contract, and all of it can be read back`() throws {
        let path = "/tmp/onelogger-contract-\(getpid()).jsonl"
        defer { unsafe _ = unlink(path) }
        let violations = ExporterContract.violations { () throws(ExportError) in
            try JSONLExporter(.init(path: path), ExporterContext())
        } reading: {
            try JSONLReader.contents(ofFile: path).records
        }
        #expect(violations == [])
    }

    @Test func `the console exporter keeps the contract`() {
        let violations = ExporterContract.violations { () throws(ExportError) in
            try ConsoleExporter(.init(verbosity: .summary, summary: false), ExporterContext())
        }
        #expect(violations == [])
    }

    @Test func `an exporter that breaks the contract is told how`() {
        struct Broken: Exporter {
            let store: InMemoryExporter.Store
            mutating func export(_ batch: Batch) throws(ExportError) {
                if batch.count > 5_000 { throw .rejected(destination: "broken", reason: "too many") }
                var inner = InMemoryExporter(store)
                if batch.count == 1 { return }
                try inner.export(batch)
            }
        }
        let store = InMemoryExporter.Store()
        let found = ExporterContract.violations { () throws(ExportError) in
            Broken(store: store)
        } reading: {
            store.records
        }
        #expect(found.count == 2)
        #expect(found[0] == "10,000 spans at once fails: broken: error: records refused: too many.")
        #expect(found[1].contains("came out"))
    }

    @Test func `a span tree shows order, failures and details`() {
        func span(_ name: String, _ id: UInt64, _ parent: UInt64, _ status: SpanStatus = .unset) -> SpanRecord {
            SpanRecord(
                name, context: SpanContext(traceID: TraceID(high: 1, low: 1), spanID: SpanID(id)),
                parentID: SpanID(parent),
                start: Timestamp(nanoseconds: id), end: Timestamp(nanoseconds: 10 + id), status: status)
        }
        let tree = SpanTree([
            span("c", 4, 2), span("root", 1, 0), span("b", 3, 1, .cancelled), span("a", 2, 1, .error("")),
            span("other", 5, 0),
        ]) { "\($0.duration.components.attoseconds / 1_000_000_000)ns" }
        #expect(
            tree.description == """
                root 10ns
                ├─ a ✗ 10ns
                │  ╰─ c 10ns
                ╰─ b ⊘ 10ns
                other 10ns
                """)
    }
}
