package import OneLoggerCore

/// The same numbers for the same seed, on every machine.
package struct SeededRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    /// SplitMix64.
    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
        return z ^ z >> 31
    }
}

/// Makes records of every shape that a batch must give back unchanged.
package struct RandomRecords: Sendable {
    package var random: SeededRandom

    package init(seed: UInt64) { random = SeededRandom(seed: seed) }

    package mutating func chance(_ oneIn: Int) -> Bool { Int.random(in: 0..<oneIn, using: &random) == 0 }

    package mutating func many<T>(_ most: Int, _ make: (inout RandomRecords) -> T) -> [T] {
        (0..<Int.random(in: 0...most, using: &random)).map { _ in make(&self) }
    }

    /// At most `most` bytes of UTF-8; often empty, often not ASCII.
    package mutating func text(_ most: Int = 40) -> String {
        let alphabet: [Character] = [
            "a", "b", "Z", "0", ".", " ", "\"", "\\", "\n", "\0", "é", "ß", "漢", "🐢", "{", "/",
        ]
        let length = chance(6) ? 0 : chance(8) ? most : Int.random(in: 0...min(most, 24), using: &random)
        var text = ""
        while text.utf8.count < length { text.append(alphabet.randomElement(using: &random) ?? "a") }
        while text.utf8.count > most { text.removeLast() }
        return text
    }

    package mutating func int() -> Int {
        chance(4)
            ? [Int.min, -1, 0, 1, Int.max][Int.random(in: 0..<5, using: &random)]
            : Int(truncatingIfNeeded: random.next())
    }

    /// Any number but NaN, which is not equal to itself.
    package mutating func double() -> Double {
        let value = Double(bitPattern: random.next())
        return chance(8)
            ? [0, -0.0, .infinity, -.infinity, 0.1][Int.random(in: 0..<5, using: &random)] : value.isNaN ? 1 : value
    }

    package mutating func value() -> AttributeValue {
        switch Int.random(in: 0..<8, using: &random) {
        case 0: .string(chance(20) ? text(5_000) : text())
        case 1: .bool(chance(2))
        case 2: .int(int())
        case 3: .double(double())
        case 4: .strings(many(5) { $0.text() })
        case 5: .bools(many(5) { $0.chance(2) })
        case 6: .ints(many(5) { $0.int() })
        default: .doubles(many(5) { $0.double() })
        }
    }

    package mutating func attributes(_ most: Int = 6) -> Attributes {
        Attributes(many(chance(10) ? 40 : most) { (key: $0.text(255), value: $0.value()) })
    }

    package mutating func time() -> Timestamp { Timestamp(nanoseconds: UInt64.random(in: 0..<1 << 62, using: &random)) }

    package mutating func context() -> SpanContext {
        SpanContext(traceID: TraceID(high: random.next(), low: random.next()), spanID: SpanID(random.next()))
    }

    package mutating func link() -> SpanLink {
        var context = context()
        context.isSampled = chance(2)
        context.isRemote = chance(2)
        return SpanLink(context, attributes(2))
    }

    package mutating func span() -> SpanRecord {
        let times = [time(), time()].sorted()
        let statuses: [SpanStatus] = [.unset, .ok, .cancelled, .error(""), .error(text())]
        let kinds: [SpanKind] = [.internal, .server, .client, .producer, .consumer]
        return SpanRecord(
            text(300), context: context(), parentID: SpanID(chance(3) ? 0 : random.next()), parentIsRemote: chance(4),
            kind: kinds.randomElement(using: &random) ?? .internal, start: times[0], end: times[1],
            status: statuses.randomElement(using: &random) ?? .unset, attributes: attributes(),
            startAttributes: chance(3) ? attributes() : [:], stopAttributes: chance(3) ? attributes() : [:],
            events: many(3) { Event($0.chance(4) ? "error" : $0.text(255), $0.attributes(3), at: $0.time()) },
            links: many(2) { $0.link() }, dropped: chance(5) ? Int.random(in: 1...Int.max, using: &random) : 0)
    }

    mutating func typedEvent() -> EventRecord {
        var fields: [EventRecord.Field] = []
        for i in 0..<Int.random(in: 0...8, using: &random) {
            fields.append(.init("\(i)" + text(200), chance(3) ? nil : value()))
        }
        return EventRecord(
            text(300), id: EventID(high: random.next(), low: random.next()), time: time(), emitTime: time(),
            sessionID: text(), backend: chance(2) ? nil : text(), taskID: chance(2) ? nil : text(),
            nodeID: chance(2) ? nil : text(), attributes: attributes(), fields: fields, context: context(),
            dropped: chance(5) ? 7 : 0)
    }

    /// A span, its start, its stop or an event: what a batch keeps packed.
    package mutating func record() -> Record {
        switch Int.random(in: 0..<6, using: &random) {
        case 5: .typedEvent(typedEvent())
        case 0: .start(span())
        case 1: .stop(span())
        case 2: .event(SpanEventRecord(Event(text(300), attributes(), at: time()), span: context(), isError: chance(2)))
        default: .span(span())
        }
    }
}
