internal import OneLoggerCore

/// Turns batches into requests, and keeps what these need of the batches before: whether data are missing, and with
/// delta temporality the last value of each series.
///
/// `Docs/formats/otlp.md` says what becomes of what. Memory is used again once no request of it is held: spans cost no allocation.
struct OTLPEncoder: ~Copyable, Sendable {
    /// What one request may hold; a single record beyond `bytes` goes alone.
    struct Limits: Sendable, Hashable {
        /// Spans, data points or log records.
        var records = 2_000
        /// The request, not compressed.
        var bytes = 4 << 20

        /// Creates limits.
        init(records: Int = 2_000, bytes: Int = 4 << 20) {
            self.records = records
            self.bytes = bytes
        }
    }

    /// Since when a sum or a distribution counts.
    enum Temporality: Sendable, Hashable {
        /// Since the start of its series.
        case cumulative
        /// Since the last point.
        case delta
    }

    private var protobuf: BatchEncoder<ProtobufWriter>?
    private var json: BatchEncoder<JSONMessageWriter>?

    /// Creates an encoder that has sent nothing yet.
    init(
        format: OTLPFormat, signals: Set<OTLPSignal>, limits: Limits = Limits(), temporality: Temporality = .cumulative,
        resource: Resource
    ) {
        switch format {
        case .protobuf: protobuf = BatchEncoder(format, signals, limits, temporality, resource)
        case .json: json = BatchEncoder(format, signals, limits, temporality, resource)
        }
    }

    /// The requests that deliver the batch, logs and notices first.
    mutating func messages(_ batch: Batch) -> [OTLPMessage] {
        var messages: [OTLPMessage] = []
        protobuf?.encode(batch, into: &messages)
        json?.encode(batch, into: &messages)
        return messages
    }
}

/// The work of ``OTLPEncoder`` in one format.
private struct BatchEncoder<Writer: MessageWriter & ~Copyable>: ~Copyable, Sendable {
    private let signals: Set<OTLPSignal>
    private let temporality: OTLPEncoder.Temporality
    private var resource: Resource
    private var incomplete: TelemetryDataError.Kind?
    private var frame: RequestFrame
    private var traces: ItemQueue<Writer>
    private var logs: ItemQueue<Writer>
    private var metrics: ItemQueue<Writer>
    private var deltas = DeltaState()
    /// Empty where events leave as logs.
    private var kept = KeptEvents()

    init(
        _ format: OTLPFormat, _ signals: Set<OTLPSignal>, _ limits: OTLPEncoder.Limits,
        _ temporality: OTLPEncoder.Temporality, _ resource: Resource
    ) {
        self.signals = signals
        self.temporality = temporality
        self.resource = resource
        frame = RequestFrame(resource.semanticAttributes(incomplete: nil), Writer.self)
        traces = ItemQueue(.traces, format, limits)
        logs = ItemQueue(.logs, format, limits)
        metrics = ItemQueue(.metrics, format, limits)
    }

    mutating func encode(_ batch: Batch, into messages: inout [OTLPMessage]) {
        let incomplete = batch.dataErrors.last?.kind ?? incomplete
        if batch.resource != resource || incomplete != self.incomplete {
            (resource, self.incomplete) = (batch.resource, incomplete)
            frame = RequestFrame(resource.semanticAttributes(incomplete: incomplete), Writer.self)
        }
        traces.open(frame)
        logs.open(frame)
        metrics.open(frame)
        let hasLogs = signals.contains(.logs), hasTraces = signals.contains(.traces)
        if hasLogs {
            for notice in batch.dataErrors {
                let start = logs.writer.count
                logs.writer.notice(notice)
                logs.finish(from: start, frame, into: &messages)
            }
        }
        // First, because a span's end may stand before what another thread said about it.
        if hasTraces, !hasLogs, batch.mayHold(.event) || batch.mayHold(.typedEvent) {
            batch.forEach { if $0.kind == .event || $0.kind == .typedEvent { kept.add($0) } }
        }
        batch.forEach { record in
            if record.isEndedSpan {
                guard hasTraces else { return }
                let start = traces.writer.count
                traces.writer.span(record, &kept)
                traces.finish(from: start, frame, into: &messages)
            } else if hasLogs {
                let start = logs.writer.count
                switch record.kind {
                case .start: logs.writer.start(record)
                case .typedEvent: logs.writer.typedEvent(record)
                default: logs.writer.event(record)
                }
                logs.finish(from: start, frame, into: &messages)
            }
        }
        logs.close(frame, into: &messages)
        traces.close(frame, into: &messages)
        if signals.contains(.metrics) { encode(batch.metrics, into: &messages) }
    }

    /// Points of one name, unit and kind are data points of one metric, as far as they fit into a request.
    private mutating func encode(_ points: [MetricPoint], into messages: inout [OTLPMessage]) {
        for group in grouped(points) {
            guard let first = group.first else { continue }
            var open = metrics.writer.beginMetric(first)
            for point in group {
                let point = temporality == .delta ? deltas.delta(point) : point
                let start = metrics.writer.count
                metrics.writer.dataPoint(point)
                // The rest is what ends a metric, and lengths that get longer.
                if metrics.records > 0, metrics.isOver(128) {
                    metrics.writer.truncate(to: start)
                    if start == open.first {
                        metrics.writer.truncate(to: open.item.place)
                    } else {
                        metrics.writer.endMetric(open, first, temporality)
                    }
                    metrics.cut(at: metrics.writer.count, frame, into: &messages)
                    open = metrics.writer.beginMetric(first)
                    metrics.writer.dataPoint(point)
                }
                metrics.count()
            }
            metrics.writer.endMetric(open, first, temporality)
        }
        metrics.close(frame, into: &messages)
    }
}

/// What the data points of one metric have in common.
private struct MetricIdentity: Hashable {
    var name: String
    var unit: String
    var kind: MetricKind
}

private func grouped(_ points: [MetricPoint]) -> [[MetricPoint]] {
    var groups: [[MetricPoint]] = [], places: [MetricIdentity: Int] = [:]
    for point in points {
        let metric = MetricIdentity(name: point.name, unit: point.unit, kind: MetricKind(point.value))
        if let place = places[metric] {
            groups[place].append(point)
        } else {
            places[metric] = groups.count
            groups.append([point])
        }
    }
    return groups
}
