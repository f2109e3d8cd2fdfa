import OneLoggerCore
import OneLoggerTestSupport
import Testing

@Suite struct AttributeViewTests {
    /// A record as the hot path writes it: a name that was set twice stands there twice.
    private func batch(_ pairs: [(String, AttributeValue)]) -> Batch {
        var buffer = RecordBuffer(capacity: 0)
        let context = SpanContext(traceID: TraceID(high: 1, low: 2), spanID: SpanID(3))
        buffer.header(.span, 0, "x", RecordLayout.unixBits | 1, RecordLayout.unixBits | 2, context, SpanID(0))
        for (key, value) in pairs { buffer.append(key, value) }
        buffer.append(dropped: 3)
        buffer.close(0)
        return Batch(buffer, clock: .unix, resource: Resource())
    }

    private func viewed(_ batch: Batch) -> [(key: String, value: AttributeValue)] {
        var pairs: [(key: String, value: AttributeValue)] = []
        batch.forEach { record in
            record.forEachAttribute { pairs.append((String(copying: $0.key), $0.value)) }
        }
        return pairs
    }

    @Test func `of a name that was set twice the last value is seen, at the first place`() {
        let batch = batch([("a", 1), ("b", 2), ("a", "three"), ("c", 4), ("b", .ints([5]))])
        let pairs = viewed(batch)
        #expect(pairs.map(\.key) == ["a", "b", "c"])
        #expect(pairs.map(\.value) == ["three", .ints([5]), 4])
        batch.forEach { #expect($0.attributes.map(\.value) == ["three", .ints([5]), 4]) }
    }

    @Test func `an empty name set twice is one name`() {
        let pairs = viewed(batch([("", 1), ("x", 2), ("", 3)]))
        #expect(pairs.map(\.key) == ["", "x"])
        #expect(pairs.map(\.value) == [3, 2])
    }

    /// Same length, same first and last byte: the quick test cannot tell them apart and must not merge them.
    @Test func `different names that look alike to the quick test stay apart`() {
        let keys = (0..<40).map { "k\($0 / 10)\($0 % 10)k" }
        let pairs = viewed(batch(keys.enumerated().map { ($0.element, .int($0.offset)) }))
        #expect(pairs.map(\.key) == keys)
        #expect(pairs.map(\.value) == keys.indices.map { .int($0) })
    }

    @Test func `more names than the quick test has classes are all seen, and repeated ones once`() {
        let keys = (0..<200).map { "name.\($0)" }
        let once = keys.enumerated().map { ($0.element, AttributeValue.int($0.offset)) }
        #expect(viewed(batch(once)).map(\.key) == keys)
        let twice = viewed(batch(once + keys.map { ($0, "again") }))
        #expect(twice.map(\.key) == keys)
        #expect(twice.allSatisfy { $0.value == "again" })
    }

    @Test func `random lists of few names agree with an ordinary collection`() {
        var random = RandomRecords(seed: 11)
        for _ in 0..<300 {
            let pairs = random.many(24) { ("k\(Int.random(in: 0..<12, using: &$0.random))", $0.value()) }
            let expected = Attributes(pairs.map { (key: $0.0, value: $0.1) })
            let seen = viewed(batch(pairs))
            #expect(seen.map(\.key) == expected.map(\.key))
            #expect(seen.map(\.value) == expected.map(\.value))
        }
    }

    @Test func `each kind is read through its own property`() {
        let batch = batch([("i", -7), ("d", 0.5), ("b", true), ("s", "text"), ("l", .bools([true, false]))])
        var kinds: [AttributeView.Kind] = []
        batch.forEach { record in
            record.forEachAttribute { view in
                kinds.append(view.kind)
                switch view.kind {
                case .int: #expect(view.int == -7)
                case .double: #expect(view.double == 0.5)
                case .bool: #expect(view.bool == true)
                case .string: #expect(String(copying: view.text) == "text")
                case .list: #expect(view.value == .bools([true, false]))
                }
            }
        }
        #expect(kinds == [.int, .double, .bool, .string, .list])
    }

    @Test func `reading a value as another kind gives nothing, and nothing from beyond the record`() {
        let batch = batch([("i", -1), ("d", 1e300), ("b", true), ("s", ""), ("l", .doubles([1, 2]))])
        batch.forEach { record in
            record.forEachAttribute { view in
                if view.kind != .int { #expect(view.int == 0) }
                if view.kind != .double { #expect(view.double == 0) }
                if view.kind != .bool { #expect(view.bool == false) }
                #expect(view.text.count == 0)
            }
        }
    }

    @Test func `views of events show time, name and distinct attributes`() {
        var buffer = RecordBuffer(capacity: 0)
        let context = SpanContext(traceID: TraceID(high: 1, low: 2), spanID: SpanID(3))
        let events = [
            Event("first", ["a": 1], at: Timestamp(nanoseconds: 5)),
            Event("error", ["m": "x"], at: Timestamp(nanoseconds: 6)),
        ]
        let span = SpanRecord(
            "s", context: context, start: Timestamp(nanoseconds: 1), end: Timestamp(nanoseconds: 9),
            attributes: ["own": 1],
            events: events)
        buffer.append(span, kind: .span)
        var seen: [Event] = []
        Batch(buffer, clock: .unix, resource: Resource()).forEach { record in
            record.forEachEvent { view in
                seen.append(view.event)
                #expect(view.isError == (String(copying: view.name) == "error"))
                var keys: [String] = []
                view.forEachAttribute { keys.append(String(copying: $0.key)) }
                #expect(keys == view.event.attributes.map(\.key))
            }
        }
        #expect(seen == events)
    }
}
