internal import OneLoggerCore

/// Writes the fields of OTLP's messages, each with its number and its name, so that the mapping is said once for both
/// formats.
///
/// Fields must be written in the order of their numbers: protobuf's canonical form wants that. Fields that say zero or
/// nothing are left out, unless the comment says otherwise.
protocol MessageWriter: ~Copyable, Sendable {
    init()

    /// How much was written. Unit: bytes.
    var count: Int { get }
    /// Makes room for what becomes of a packed record of that many bytes; the writers of records do not check.
    mutating func reserve(record bytes: Int)
    /// Forgets everything past the first `count` bytes.
    mutating func truncate(to count: Int)
    /// What was written.
    borrowing func withBytes<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R

    /// Begins a message that occurs once.
    mutating func begin(_ number: UInt8, _ name: StaticString) -> MessageMark
    /// Begins one message of a list; `isLong` says that 128 bytes or more are likely.
    mutating func beginItem(_ number: UInt8, isLong: Bool) -> MessageMark
    /// Ends the message that `mark` began.
    mutating func end(_ mark: MessageMark)
    /// Begins a list of messages.
    mutating func beginList(_ name: StaticString) -> MessageMark
    /// Ends a list; an empty one leaves nothing.
    mutating func endList(_ mark: MessageMark)

    /// A text, an empty one too.
    mutating func text(_ number: UInt8, _ name: StaticString, _ bytes: borrowing Span<UInt8>)
    /// A text, an empty one too; makes room itself.
    mutating func text(_ number: UInt8, _ name: StaticString, _ text: String)
    /// A 64-bit number of fixed size.
    mutating func fixed64(_ number: UInt8, _ name: StaticString, _ value: UInt64)
    /// A 32-bit number of fixed size.
    mutating func fixed32(_ number: UInt8, _ name: StaticString, _ value: UInt32)
    /// An enumeration or a 32-bit number.
    mutating func small(_ number: UInt8, _ name: StaticString, _ value: UInt32)
    /// A 32-bit number that is often negative.
    mutating func zigzag(_ number: UInt8, _ name: StaticString, _ value: Int32)
    /// A 64-bit signed number, zero too.
    mutating func int(_ number: UInt8, _ name: StaticString, _ value: Int)
    /// A floating-point number, zero too.
    mutating func double(_ number: UInt8, _ name: StaticString, _ value: Double)
    /// A truth value, false too.
    mutating func bool(_ number: UInt8, _ name: StaticString, _ value: Bool)
    /// A span's id.
    mutating func id(_ number: UInt8, _ name: StaticString, _ value: UInt64)
    /// A trace's id.
    mutating func id(_ number: UInt8, _ name: StaticString, _ high: UInt64, _ low: UInt64)
    /// Counts as numbers of fixed size, or of as many bytes as they need.
    mutating func counts(_ number: UInt8, _ name: StaticString, _ values: [Int], isFixed: Bool)
    /// Floating-point numbers.
    mutating func doubles(_ number: UInt8, _ name: StaticString, _ values: [Double])

    /// What every span has, up to its times; where its kind stands.
    mutating func spanHead(_ record: borrowing RecordView) -> Int

    /// An enumeration of one digit that may be set later; where it stands.
    mutating func digit(_ number: UInt8, _ name: StaticString, _ value: UInt8) -> Int
    mutating func setDigit(at place: Int, _ value: UInt8)

    /// An empty text or list, where a reader of the format may insist on it.
    mutating func nothing(_ name: StaticString, isList: Bool)

    /// One attribute of a list of them.
    mutating func attribute(_ number: UInt8, _ attribute: borrowing AttributeView)

    /// All attributes of a record as they were set; what they mean is said at `RecordView.forEachSetAttribute`.
    mutating func attributes(
        _ number: UInt8, of record: borrowing RecordView
    ) -> (otherParts: UInt32, mayRepeat: Bool)

    /// A whole request: the fields of resource and scope, as a writer has written them, and items from a list.
    static func request(
        _ signal: OTLPSignal, resource: borrowing Span<UInt8>, scope: borrowing Span<UInt8>,
        items: borrowing Span<UInt8>
    ) -> OTLPBody

    /// Begins to write items of requests with this frame; nothing may be written yet.
    mutating func open(_ frame: borrowing RequestFrame)
    /// Makes a request of the items before `end`; what is behind them is kept, and is all that counts from here on.
    mutating func cut(_ signal: OTLPSignal, _ frame: borrowing RequestFrame, at end: Int) -> OTLPBody
}

/// Where a message or a list began.
struct MessageMark {
    /// Before the name or the tag.
    var place: Int
    /// Behind it.
    var content: Int
}

extension MessageWriter where Self: ~Copyable {
    /// Attributes that are ordinary values; makes room itself.
    mutating func attributes(_ number: UInt8, _ name: StaticString, _ attributes: Attributes) {
        let list = beginList(name)
        for (key, value) in attributes { attribute(number, key, value) }
        endList(list)
    }

    /// One attribute of a list; makes room itself.
    mutating func attribute(_ number: UInt8, _ key: String, _ value: AttributeValue) {
        let item = beginItem(number, isLong: false)
        if key.isEmpty { nothing("key", isList: false) } else { text(1, "key", key) }
        let any = begin(2, "value")
        self.value(value)
        end(any)
        end(item)
    }

    /// The content of an `AnyValue`; makes room itself.
    mutating func value(_ value: AttributeValue) {
        switch value {
        case .string(let text): self.text(1, "stringValue", text)
        case .bool(let truth): bool(2, "boolValue", truth)
        case .int(let number): int(3, "intValue", number)
        case .double(let number): double(4, "doubleValue", number)
        case .strings(let texts): list(texts) { $0.text(1, "stringValue", $1) }
        case .bools(let truths): list(truths) { $0.bool(2, "boolValue", $1) }
        case .ints(let numbers): list(numbers) { $0.int(3, "intValue", $1) }
        case .doubles(let numbers): list(numbers) { $0.double(4, "doubleValue", $1) }
        }
    }

    private mutating func list<T>(_ elements: [T], _ element: (inout Self, T) -> Void) {
        reserve(record: elements.count * 16)
        let array = begin(5, "arrayValue"), values = beginList("values")
        for value in elements {
            let item = beginItem(1, isLong: false)
            element(&self, value)
            end(item)
        }
        endList(values)
        if elements.isEmpty { nothing("values", isList: true) }
        end(array)
    }
}
