internal import OneLoggerCore
internal import OneLoggerText

/// Asks a Dask scheduler what it knows about itself, in the protocol that its own workers speak.
///
/// A message is a number of bytes that follow, a number of frames, the length of each, and the frames, all little-endian;
/// the first frame is MessagePack. Both sides begin with a greeting.
enum DaskProtocol: Sendable {
    /// Larger greetings are refused.
    private static let largestGreeting = AnswerLimit(bytes: 1 << 16)
    /// A number of bytes that no message has: it is no such number.
    private static let absurd = 1 << 40

    /// What a busy worker tells most of, and nobody asks here.
    private static let unused: Set<String> = [
        "digests_total_since_heartbeat", "bandwidth", "task_counts", "transfer", "spilled_bytes", "services",
        "resources",
    ]

    // {"compression": nil, "python": [3, 10, 0], "pickle-protocol": 5}
    private static let greeting: [UInt8] =
        [0x83] + text("compression") + [0xc0] + text("python") + [0x93, 3, 10, 0] + text("pickle-protocol") + [5]
    // {"op": "identity", "reply": true, "n_workers": -1}
    private static let question: [UInt8] =
        [0x83] + text("op") + text("identity") + text("reply") + [0xc3] + text("n_workers") + [0xff]

    /// A short text in MessagePack.
    private static func text(_ text: String) -> [UInt8] { [0xa0 | UInt8(text.utf8.count)] + Array(text.utf8) }

    /// The scheduler's identity, with all workers.
    static func identity(
        host: String, port: Int, deadline: ContinuousClock.Instant, limit: AnswerLimit
    ) throws(ResourceError) -> JSONValue {
        let source = "dask tcp://\(host):\(port)"
        do throws(TCPConnection.Problem) {
            let connection = try TCPConnection(host: host, port: port, deadline: deadline)
            _ = try message(connection, largestGreeting)
            try connection.send(framed(greeting))
            try connection.send(framed(question))
            let answer = try message(connection, limit)
            var reader = MessagePackReader(answer, maximumValues: limit.values, skipping: unused)
            do throws(MessagePackReader.Problem) {
                let identity = try reader.value()
                guard identity["workers"] != nil else {
                    throw MessagePackReader.Problem(offset: 0, reason: "it names no workers")
                }
                return identity
            } catch {
                throw TCPConnection.Problem(reason: "byte \(error.offset) of the answer: \(error.reason)")
            }
        } catch {
            throw .unavailable(source: source, reason: error.reason)
        }
    }

    private static func framed(_ frame: [UInt8]) -> [UInt8] {
        number(16 + frame.count) + number(1) + number(frame.count) + frame
    }

    private static func number(_ value: Int) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }

    /// The first frame of the next message.
    private static func message(
        _ connection: borrowing TCPConnection, _ limit: AnswerLimit
    ) throws(TCPConnection.Problem) -> [UInt8] {
        let head = try connection.receive(16)
        let total = size(head[0..<8]), frames = size(head[8..<16])
        guard (1...1024).contains(frames), total >= 8 + frames * 8, total < absurd else {
            throw TCPConnection.Problem(reason: "it does not speak the protocol of Dask")
        }
        guard total <= limit.bytes else { throw TCPConnection.Problem(reason: limit.problem(total)) }
        let lengths = try connection.receive(frames * 8)
        let first = size(lengths[0..<8])
        let sum = stride(from: 0, to: lengths.count, by: 8).reduce(0) { sum, place in
            let (result, overflow) = sum.addingReportingOverflow(size(lengths[place..<place + 8]))
            return overflow ? .max : result
        }
        guard sum <= total else { throw TCPConnection.Problem(reason: "its frames are longer than their message") }
        return Array(try connection.receive(sum).prefix(first))
    }

    private static func size(_ bytes: ArraySlice<UInt8>) -> Int {
        Int(clamping: bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    }
}
