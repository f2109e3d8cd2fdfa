/// Something that happened at one point in time.
public struct Event: Sendable, Hashable {
    /// What happened, such as `checkpoint.saved`.
    public var name: String
    /// When; nil means the moment at which the event is recorded.
    public var time: Timestamp?
    /// What is known about it.
    public var attributes: Attributes

    /// Creates an event.
    public init(_ name: String, _ attributes: Attributes = [:], at time: Timestamp? = nil) {
        self.name = name
        self.time = time
        self.attributes = attributes
    }

    /// The name under which an application's error is recorded.
    public static var errorName: String { "error" }

    /// Creates the event that describes an application's error.
    ///
    /// Names of the attributes: `error_message`, and with an `error` also `exception_type` and `exception_message`,
    /// which may be empty. The caller's attributes win.
    ///
    /// - Parameters:
    ///   - message: What was being done, for people.
    ///   - error: The error, nil when there is only a message.
    ///   - attributes: More to say.
    ///   - time: When; nil means the moment at which the event is recorded.
    /// - Returns: An event called ``errorName``.
    public static func error(
        _ message: String, _ error: (any Error)? = nil, _ attributes: Attributes = [:], at time: Timestamp? = nil
    ) -> Event {
        var all: Attributes = ["error_message": .string(message)]
        if let error {
            all["exception_type"] = .string(String(describing: type(of: error)))
            all["exception_message"] = .string(String(describing: error))
        }
        return Event(errorName, all.merging(attributes), at: time)
    }
}

/// Another span that this one has to do with, without being its child.
public struct SpanLink: Sendable, Hashable {
    /// The other span.
    public var context: SpanContext
    /// What is known about the relation.
    public var attributes: Attributes

    /// Creates a link.
    public init(_ context: SpanContext, _ attributes: Attributes = [:]) {
        self.context = context
        self.attributes = attributes
    }
}
