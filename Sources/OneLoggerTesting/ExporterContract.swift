public import OneLogger

/// What every exporter must do, as a check for its own tests.
///
///     #expect(ExporterContract.violations { () throws(ExportError) in try MyExporter(path: path) } == [])
///
/// Not checked, because the types exclude it: two calls at once, and a call after `close`.
public enum ExporterContract: Sendable {
    /// One batch of everything that a recorder can produce: all kinds of records, all shapes of attributes, long and odd
    /// texts, numbers that are no numbers, links, statuses and notices.
    public static func everything() -> Batch {
        let trace = TraceID(high: 0x0af7_6519_16cd_43dd, low: 0x8448_eb21_1c80_319c)
        func context(_ id: UInt64) -> SpanContext { SpanContext(traceID: trace, spanID: SpanID(id)) }
        let time = Timestamp(nanoseconds: 1_700_000_000_000_000_000), later = time.advanced(by: .milliseconds(5))
        let odd: Attributes = [
            "": "empty name", "quote\"back\\slash": "line\nfeed\ttab\u{0}\u{1b}[31m", "ünï": "日本語 🙂",
            "long": .string(String(repeating: "é", count: 40_000)), "nan": .double(.nan),
            "infinite": .double(-.infinity),
            "least": .int(.min), "most": .int(.max), "true": true, "texts": .strings(["a", ""]), "none": .ints([]),
            "numbers": .doubles([0.1, 1e300]), "truths": .bools([true, false]),
        ]
        let open = SpanRecord("open", context: context(1), start: time, end: time, attributes: ["rank": 0])
        var closed = open
        closed.end = later
        closed.stopAttributes = ["code": 1]
        let plain = SpanRecord("", context: context(2), parentID: SpanID(1), start: time, end: later)
        let full = SpanRecord(
            "full", context: context(3), parentID: SpanID(1), parentIsRemote: true, kind: .client, start: time,
            end: later,
            status: .error("broken\n"), attributes: odd, startAttributes: ["host": "h"],
            events: [Event("e", odd, at: time), .error("while testing", nil, at: later)],
            links: [SpanLink(context(9), ["why": "retry"])], dropped: 2)
        let cancelled = SpanRecord("cancelled", context: context(4), start: time, end: time, status: .cancelled)
        var histogram = MetricPoint.Histogram(bounds: [0.1, 1])
        histogram.add(0.5)
        return Batch(
            [
                .start(open), .span(plain), .span(full), .span(cancelled),
                .event(SpanEventRecord(Event("loose", odd, at: time), span: context(1))),
                .event(SpanEventRecord(.error("failed", nil, at: time), span: context(1), isError: true)),
                .stop(closed),
                .metric(MetricPoint(name: "m", unit: "s", start: time, time: later, value: .histogram(histogram))),
                .metric(MetricPoint(name: "g", start: time, time: later, value: .gauge(.nan))),
                .telemetryDataError(
                    TelemetryDataError(.incompleteTelemetryData, "lost", firstTime: time, time: later, lostRecords: 3)),
            ], resource: Resource(serviceName: "contract", host: "h", pid: 1, rank: 0))
    }

    /// Puts an exporter through everything that a recorder may ask of it.
    ///
    /// - Parameters:
    ///   - make: Opens the exporter; called once.
    ///   - reading: What can be read back from its destination after the close, in order; nil when nothing can.
    /// - Returns: One sentence per rule that was broken; empty when the exporter is fine.
    public static func violations<E: Exporter & ~Copyable>(
        _ make: () throws(ExportError) -> E, reading: () throws -> [Record]? = { nil }
    ) -> [String] {
        var broken: [String] = []
        let many = (0..<10_000).map { i in
            SpanRecord(
                "span \(i)", context: SpanContext(traceID: TraceID(high: 1, low: 2), spanID: SpanID(UInt64(100 + i))),
                start: Timestamp(nanoseconds: 1), end: Timestamp(nanoseconds: 2))
        }
        do {
            var exporter = try make()
            let steps: [(String, Batch?)] = [
                ("a flush before anything else", nil), ("an empty batch", Batch([])),
                ("a batch of every kind of record", everything()), ("10,000 spans at once", Batch(spans: many)),
                ("a flush", nil), ("a second flush", nil), ("a batch after a flush", Batch(spans: [many[0]])),
            ]
            for (name, batch) in steps {
                do throws(ExportError) {
                    if let batch { try exporter.export(batch) } else { try exporter.flush() }
                } catch { broken.append("\(name) fails: \(error)") }
            }
            do throws(ExportError) { try exporter.close() } catch { broken.append("closing fails: \(error)") }
        } catch {
            return ["it cannot be opened: \(error)"]
        }
        do {
            guard let read = try reading() else { return broken }
            let expected = everything().records.spans.map(\.context) + many.map(\.context) + [many[0].context]
            if read.spans.map(\.context) != expected {
                broken.append(
                    "\(expected.count) spans went in, and \(read.spans.count) or others, or in another order, came out")
            }
        } catch {
            broken.append("reading back fails: \(error)")
        }
        return broken
    }
}
