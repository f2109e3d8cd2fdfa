import OneLoggerCore
import Testing

@testable import OneLoggerOTLP

private let start = Timestamp(nanoseconds: 1_000_000_000)
private let time = Timestamp(nanoseconds: 2_000_000_000)

private func point(
    _ name: String = "m", _ value: MetricPoint.Value, _ attributes: Attributes = [:], start: Timestamp = start,
    time: Timestamp = time, exemplars: [MetricPoint.Exemplar] = []
) -> MetricPoint {
    MetricPoint(
        name: name, unit: "s", summary: "What it is", attributes: attributes, start: start, time: time, value: value,
        exemplars: exemplars)
}

private func histogram(_ values: [Double], _ bounds: [Double] = [1, 10]) -> MetricPoint.Value {
    var result = MetricPoint.Histogram(bounds: bounds)
    for value in values { result.add(value) }
    return .histogram(result)
}

@Suite struct MetricMappingTests {
    @Test func `every kind of metric is what the official parser reads from both formats`() throws {
        // given
        let span = SpanContext(traceID: TraceID(high: 1, low: 2), spanID: SpanID(3))
        let exemplar = MetricPoint.Exemplar(value: 0.5, time: time, span: span)
        var batch = Batch()
        batch = batch.with(
            metrics: [
                point("a", .sum(2), ["k": 1], exemplars: [exemplar]), point("b", .gauge(.nan)),
                point("a", .sum(0), ["k": 2]),
                point("a", .upDownSum(-1)), point("h", histogram([0.5, 100]), exemplars: [exemplar]),
                point("h", histogram([], [])),
                point(
                    "e",
                    .exponentialHistogram(
                        .init(
                            count: 6, sum: 1.5, min: -2, max: 3, scale: -1, zeroCount: 1, zeroThreshold: 1e-9,
                            positive: .init(offset: -3, counts: [1, 0, 300]), negative: .init(offset: 2, counts: [2]))),
                    exemplars: [exemplar]),
                point("e", .exponentialHistogram(.init(count: 0, sum: 0, scale: 3))),
                MetricPoint(name: "", start: start, time: time, value: .gauge(1), exemplars: [exemplar]),
            ], dataErrors: [])
        let check = OfficialCheck()

        // when
        let protobuf = OTLPEncoder.messages(batch, .protobuf), json = OTLPEncoder.messages(batch, .json)

        // then
        try check.add(protobuf)
        try check.add(json)
        #expect(protobuf.map(\.recordCount) == [9])
        #expect(try check.run() == "checked 6")
        let times = "\"startTimeUnixNano\":\"1000000000\",\"timeUnixNano\":\"2000000000\""
        let example = """
            "exemplars":[{"timeUnixNano":"2000000000","asDouble":0.5,"spanId":"0000000000000003",
            "traceId":"00000000000000010000000000000002"}]
            """
        let texts = "\"description\":\"What it is\",\"unit\":\"s\""
        let expected = [
            """
            {"name":"a",\(texts),"sum":{"aggregationTemporality":2,"isMonotonic":true,"dataPoints":[
              {\(times),"asDouble":2,\(example),"attributes":[{"key":"k","value":{"intValue":"1"}}]},
              {\(times),"asDouble":0,"attributes":[{"key":"k","value":{"intValue":"2"}}]}]}}
            """,
            "{\"name\":\"b\",\(texts),\"gauge\":{\"dataPoints\":[{\(times),\"asDouble\":\"NaN\"}]}}",
            """
            {"name":"a",\(texts),"sum":{"aggregationTemporality":2,"dataPoints":[{\(times),"asDouble":-1}]}}
            """,
            """
            {"name":"h",\(texts),"histogram":{"aggregationTemporality":2,"dataPoints":[
              {\(times),"count":"2","sum":100.5,"bucketCounts":["1","0","1"],"explicitBounds":[1,10],"min":0.5,"max":100,
                \(example)},{\(times),"sum":0,"bucketCounts":["0"]}]}}
            """,
            """
            {"name":"e",\(texts),"exponentialHistogram":{"aggregationTemporality":2,"dataPoints":[
              {\(times),"count":"6","sum":1.5,"min":-2,"max":3,"scale":-1,"zeroCount":"1","zeroThreshold":1e-9,
                "positive":{"offset":-3,"bucketCounts":["1","0","300"]},"negative":{"offset":2,"bucketCounts":["2"]},
                \(example)},{\(times),"sum":0,"scale":3}]}}
            """,
            "{\"gauge\":{\"dataPoints\":[{\(times),\"asDouble\":1}]}}",
        ]
        let found = try check.dump("0", .metrics).items
        #expect(found == (try expected.map { try JSON($0) }))
    }

    @Test func `a request holds as many data points as the limits allow, each metric named again`() throws {
        // given two metrics of 50 series each
        let points = (0..<100).map { point($0 < 50 ? "a" : "b", .sum(Double($0)), ["series": .int($0)]) }
        let batch = Batch().with(metrics: points, dataErrors: [])
        for format in [OTLPFormat.protobuf, .json] {
            let check = OfficialCheck()

            // when
            let few = OTLPEncoder.messages(batch, format, .init(records: 30)),
                small = OTLPEncoder.messages(batch, format, .init(bytes: 4_000)),
                alone = OTLPEncoder.messages(batch, format, .init(bytes: 1))

            // then
            #expect(few.map(\.recordCount) == [30, 30, 30, 10])
            #expect(small.count > 1 && small.allSatisfy { $0.body.count <= 4_000 })
            #expect(small.reduce(0) { $0 + $1.recordCount } == 100)
            #expect(alone.map(\.recordCount) == Array(repeating: 1, count: 100))
            try check.add(few + small + alone)
            let verdict = try check.run()
            #expect(verdict.hasPrefix("checked "), "\(verdict.prefix(1_000))")
            let series = try (few + small + alone).enumerated().flatMap { place, message in
                let request = format == .json ? try JSON(message.body) : try check.dump("\(place)", .metrics)
                return request.items.flatMap { metric in
                    metric["sum"]["dataPoints"].elements.map { "\(metric["name"])\($0["asDouble"])" }
                }
            }
            let all = (0..<100).map { "\($0 < 50 ? "\"a\"" : "\"b\"")\($0)" }
            #expect(series == all + all + all)
        }
    }
}

@Suite struct DeltaTests {
    private func value(_ point: MetricPoint) -> Double {
        if case .sum(let value) = point.value { return value }
        return .nan
    }

    @Test func `deltas of a sum add up to its cumulative value, without gaps in time`() {
        var state = DeltaState(), total = 0.0, received = 0.0, last = start
        for step in 1...10_000 {
            total += 0.1
            let time = start.advanced(by: .seconds(step)), delta = state.delta(point("m", .sum(total), time: time))
            #expect(delta.start == last && delta.time == time && value(delta) >= 0)
            last = time
            received += value(delta)
        }
        #expect(abs(received - total) <= 2 * total.ulp)
    }

    @Test func `series are told apart by name, unit, kind and attributes`() {
        var state = DeltaState()
        _ = state.delta(point("m", .sum(5), ["a": 1, "b": 2]))
        #expect(value(state.delta(point("m", .sum(6), ["b": 2, "a": 1]))) == 1)
        #expect(value(state.delta(point("m", .sum(6), ["a": 2]))) == 6)
        #expect(value(state.delta(point("n", .sum(6), ["a": 1, "b": 2]))) == 6)
    }

    @Test func `a series that began again is told as it is`() {
        var state = DeltaState()
        _ = state.delta(point("m", .sum(5)))
        // another start
        let again = point("m", .sum(7), start: time, time: time.advanced(by: .seconds(1)))
        #expect(state.delta(again) == again)
        // the same start, but it fell
        let fell = state.delta(point("m", .sum(3), start: time, time: time.advanced(by: .seconds(2))))
        #expect(value(fell) == 3 && fell.start == time.advanced(by: .seconds(1)))
    }

    @Test func `gauges and sums that go up and down stay as they are`() {
        var state = DeltaState()
        for value in [MetricPoint.Value.gauge(5), .upDownSum(-3)] {
            #expect(state.delta(point("m", value)) == point("m", value))
            #expect(state.delta(point("m", value)) == point("m", value))
        }
    }

    @Test func `deltas of a distribution have the buckets of what came since`() {
        var state = DeltaState()
        _ = state.delta(point("m", histogram([0.5, 5])))
        let later = time.advanced(by: .seconds(1))
        let exemplars = [time, later].map {
            MetricPoint.Exemplar(
                value: 1, time: $0, span: SpanContext(traceID: TraceID(high: 1, low: 1), spanID: SpanID(1)))
        }
        let delta = state.delta(point("m", histogram([0.5, 5, 50, 60]), time: later, exemplars: exemplars))
        guard case .histogram(let change) = delta.value else { return #expect(Bool(false)) }
        #expect(change.count == 2 && change.sum == 110 && change.counts == [0, 0, 2])
        #expect(change.min == nil && change.max == nil, "of what came since then they are not known")
        #expect(delta.exemplars.map(\.time) == [later])
        // other bounds cannot be compared
        let other = state.delta(point("m", histogram([1, 2], [7]), time: later.advanced(by: .seconds(1))))
        #expect(other.value == histogram([1, 2], [7]))
    }

    @Test func `an exponential distribution may get coarser on the way`() {
        typealias Buckets = MetricPoint.ExponentialHistogram.Buckets
        var state = DeltaState()
        let before = MetricPoint.ExponentialHistogram(
            count: 5, sum: 10, scale: 1, zeroCount: 1, positive: Buckets(offset: -3, counts: [1, 1, 0, 2]))
        let after = MetricPoint.ExponentialHistogram(
            count: 9, sum: 30, scale: 0, zeroCount: 2, positive: Buckets(offset: -2, counts: [1, 3, 3]))
        _ = state.delta(point("m", .exponentialHistogram(before)))
        let delta = state.delta(point("m", .exponentialHistogram(after), time: time.advanced(by: .seconds(1))))
        guard case .exponentialHistogram(let change) = delta.value else { return #expect(Bool(false)) }
        // -3 | -2 -1 | 0 at scale 1 are -2 | -1 | 0 at scale 0
        #expect(change.scale == 0 && change.count == 4 && change.sum == 20 && change.zeroCount == 1)
        #expect(change.positive == Buckets(offset: -2, counts: [0, 2, 1]))
    }

    @Test func `the encoder says which temporality it sends`() throws {
        var encoder = OTLPEncoder(format: .json, signals: [.metrics], temporality: .delta, resource: Resource())
        let batch = Batch().with(metrics: [point("m", .sum(1)), point("u", .upDownSum(1))], dataErrors: [])
        _ = encoder.messages(batch)
        let items = try JSON(encoder.messages(batch)[0].body).items
        #expect(items[0]["sum"]["aggregationTemporality"] == JSON(1))
        #expect(items[0]["sum"]["dataPoints"][0]["asDouble"] == JSON(0))
        #expect(items[1]["sum"]["aggregationTemporality"] == JSON(2))
        #expect(items[1]["sum"]["dataPoints"][0]["asDouble"] == JSON(1))
    }
}
