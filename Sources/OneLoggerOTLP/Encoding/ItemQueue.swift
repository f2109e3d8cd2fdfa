internal import OneLoggerCore

/// The items of one signal that are not in a message yet, in memory that is used again.
struct ItemQueue<Writer: MessageWriter & ~Copyable>: ~Copyable, Sendable {
    /// Where the items of the next message are written, each followed by ``finish(from:_:into:)``.
    var writer = Writer()
    private let signal: OTLPSignal
    private let format: OTLPFormat
    private let limits: OTLPEncoder.Limits
    /// What they may take.
    ///
    /// Unit: bytes.
    private var room = 0
    /// How many records they hold.
    private(set) var records = 0

    init(_ signal: OTLPSignal, _ format: OTLPFormat, _ limits: OTLPEncoder.Limits) {
        self.signal = signal
        self.format = format
        self.limits = limits
    }

    /// Whether what is written would be too much for one message, with one record more than are counted.
    @inline(__always)
    func isOver(_ extra: Int = 0) -> Bool { records >= limits.records || writer.count &+ extra > room }

    /// Takes the size of what stands around the items off their room.
    mutating func open(_ frame: borrowing RequestFrame) {
        writer.open(frame)
        room = limits.bytes - frame.overhead
    }

    /// Counts the record that was written from `start` on, and makes a message of those before it when it is too much.
    @inline(__always)
    mutating func finish(from start: Int, _ frame: borrowing RequestFrame, into messages: inout [OTLPMessage]) {
        if isOver(), records > 0 { cut(at: start, frame, into: &messages) }
        records &+= 1
    }

    /// Counts a record that stays in the current message.
    mutating func count() { records += 1 }

    /// Makes a message of the records before `end`.
    @inline(never)
    mutating func cut(at end: Int, _ frame: borrowing RequestFrame, into messages: inout [OTLPMessage]) {
        guard records > 0 else { return }
        let content = writer.cut(signal, frame, at: end)
        messages.append(OTLPMessage(signal: signal, format: format, content: content, recordCount: records))
        records = 0
    }

    /// Makes a message of what is left.
    mutating func close(_ frame: borrowing RequestFrame, into messages: inout [OTLPMessage]) {
        cut(at: writer.count, frame, into: &messages)
        writer.truncate(to: 0)
    }
}

/// What stands around the items of a request, made once per resource.
struct RequestFrame: Sendable {
    /// The field `resource` with its tag or name.
    var resource: [UInt8]
    /// The field `scope`.
    var scope: [UInt8]
    /// The most that a request has beside its items.
    var overhead: Int { resource.count + scope.count + 128 }

    init<Writer: MessageWriter & ~Copyable>(_ resource: Attributes, _ type: Writer.Type) {
        func bytes(_ write: (inout Writer) -> Void) -> [UInt8] {
            var writer = Writer()
            writer.reserve(record: 64)
            write(&writer)
            return unsafe writer.withBytes { unsafe [UInt8]($0) }
        }
        self.resource = bytes { writer in
            let message = writer.begin(1, "resource")
            writer.attributes(1, "attributes", resource)
            writer.end(message)
        }
        scope = bytes { writer in
            let message = writer.begin(1, "scope")
            writer.text(1, "name", "onelogger")
            writer.text(2, "version", packageVersion)
            writer.end(message)
        }
    }
}
