/// An immutable run of records on their way to one exporter after another.
///
/// Copies share the bytes.
///
/// Spans and events are kept packed and read through borrowed views; metrics and notices are few and kept as values.
@safe
public struct Batch: Sendable {
    /// Owns the bytes.
    ///
    /// Immutable once made, so every thread may read it: that is why it is `Sendable`.
    @safe @usableFromInline
    final class Storage: Sendable {
        @usableFromInline nonisolated(unsafe) let base: UnsafePointer<UInt8>

        init(_ bytes: UnsafeMutableRawPointer) {
            unsafe base = UnsafePointer(bytes.assumingMemoryBound(to: UInt8.self))
        }

        deinit { unsafe UnsafeMutablePointer(mutating: base).deallocate() }
    }

    @usableFromInline let storage: Storage
    @usableFromInline let range: Range<Int>
    /// Turns the records' stamps into time.
    public let clock: TickScale
    /// What produced the records.
    public let resource: Resource
    /// The number of spans and events; metrics and notices are not counted.
    public let count: Int
    /// One bit per kind of record that is there.
    private let kinds: UInt8
    /// Measurements.
    public let metrics: [MetricPoint]
    /// Notices that data are missing; they stand before everything else.
    public let dataErrors: [TelemetryDataError]

    /// Creates a batch from values, so that an exporter can be used without a recorder.
    ///
    /// What the packed form cannot hold is cut or clamped: names at 65,535 bytes, names of attributes and of a span's
    /// events at 255 bytes, always between two characters; times after the year 2116; ends that lie before their start.
    /// Only sampled spans make records, so a view's context is always sampled and local.
    public init(
        spans: [SpanRecord] = [], events: [SpanEventRecord] = [], metrics: [MetricPoint] = [],
        dataErrors: [TelemetryDataError] = [], resource: Resource = Resource()
    ) {
        var buffer = RecordBuffer(capacity: 256 * (spans.count + events.count) + 64)
        for span in spans { buffer.append(span, kind: .span) }
        for event in events { buffer.append(event) }
        self.init(buffer, clock: .unix, resource: resource, metrics: metrics, dataErrors: dataErrors)
    }

    /// Creates a batch from records of any kind, in their order; ``init(spans:events:metrics:dataErrors:resource:)`` says
    /// what is cut.
    public init(_ records: [Record], resource: Resource = Resource()) {
        var buffer = RecordBuffer(capacity: 256 * records.count + 64)
        var metrics: [MetricPoint] = [], errors: [TelemetryDataError] = []
        for record in records {
            switch record {
            case .span(let span): buffer.append(span, kind: .span)
            case .start(let span): buffer.append(span, kind: .start)
            case .stop(let span): buffer.append(span, kind: .stop)
            case .event(let event): buffer.append(event)
            case .typedEvent(let event): buffer.append(event)
            case .metric(let point): metrics.append(point)
            case .telemetryDataError(let error): errors.append(error)
            }
        }
        self.init(buffer, clock: .unix, resource: resource, metrics: metrics, dataErrors: errors)
    }

    package init(
        _ buffer: consuming RecordBuffer, clock: TickScale, resource: Resource, metrics: [MetricPoint] = [],
        dataErrors: [TelemetryDataError] = []
    ) {
        let bytes = unsafe buffer.take()
        storage = unsafe Storage(bytes.base)
        range = unsafe 0..<bytes.count
        self.clock = clock
        self.resource = resource
        self.metrics = metrics
        self.dataErrors = dataErrors
        var n = 0, at = 0, kinds: UInt8 = 0
        while at < range.upperBound {
            let record = unsafe UnsafeRawPointer(storage.base + at)
            let kind = unsafe record.load(fromByteOffset: 4, as: UInt8.self)
            n += kind == RecordKind.void ? 0 : 1
            kinds |= 1 &<< kind
            at += unsafe record.loadUnaligned(as: UInt32.self).int
        }
        count = n
        self.kinds = kinds
    }

    private init(_ other: Batch, metrics: [MetricPoint], dataErrors: [TelemetryDataError]) {
        storage = other.storage
        range = other.range
        clock = other.clock
        resource = other.resource
        count = other.count
        kinds = other.kinds
        self.metrics = metrics
        self.dataErrors = dataErrors
    }

    /// The same spans and events with other measurements and notices.
    package func with(metrics: [MetricPoint], dataErrors: [TelemetryDataError]) -> Batch {
        Batch(self, metrics: metrics, dataErrors: dataErrors)
    }

    /// False when there is no record of this kind, so that nobody needs to look for one.
    package func mayHold(_ kind: RecordKind) -> Bool { kinds & 1 &<< kind.rawValue != 0 }

    /// True when there is nothing at all to export.
    public var isEmpty: Bool { count == 0 && metrics.isEmpty && dataErrors.isEmpty }

    /// What the batch occupies.
    ///
    /// Unit: bytes.
    public var byteCount: Int { range.count + 512 * (metrics.count + dataErrors.count) }

    /// Calls `body` once per span or event, in order.
    ///
    /// The view is borrowed: it cannot outlive the call.
    @export(implementation) @inline(__always)
    public func forEach<E: Error>(_ body: (borrowing RecordView) throws(E) -> Void) throws(E) {
        defer { extendLifetime(storage) }
        var at = range.lowerBound
        while at < range.upperBound {
            let view = unsafe RecordView(storage.base + at, clock)
            if view.isRecord { try body(view) }
            at += view.length
        }
    }

    /// Everything as ordinary values: notices, spans and events, metrics.
    public var records: [Record] {
        var result: [Record] = dataErrors.map { .telemetryDataError($0) }
        forEach { result.append($0.record) }
        return result + metrics.map { .metric($0) }
    }
}
