internal import OneLoggerCore
internal import OneLoggerText

/// Writes OTLP's JSON: names in lowerCamelCase, ids as hexadecimal digits, 64-bit whole numbers as texts.
///
/// Makes room itself. A comma follows everything; the end of a message or a list replaces the last one.
struct JSONMessageWriter: ~Copyable, MessageWriter {
    private var json = JSONWriter()

    init() {}

    var count: Int { json.count }
    func reserve(record bytes: Int) {}
    mutating func truncate(to count: Int) { json.truncate(to: count) }

    borrowing func withBytes<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R { unsafe json.withBytes(body) }

    /// A name and its colon, with room for a number behind them.
    private mutating func name(_ name: StaticString) {
        json.reserve(name.utf8CodeUnitCount + 64)
        json.byte(34)
        json.raw(name)
        json.raw("\":")
    }

    // MARK: messages

    mutating func begin(_ number: UInt8, _ name: StaticString) -> MessageMark {
        let place = count
        self.name(name)
        json.byte(123)
        return MessageMark(place: place, content: count)
    }

    mutating func beginItem(_ number: UInt8, isLong: Bool) -> MessageMark {
        let place = count
        json.reserve(1)
        json.byte(123)
        return MessageMark(place: place, content: count)
    }

    mutating func end(_ mark: MessageMark) {
        json.reserve(2)
        if count > mark.content { json.truncate(to: count - 1) }
        json.raw("},")
    }

    mutating func beginList(_ name: StaticString) -> MessageMark {
        let place = count
        self.name(name)
        json.byte(91)
        return MessageMark(place: place, content: count)
    }

    mutating func endList(_ mark: MessageMark) {
        guard count > mark.content else { return json.truncate(to: mark.place) }
        json.reserve(1)
        json.truncate(to: count - 1)
        json.raw("],")
    }

    // MARK: fields

    mutating func text(_ number: UInt8, _ name: StaticString, _ bytes: borrowing Span<UInt8>) {
        self.name(name)
        json.reserve(bytes.count * 6 + 3)
        json.text(bytes)
        json.byte(44)
    }

    mutating func text(_ number: UInt8, _ name: StaticString, _ text: String) {
        self.name(name)
        json.text(text)
        json.reserve(1)
        json.byte(44)
    }

    /// A 64-bit number, which JSON's readers would round.
    private mutating func quoted(_ value: UInt64) {
        json.byte(34)
        json.decimal(value)
        json.raw("\",")
    }

    mutating func fixed64(_ number: UInt8, _ name: StaticString, _ value: UInt64) {
        guard value != 0 else { return }
        self.name(name)
        quoted(value)
    }

    mutating func fixed32(_ number: UInt8, _ name: StaticString, _ value: UInt32) { small(number, name, value) }

    mutating func small(_ number: UInt8, _ name: StaticString, _ value: UInt32) {
        if value != 0 { plain(name, Int(value)) }
    }

    mutating func zigzag(_ number: UInt8, _ name: StaticString, _ value: Int32) {
        if value != 0 { plain(name, Int(value)) }
    }

    private mutating func plain(_ name: StaticString, _ value: Int) {
        self.name(name)
        json.integer(value)
        json.byte(44)
    }

    mutating func int(_ number: UInt8, _ name: StaticString, _ value: Int) {
        self.name(name)
        json.byte(34)
        json.integer(value)
        json.raw("\",")
    }

    mutating func double(_ number: UInt8, _ name: StaticString, _ value: Double) {
        self.name(name)
        json.number(value)
        json.byte(44)
    }

    mutating func bool(_ number: UInt8, _ name: StaticString, _ value: Bool) {
        self.name(name)
        json.raw(value ? "true," : "false,")
    }

    mutating func id(_ number: UInt8, _ name: StaticString, _ value: UInt64) {
        self.name(name)
        json.byte(34)
        json.hexadecimal(value)
        json.raw("\",")
    }

    mutating func id(_ number: UInt8, _ name: StaticString, _ high: UInt64, _ low: UInt64) {
        self.name(name)
        json.byte(34)
        json.hexadecimal(high)
        json.hexadecimal(low)
        json.raw("\",")
    }

    mutating func counts(_ number: UInt8, _ name: StaticString, _ values: [Int], isFixed: Bool) {
        let list = beginList(name)
        for value in values {
            json.reserve(32)
            quoted(UInt64(bitPattern: Int64(value)))
        }
        endList(list)
    }

    mutating func doubles(_ number: UInt8, _ name: StaticString, _ values: [Double]) {
        let list = beginList(name)
        for value in values {
            json.reserve(32)
            json.number(value)
            json.byte(44)
        }
        endList(list)
    }

    mutating func digit(_ number: UInt8, _ name: StaticString, _ value: UInt8) -> Int {
        plain(name, Int(value))
        return count - 2
    }

    mutating func setDigit(at place: Int, _ value: UInt8) { json.overwrite(48 + value, at: place) }

    /// The schema that Rust's programs share knows no attribute without a key and no list without values.
    mutating func nothing(_ name: StaticString, isList: Bool) {
        self.name(name)
        json.raw(isList ? "[]," : "\"\",")
    }

    mutating func spanHead(_ record: borrowing RecordView) -> Int { eachSpanHead(record) }

    mutating func attribute(_ number: UInt8, _ attribute: borrowing AttributeView) {
        let item = beginItem(number, isLong: false)
        text(1, "key", attribute.key)
        let any = begin(2, "value")
        switch attribute.kind {
        case .int: int(3, "intValue", attribute.int)
        case .double: double(4, "doubleValue", attribute.double)
        case .bool: bool(2, "boolValue", attribute.bool)
        case .string: text(1, "stringValue", attribute.text)
        case .list: value(attribute.value)
        }
        end(any)
        end(item)
    }

    mutating func attributes(
        _ number: UInt8, of record: borrowing RecordView
    ) -> (otherParts: UInt32, mayRepeat: Bool) {
        record.forEachSetAttribute { attribute(number, $0) }
    }

    static func request(
        _ signal: OTLPSignal, resource: borrowing Span<UInt8>, scope: borrowing Span<UInt8>,
        items: borrowing Span<UInt8>
    ) -> OTLPBody {
        let names = signal.listNames
        return OTLPBody(capacity: resource.count + scope.count + items.count + 128) { output in
            output.append("{\"")
            output.append(names.resources)
            output.append("\":[{")
            output.append(copying: resource)
            output.append("\"")
            output.append(names.scopes)
            output.append("\":[{")
            output.append(copying: scope)
            output.append("\"")
            output.append(names.items)
            output.append("\":[")
            output.append(copying: items.extracting(droppingLast: 1))
            output.append("]}]}]}")
        }
    }

    func open(_ frame: borrowing RequestFrame) {}

    mutating func cut(_ signal: OTLPSignal, _ frame: borrowing RequestFrame, at end: Int) -> OTLPBody {
        let body = unsafe withBytes { bytes in
            let items = unsafe Span<UInt8>(_unsafeElements: bytes.prefix(end).assumingMemoryBound(to: UInt8.self))
            return Self.request(signal, resource: frame.resource.span, scope: frame.scope.span, items: items)
        }
        let rest = unsafe withBytes { unsafe [UInt8]($0.dropFirst(end)) }
        json.truncate(to: 0)
        json.reserve(rest.count)
        for byte in rest { json.byte(byte) }
        return body
    }
}

extension OTLPSignal {
    /// The names of the nested lists of a request; in protobuf they have the same numbers for every signal.
    var listNames: (resources: StaticString, scopes: StaticString, items: StaticString) {
        switch self {
        case .traces: ("resourceSpans", "scopeSpans", "spans")
        case .metrics: ("resourceMetrics", "scopeMetrics", "metrics")
        case .logs: ("resourceLogs", "scopeLogs", "logRecords")
        }
    }
}
