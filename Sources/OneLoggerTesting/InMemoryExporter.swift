public import OneLogger

/// An exporter that keeps everything, for tests.
public struct InMemoryExporter: Exporter, Sendable {
    /// What was exported, shared by the test and the exporter.
    public final class Store: Sendable {
        private struct State {
            var records: [Record] = []
            var metrics: [MetricPoint] = []
            var resource = Resource()
            var flushes = 0
            var isClosed = false
            var failure: ExportError?
        }
        // Not `Mutex`: the thread sanitizer is blind where that one waits, and would blame whoever tests with this.
        private let lock = Monitor()
        nonisolated(unsafe) private var state = State()

        private func locked<R>(_ body: (inout State) -> R) -> R { lock.withLock { unsafe body(&state) } }

        /// Creates an empty store.
        public init() {}

        /// Everything exported so far, without the points that a recorder makes by itself.
        ///
        /// Those are the metrics `span.*`, `onelogger.*` and `process.*`; ``metrics`` has them too.
        public var records: [Record] {
            // A copy of its own: what threads share by reference counts alone is a race in the sanitizer's eyes, too.
            locked { $0.records.map { $0 } }
        }
        /// The spans that ended.
        public var spans: [SpanRecord] { records.spans }
        /// Every metric point exported so far.
        public var metrics: [MetricPoint] { locked { $0.metrics.map { $0 } } }
        /// What the last batch said about where it came from.
        public var resource: Resource { locked { $0.resource } }
        /// How often the exporter was flushed.
        public var flushes: Int { locked { $0.flushes } }
        /// True when the exporter was closed.
        public var isClosed: Bool { locked { $0.isClosed } }

        /// Makes every export fail with `error`, until nil is given.
        public func fail(with error: ExportError?) { locked { $0.failure = error } }

        /// Forgets the records and the points.
        public func removeAll() {
            locked { state in
                state.records = []
                state.metrics = []
            }
        }

        private static func isOwn(_ record: Record) -> Bool {
            guard case .metric(let point) = record else { return false }
            return ["span.", "onelogger.", "process."].contains { point.name.hasPrefix($0) }
        }

        func append(_ batch: Batch) throws(ExportError) {
            let records = batch.records.filter { !Self.isOwn($0) }
            let failure: ExportError? = locked { state in
                guard state.failure == nil else { return state.failure }
                state.records += records
                state.metrics += batch.metrics
                state.resource = batch.resource
                return nil
            }
            if let failure { throw failure }
        }
        func flush() { locked { $0.flushes += 1 } }
        func close() { locked { $0.isClosed = true } }
    }

    private let store: Store

    /// Creates an exporter that writes into `store`.
    public init(_ store: Store) { self.store = store }

    /// Keeps the records.
    public mutating func export(_ batch: Batch) throws(ExportError) { try store.append(batch) }
    /// Counts the call.
    public mutating func flush() throws(ExportError) { store.flush() }
    /// Notes that the exporter is closed.
    public consuming func close() throws(ExportError) { store.close() }
}
