public import OneLoggerCore

extension ConsoleExporter {
    /// What a configuration may say under `type: console`; every key has a default.
    public struct Options: SettingsReadable {
        /// The files that a process has open from its beginning.
        public enum Stream: Sendable, Hashable {
            /// Standard output.
            case stdout
            /// Standard error.
            case stderr
        }

        /// When colours are used.
        public enum Color: Sendable, Hashable {
            /// On a terminal, unless the environment variable `NO_COLOR` is set and not empty, or `TERM` is `dumb`.
            case auto
            /// Also into files and pipes; `NO_COLOR` still forbids them.
            case always
            /// Never.
            case never
        }

        /// How much is shown while the job runs; each level shows what the one before it shows.
        public enum Verbosity: Int, Sendable, Hashable, Comparable {
            /// Notices about missing telemetry data only.
            case summary
            /// Spans with their durations, and errors.
            case names
            /// Attributes and events as well.
            case spans
            /// Ids, links, attributes of start and stop, and every metric point as well.
            case all

            /// Less detail comes first.
            public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
        }

        /// Where the lines go.
        ///
        /// Key `stream`: `stdout` or `stderr`, the default.
        public var stream: Stream
        /// When colours are used.
        ///
        /// Key `color`: `auto`, the default, `always` or `never`.
        public var color: Color
        /// How much is shown while the job runs.
        ///
        /// Key `verbosity`: `summary`, `names`, `spans`, the default, or `all`.
        public var verbosity: Verbosity
        /// Whether a summary is shown at the end.
        ///
        /// Key `summary`, default true.
        public var summary: Bool
        /// The most characters of a value, a name or a message; the rest becomes `…`.
        ///
        /// Key `max_value_length`, 8 to 65,536, default 120.
        public var maxValueLength: Int
        /// How many names the summary tells apart, in each of its tables; the others share a row.
        ///
        /// Key `max_names`, 1 to 10,000, default 100.
        public var maxNames: Int
        /// How long a finished span may wait for its parent, so that it can be shown below it.
        ///
        /// Key `hold_ms`, 0 to 60,000, default 1,000. Unit: milliseconds.
        public var hold: Duration

        /// Creates options without a configuration.
        public init(
            stream: Stream = .stderr, color: Color = .auto, verbosity: Verbosity = .spans, summary: Bool = true,
            maxValueLength: Int = 120, maxNames: Int = 100, hold: Duration = .seconds(1)
        ) {
            self.stream = stream
            self.color = color
            self.verbosity = verbosity
            self.summary = summary
            self.maxValueLength = maxValueLength
            self.maxNames = maxNames
            self.hold = hold
        }

        /// Reads the keys; all of them may be absent.
        ///
        /// - Throws: `SettingsError` that names each problem and its place.
        public init(_ settings: inout Settings) throws(SettingsError) {
            self.init()
            settings.read("stream", into: &stream, ["stdout": .stdout, "stderr": .stderr])
            settings.read("color", into: &color, ["auto": .auto, "always": .always, "never": .never])
            settings.read(
                "verbosity", into: &verbosity, ["summary": .summary, "names": .names, "spans": .spans, "all": .all])
            settings.read("summary", into: &summary)
            settings.read("max_value_length", into: &maxValueLength, in: 8...65_536)
            settings.read("max_names", into: &maxNames, in: 1...10_000)
            settings.readMilliseconds("hold_ms", into: &hold, in: 0...60_000)
            try settings.finish()
        }
    }
}
