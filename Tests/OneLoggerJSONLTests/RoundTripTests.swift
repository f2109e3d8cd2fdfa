import OneLoggerCore
import OneLoggerTestSupport
import OneLoggerJSONL
import Testing

@Suite struct RoundTripTests {
    @Test(arguments: 0..<20 as Range<UInt64>)
    func `any records that are written are read as the same values`(seed: UInt64) throws {
        let folder = TemporaryFolder()
        var random = RandomRecords(seed: seed)
        let records = (0..<100).map { _ in random.record() }
        let batch = Batch(records, resource: Resource(pid: 99))

        #expect(JSONLExporter.run([batch], .init(path: folder("all"))) == nil)
        let back = try JSONLReader.contents(ofFile: folder("all"))

        #expect(back.problems == [])
        #expect(back.records.count == 100)
        for (read, written) in zip(back.records, batch.records) { #expect(read == written) }
        #expect(Set(batch.records) == Set(records), "the batch itself lost nothing")
        #expect(pythonAccepts(folder("all")))
    }
}

/// Makes records of every kind, with awkward texts and extreme numbers.
struct RandomRecords {
    private var random: SplitMix

    init(seed: UInt64) { random = SplitMix(seed: seed) }

    private mutating func number(_ range: Range<Int>) -> Int { Int.random(in: range, using: &random) }

    mutating func text() -> String {
        let parts = [
            "a", "Z", "\"", "\\", "\n", "\u{0}", "\u{1f}", "é", "漢", "😀", "\u{7f}", "/", " ", "long enough", "{}",
        ]
        return (0..<number(0..<9)).map { _ in parts[number(0..<parts.count)] }.joined()
    }

    private mutating func double() -> Double {
        let value = Double(bitPattern: random.next())
        return value.isFinite ? value : 0.5
    }

    private mutating func int() -> Int { Int(truncatingIfNeeded: random.next() >> UInt64(number(0..<64))) }

    private mutating func moment() -> Timestamp { time(random.next() >> UInt64(number(2..<5))) }

    private mutating func value() -> AttributeValue {
        switch number(0..<8) {
        case 0: .string(text())
        case 1: .bool(number(0..<2) == 0)
        case 2: .int(int())
        case 3: .double(double())
        case 4: .strings((0..<number(0..<4)).map { _ in text() })
        case 5: .bools((0..<number(1..<4)).map { _ in number(0..<2) == 0 })
        case 6: .ints((0..<number(1..<4)).map { _ in int() })
        default: .doubles((0..<number(1..<4)).map { _ in double() })
        }
    }

    private mutating func attributes(_ most: Int = 8) -> Attributes {
        var result = Attributes()
        for _ in 0..<number(0..<most + 1) { result[text()] = value() }
        return result
    }

    private mutating func context() -> SpanContext {
        let trace = TraceID(high: random.next(), low: random.next())
        return SpanContext(traceID: trace, spanID: SpanID(random.next()))
    }

    private mutating func span() -> SpanRecord {
        let start = moment()
        var span = SpanRecord(text(), context: context(), start: start, end: start)
        span.attributes = attributes(number(0..<40))
        span.startAttributes = attributes(2)
        if number(0..<2) == 0 { span.parentID = SpanID(random.next()) }
        span.parentIsRemote = number(0..<4) == 0
        span.kind = SpanKind(rawValue: UInt8(number(1..<6))) ?? .internal
        span.dropped = number(0..<3)
        for _ in 0..<number(0..<3) {
            let name = number(0..<4) == 0 ? Event.errorName : text()
            span.events.append(Event(name, attributes(3), at: moment()))
        }
        for _ in 0..<number(0..<3) {
            var other = context()
            other.isRemote = number(0..<2) == 0
            other.isSampled = number(0..<2) == 0
            span.links.append(SpanLink(other, attributes(2)))
        }
        return span
    }

    private mutating func ended() -> SpanRecord {
        var span = span()
        span.end = time(min(span.start.nanoseconds + random.next() >> UInt64(number(4..<64)), 1 << 62 - 1))
        span.status = [.unset, .ok, .cancelled, .error(text())][number(0..<4)]
        span.stopAttributes = attributes(2)
        return span
    }

    private mutating func measurement() -> MetricPoint.Value {
        switch number(0..<5) {
        case 0: return .sum(double())
        case 1: return .upDownSum(double())
        case 2:
            return .exponentialHistogram(
                .init(
                    count: number(0..<9), sum: double(), min: number(0..<2) == 0 ? nil : double(), max: double(),
                    scale: number(-10..<21), zeroCount: number(0..<3), zeroThreshold: abs(double()),
                    positive: .init(offset: number(-99..<99), counts: (0..<number(0..<4)).map { _ in number(0..<9) }),
                    negative: .init(offset: number(-99..<99), counts: (0..<number(0..<4)).map { _ in number(0..<9) })))
        case 3: return .gauge(number(0..<8) == 0 ? -.infinity : double())
        default:
            var histogram = MetricPoint.Histogram(bounds: [double(), double()])
            for _ in 0..<number(0..<3) { histogram.add(double()) }
            return .histogram(histogram)
        }
    }

    mutating func record() -> Record {
        switch number(0..<6) {
        case 0: return .span(ended())
        case 1: return .start(span())
        case 2: return .stop(ended())
        case 3:
            let isError = number(0..<2) == 0
            return .event(SpanEventRecord(Event(text(), attributes(), at: moment()), span: context(), isError: isError))
        case 4:
            return .metric(
                MetricPoint(
                    name: text(), unit: text(), summary: text(), attributes: attributes(), start: moment(),
                    time: moment(), value: measurement(),
                    exemplars: (0..<number(0..<3)).map { _ in .init(value: double(), time: moment(), span: context()) })
            )
        default:
            return .telemetryDataError(
                TelemetryDataError(
                    number(0..<2) == 0 ? .noTelemetryData : .incompleteTelemetryData, text(), firstTime: moment(),
                    time: moment(), lostRecords: number(0..<1000), attributes: attributes()))
        }
    }
}
