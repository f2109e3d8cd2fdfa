/// The number of one typed event, unique in the world.
public struct EventID: Sendable, Hashable, BitwiseCopyable {
    /// The first half.
    public var high: UInt64
    /// The second half.
    public var low: UInt64

    /// Creates an id from its halves.
    @inlinable
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Makes 128 random bits a UUID of version 4, as other tools expect it.
    @export(implementation) @inline(__always)
    package init(random high: UInt64, _ low: UInt64) {
        self.high = high & ~0xf000 | 0x4000
        self.low = low & (UInt64.max &>> 2) | 1 &<< 63
    }

    /// Reads 32 hexadecimal digits, with or without the hyphens of a UUID; nil for anything else.
    public init?(_ text: String) {
        var high: UInt64 = 0, low: UInt64 = 0, count = 0
        for byte in text.utf8 where byte != 45 {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { return nil }
            high = high &<< 4 | low &>> 60
            low = low &<< 4 | UInt64(digit)
            count += 1
        }
        guard count == 32 else { return nil }
        self.init(high: high, low: low)
    }
}

extension EventID: CustomStringConvertible {
    /// 32 lowercase hexadecimal digits.
    public var description: String { TraceID(high: high, low: low).description }
}

/// A typed event as ordinary values: what a ``TelemetryEvent`` became when it was emitted.
public struct EventRecord: Sendable, Hashable {
    /// One of the fields that an event type has of its own.
    public struct Field: Sendable, Hashable {
        /// What the field is called.
        public var name: String
        /// Its value; nil when the event says nothing, which is null in a file.
        public var value: AttributeValue?

        /// Creates a field.
        public init(_ name: String, _ value: AttributeValue?) {
            self.name = name
            self.value = value
        }
    }

    /// What kind of event it is, such as `TaskStarted` or `myapp.DataQualityChecked`.
    public var type: String
    /// Which one.
    public var id: EventID
    /// When it happened.
    public var time: Timestamp
    /// When it was emitted.
    public var emitTime: Timestamp
    /// The session that was open; empty when there was none.
    public var sessionID: String
    /// Which part of the system tells it; nil when nobody said.
    public var backend: String?
    /// The task that it is about; nil when it is about none.
    public var taskID: String?
    /// The machine that it is about; nil when it is about none.
    public var nodeID: String?
    /// What else is known.
    public var attributes: Attributes
    /// The fields of the type, in their declared order; a name stands once.
    public var fields: [Field]
    /// The span to which it belongs; not valid when there was neither a span nor a session.
    public var context: SpanContext
    /// How many fields and attributes did not fit.
    public var dropped: Int

    /// Creates a record by hand.
    public init(
        _ type: String, id: EventID, time: Timestamp, emitTime: Timestamp? = nil, sessionID: String = "",
        backend: String? = nil, taskID: String? = nil, nodeID: String? = nil, attributes: Attributes = [:],
        fields: [Field] = [], context: SpanContext, dropped: Int = 0
    ) {
        self.type = type
        self.id = id
        self.time = time
        self.emitTime = emitTime ?? time
        self.sessionID = sessionID
        self.backend = backend
        self.taskID = taskID
        self.nodeID = nodeID
        self.attributes = attributes
        self.fields = fields
        self.context = context
        self.dropped = dropped
    }

    /// The value of a field of the type; nil when it is absent or null.
    public subscript(field name: String) -> AttributeValue? { fields.last { $0.name == name }?.value }
}
