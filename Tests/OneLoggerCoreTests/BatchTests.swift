import OneLoggerCore
import Testing

@Suite struct BatchTests {
    private let context = SpanContext(traceID: TraceID(high: 1, low: 2), spanID: SpanID(3))

    private func span(_ name: String, _ attributes: Attributes = [:]) -> SpanRecord {
        SpanRecord(
            name, context: context, start: Timestamp(nanoseconds: 1), end: Timestamp(nanoseconds: 2),
            attributes: attributes)
    }

    private func notice(_ message: String) -> TelemetryDataError {
        let time = Timestamp(nanoseconds: 1)
        return TelemetryDataError(.incompleteTelemetryData, message, firstTime: time, time: time, lostRecords: 2)
    }

    private func names(_ batch: Batch) -> [String] {
        var names: [String] = []
        batch.forEach { names.append(String(copying: $0.name)) }
        return names
    }

    @Test func `a batch of nothing is empty`() {
        let batch = Batch()
        #expect(batch.isEmpty)
        #expect(batch.count == 0)
        #expect(batch.byteCount == 0)
        #expect(batch.records.isEmpty)
        #expect(names(batch).isEmpty)
    }

    @Test func `records that were taken out are neither counted nor shown`() {
        var buffer = RecordBuffer(capacity: 0)
        var starts: [Int] = []
        for name in ["a", "b", "c", "d"] {
            starts.append(buffer.count)
            buffer.append(span(name), kind: .span)
        }
        for start in [starts[0], starts[2], starts[3]] { buffer.overwrite(RecordKind.void, at: start + 4) }
        let length = buffer.count
        let batch = Batch(buffer, clock: .unix, resource: Resource())
        #expect(batch.count == 1)
        #expect(names(batch) == ["b"])
        #expect(batch.byteCount == length)
    }

    @Test func `when all records were taken out the batch is empty`() {
        var buffer = RecordBuffer(capacity: 0)
        buffer.append(span("a"), kind: .span)
        buffer.overwrite(RecordKind.void, at: 4)
        #expect(Batch(buffer, clock: .unix, resource: Resource()).isEmpty)
    }

    @Test func `the size counts the packed bytes and half a kibibyte per metric and notice`() {
        let time = Timestamp(nanoseconds: 1)
        let point = MetricPoint(name: "m", start: time, time: time, value: .gauge(1))
        // 56 bytes of header, one of name; tag, length, key and eight bytes of value
        #expect(Batch(spans: [span("a")]).byteCount == 57)
        #expect(Batch(spans: [span("a", ["key": 1])]).byteCount == 57 + 13)
        #expect(Batch(metrics: [point], dataErrors: [notice("x")]).byteCount == 1024)
        #expect(!Batch(metrics: [point]).isEmpty)
        #expect(Batch(metrics: [point]).count == 0)
    }

    @Test func `with other notices a batch has the same records, and the one that it came from stays as it was`() {
        let first = Batch(spans: [span("a")], dataErrors: [notice("old")], resource: Resource(pid: 7))
        let second = first.with(metrics: [], dataErrors: [notice("new"), notice("newer")])
        #expect(second.dataErrors.map(\.message) == ["new", "newer"])
        #expect(first.dataErrors.map(\.message) == ["old"])
        #expect(names(second) == ["a"])
        #expect(second.count == 1)
        #expect(second.resource.pid == 7)
    }

    @Test func `a copy outlives the batch that it came from`() {
        var copies: [Batch] = []
        for number in 0..<50 {
            copies.append(
                Batch(spans: [span("s\(number)", ["n": .int(number)])]).with(metrics: [], dataErrors: [notice("x")]))
        }
        #expect(copies.map { names($0) } == (0..<50).map { ["s\($0)"] })
    }

    @Test func `an error of the body ends the walk and passes through unchanged`() {
        struct Stop: Error, Equatable { var after: Int }
        let batch = Batch(spans: ["a", "b", "c"].map { span($0) })
        var seen = 0
        #expect(throws: Stop(after: 2)) {
            try batch.forEach { (_: borrowing RecordView) throws(Stop) in
                seen += 1
                if seen == 2 { throw Stop(after: 2) }
            }
        }
        #expect(seen == 2)
    }

    @Test func `ten thousand records are packed and read in order`() {
        let batch = Batch(spans: (0..<10_000).map { span("s\($0)") })
        #expect(batch.count == 10_000)
        #expect(names(batch) == (0..<10_000).map { "s\($0)" })
    }

    @Test func `the views show ids, kinds, flags and status without copying the record`() {
        var record = span("v")
        record.parentID = SpanID(9)
        record.parentIsRemote = true
        record.kind = .consumer
        record.status = .error("disk full")
        record.dropped = 4
        let event = SpanEventRecord(Event("e", at: Timestamp(nanoseconds: 8)), span: context, isError: true)
        var kinds: [RecordKind] = []
        Batch([.span(record), .start(record), .stop(record), .event(event)]).forEach { view in
            kinds.append(view.kind)
            #expect((view.traceHigh, view.traceLow, view.id) == (1, 2, 3))
            #expect(view.context == context)
            #expect(view.isError == (view.kind == .event))
            guard view.kind != .event else {
                #expect(view.start.nanoseconds == 8)
                #expect(view.parent == 0)
                return
            }
            #expect(view.parent == 9)
            #expect(view.parentIsRemote == true)
            #expect(view.spanKind == .consumer)
            #expect(view.status == .error("disk full"))
            #expect(view.hasFailed == true)
            #expect(view.dropped == 4)
        }
        #expect(kinds == [.span, .start, .stop, .event])
    }
}
