public import OneLoggerCore

/// One line of a recording, as ``JSONLReader`` understood it.
public struct JSONLLine: Sendable, Hashable {
    /// What a line may be.
    @nonexhaustive
    public enum Content: Sendable, Hashable {
        /// A new run of lines begins.
        case header(JSONLHeader)
        /// A record.
        case record(Record)
        /// Several records: a line of metrics in the schema `tal`.
        case records([Record])
        /// Valid, but of a type that this version does not know.
        case unknown(type: String)
        /// Not a record. The column counts bytes from 1; it is 0 when the whole line is meant.
        case invalid(column: Int, reason: String)
        /// The last line, without its end: the writer was stopped while writing, or is writing just now.
        case torn
    }

    /// Which line it is, from 1.
    public var number: Int
    /// Where it begins, in bytes from the beginning of the file.
    public var offset: Int
    /// What it says.
    public var content: Content
    /// Its own number within the writer's run of lines; nil when it has none.
    public var count: Int?
    /// The process that wrote it; nil when it does not say.
    public var pid: Int?
    /// In which form it is written.
    public var schema = JSONLExporter.Schema.onelogger
    /// How many lines of the same writer are missing right before it.
    public var missingBefore: Int
}

/// What the first line of a run of lines says.
public struct JSONLHeader: Sendable, Hashable {
    /// The version of the format; 1 today.
    public var version: Int
    /// What wrote the lines.
    public var resource: Resource
    /// When the run began.
    public var time: Timestamp

    /// Creates a header.
    public init(version: Int = 1, resource: Resource, time: Timestamp) {
        self.version = version
        self.resource = resource
        self.time = time
    }
}

/// A recording in memory.
public struct JSONLContents: Sendable, Hashable {
    /// Something that a reader of the recording should know.
    public struct Problem: Sendable, Hashable, CustomStringConvertible {
        /// What is wrong with a line.
        @nonexhaustive
        public enum Kind: Sendable, Hashable {
            /// It is not a record; the column counts bytes from 1, 0 means the whole line.
            case invalid(column: Int, reason: String)
            /// It is the last one and not whole.
            case torn
            /// Lines are missing before it.
            case gap(missing: Int, pid: Int?)
        }

        /// The file.
        public var file: String
        /// The line, from 1.
        public var line: Int
        /// What is wrong.
        public var kind: Kind

        /// Creates a problem.
        public init(file: String, line: Int, kind: Kind) {
            self.file = file
            self.line = line
            self.kind = kind
        }

        /// One line: where, what, and what it means.
        public var description: String {
            switch kind {
            case .invalid(0, let reason): "\(file):\(line): error: \(reason). The line is skipped."
            case .invalid(let column, let reason): "\(file):\(line):\(column): error: \(reason). The line is skipped."
            case .torn: "\(file):\(line): error: the last line is not whole. It is skipped; nothing else is affected."
            case .gap(let missing, let pid):
                "\(file):\(line): error: \(missing) line(s)\(pid.map { " of process \($0)" } ?? "") are missing before "
                    + "this one. Treat the recording as incomplete."
            }
        }
    }

    /// The headers, in their order.
    public var headers: [JSONLHeader] = []
    /// The records, in their order.
    public var records: [Record] = []
    /// How often each unknown type occurs.
    public var unknown: [String: Int] = [:]
    /// What is wrong, in the order of the lines.
    public var problems: [Problem] = []
}

/// Why a recording cannot be read at all.
public struct JSONLReadError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file.
    public var file: String
    /// The system's number for the reason.
    public var errno: Int32
    /// The reason in words.
    public var reason: String

    /// One line: where, what, and what to do.
    public var description: String {
        "\(file): error: can't be read: \(reason). Pass a file that exists and may be read."
    }
}
