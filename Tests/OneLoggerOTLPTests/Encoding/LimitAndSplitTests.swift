import OneLoggerCore
import OneLoggerTestSupport
import Testing

@testable import OneLoggerOTLP

@Suite struct LimitAndSplitTests {
    private func batch(_ count: Int, text: Int = 10) -> Batch {
        var random = RandomRecords(seed: 9)
        let time = Timestamp(nanoseconds: 5), value = String(repeating: "x", count: text)
        return Batch(
            (0..<count).map { place in
                .span(
                    SpanRecord(
                        "\(place)", context: random.context(), start: time, end: time, attributes: ["t": .string(value)]
                    ))
            })
    }

    private func names(_ messages: [OTLPMessage]) throws -> [String] {
        let check = OfficialCheck()
        for (place, message) in messages.enumerated() { try check.add(message, "\(place)") }
        guard messages.first?.format == .protobuf else {
            return try messages.flatMap { try JSON($0.body).items.compactMap { $0["name"].text } }
        }
        #expect(try check.run() == "checked \(messages.count)")
        return try messages.indices.flatMap { try check.dump("\($0)", .traces).items.compactMap { $0["name"].text } }
    }

    @Test(arguments: [OTLPFormat.protobuf, .json])
    func `requests keep both limits, and a record that is too large goes alone`(format: OTLPFormat) throws {
        let all = (0..<100).map { "\($0)" }
        let few = OTLPEncoder.messages(batch(100), format, .init(records: 30))
        #expect(few.map(\.recordCount) == [30, 30, 30, 10])
        #expect(try names(few) == all)

        let small = OTLPEncoder.messages(batch(100), format, .init(bytes: 5_000))
        #expect(small.count > 1 && small.allSatisfy { $0.body.count <= 5_000 })
        #expect(try names(small) == all)

        let large = OTLPEncoder.messages(batch(3, text: 70_000), format, .init(bytes: 65_536))
        #expect(large.map(\.recordCount) == [1, 1, 1])
        #expect(large.allSatisfy { $0.body.count > 70_000 })
    }

    @Test(arguments: [OTLPFormat.protobuf, .json])
    func `halving until the end gives each record alone, in order`(format: OTLPFormat) throws {
        var messages = OTLPEncoder.messages(batch(37), format)
        #expect(messages.count == 1)
        while messages.contains(where: { $0.recordCount > 1 }) {
            messages = messages.flatMap { message in message.split().map { [$0.0, $0.1] } ?? [message] }
        }
        #expect(messages.map(\.recordCount) == Array(repeating: 1, count: 37))
        #expect(messages.allSatisfy { $0.split() == nil })
        #expect(try names(messages) == (0..<37).map { "\($0)" })
    }

    @Test(arguments: [OTLPFormat.protobuf, .json])
    func `a damaged body is not split, or into requests of this form, and stops nobody`(format: OTLPFormat) {
        // given requests of every signal
        var random = RandomRecords(seed: 11)
        let time = Timestamp(nanoseconds: 5)
        let metrics = (0..<3).map {
            MetricPoint(name: "\"m\\", attributes: ["k": .int($0)], start: time, time: time, value: .sum(1))
        }
        let records = (0..<4).map { _ in random.record() }
        let messages = OTLPEncoder.messages(
            Batch(records, resource: Resource()).with(metrics: metrics, dataErrors: []), format)
        #expect(Set(messages.map(\.signal)).count > 1)
        for message in messages {
            // when it is cut anywhere
            for count in stride(from: 0, to: message.body.count, by: 1 + message.body.count / 100) {
                var cut = message
                cut.body.removeLast(message.body.count - count)
                // then
                #expect(cut.split() == nil)
            }
            // when bytes are changed, or it is read as something else
            for _ in 0..<200 {
                var damaged = message
                let place = Int.random(in: 0..<damaged.body.count, using: &random.random)
                damaged.body[place] = UInt8.random(in: 0...255, using: &random.random)
                if let halves = damaged.split() {
                    #expect(halves.0.recordCount + halves.1.recordCount >= 2)
                }
            }
            var other = message
            other.format = format == .json ? .protobuf : .json
            #expect(other.split() == nil)
        }
    }
}
