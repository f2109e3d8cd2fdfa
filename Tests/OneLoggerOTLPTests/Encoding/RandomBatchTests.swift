import OneLoggerCore
import OneLoggerTestSupport
import Testing

@testable import OneLoggerOTLP

@Suite struct RandomBatchTests {
    /// Spans, starts, stops, events and extremes, as a batch gives them back.
    private func batch(seed: UInt64, count: Int) -> Batch {
        var random = RandomRecords(seed: seed)
        var records = (0..<count).map { _ in random.record() }
        let time = Timestamp(nanoseconds: 1), context = random.context()
        let extremes: Attributes = [
            "": "", "nan": .double(.nan), "least": .int(.min), "most": .int(.max),
            "tiny": .double(.leastNonzeroMagnitude),
            "long": .string(String(repeating: "é", count: 32_768)), "nans": .doubles([.nan, -.infinity, -0.0]),
            String(repeating: "k", count: 255): .strings(["", "\u{0}"]),
            "127": .string(String(repeating: "x", count: 113)),
            "128": .string(String(repeating: "x", count: 114)), "129": .string(String(repeating: "x", count: 115)),
            String(repeating: "m", count: 120): 1, String(repeating: "n", count: 121): .int(-1),
        ]
        records.append(.span(SpanRecord("", context: context, start: time, end: time, attributes: extremes)))
        let zero = SpanContext(traceID: TraceID(high: 0, low: 0), spanID: SpanID(0)), start = Timestamp(nanoseconds: 0)
        records.append(.stop(SpanRecord("zero", context: zero, start: start, end: start, dropped: .max)))
        return Batch(records)
    }

    @Test(arguments: [1, 2])
    func `the official parser and serialiser agree with both formats, and halves hold what the whole does`(
        seed: UInt64
    ) throws {
        // given thousands of records
        let batch = batch(seed: seed, count: 1_200), check = OfficialCheck()

        // when both formats are made of them, in several requests each
        let limits = OTLPEncoder.Limits(records: 300, bytes: 1 << 30)
        let protobuf = OTLPEncoder.messages(batch, .protobuf, limits), json = OTLPEncoder.messages(batch, .json, limits)

        // then
        try check.add(protobuf)
        try check.add(json)
        #expect(protobuf.map(\.recordCount) == json.map(\.recordCount))
        #expect(protobuf.reduce(0) { $0 + $1.recordCount } == batch.count)
        #expect(protobuf.count >= 5)
        #expect(try check.run() == "checked \(protobuf.count * 6)")
    }

    @Test(arguments: [4, 5])
    func `every field of every record is where the table says`(seed: UInt64) throws {
        // given
        let batch = batch(seed: seed, count: 600)
        let (spans, logs) = Expected.items(batch)

        // when
        let messages = OTLPEncoder.messages(batch, .json)

        // then
        let requests = try messages.map { try JSON($0.body) }
        let found = zip(messages, requests).reduce(into: [OTLPSignal: [JSON]]()) {
            $0[$1.0.signal, default: []] += $1.1.items
        }
        #expect(found[.traces]?.count == spans.count)
        #expect(found[.logs]?.count == logs.count)
        let pairs = zip(found[.traces] ?? [], spans).map { ($0, $1) } + zip(found[.logs] ?? [], logs).map { ($0, $1) }
        for (one, expected) in pairs where one != expected {
            let (left, right) = (Array(one.description), Array(expected.description))
            let place = zip(left, right).prefix { $0 == $1 }.count, from = max(0, place - 100)
            Issue.record("\(String(left[from...].prefix(200))) instead of \(String(right[from...].prefix(200)))")
            break
        }
    }

    @Test func `an encoder gives the same bytes for the same batch again, whatever it encoded before`() {
        // given
        let first = batch(seed: 6, count: 200), second = batch(seed: 7, count: 50)
        for format in [OTLPFormat.protobuf, .json] {
            var encoder = OTLPEncoder(format: format, signals: [.traces, .logs], resource: first.resource)
            let messages = encoder.messages(first)

            // when
            _ = encoder.messages(second)

            // then
            #expect(encoder.messages(first) == messages)
        }
    }
}
