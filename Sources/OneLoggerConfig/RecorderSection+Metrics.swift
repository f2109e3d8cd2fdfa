public import OneLoggerCore

extension RecorderSection {
    /// Which metrics come by themselves, and the limits of all.
    public struct Metrics: SettingsReadable, Hashable {
        /// Which names of spans are timed and counted.
        @nonexhaustive
        public enum Spans: Sendable, Hashable {
            /// All names.
            case all
            /// None but summarised ones.
            case none
            /// These names.
            case only([String])
        }

        /// Which spans are timed and counted.
        ///
        /// Key `spans`: `true`, `false` or a list of names.
        public var spans = Spans.all
        /// Processor time, memory and start time of the process.
        ///
        /// Key `process`.
        public var process = true
        /// How the recorder and its exporters fare.
        ///
        /// Key `health`.
        public var health = true
        /// Whether counters and histograms keep the span in which a value was measured.
        ///
        /// Key `exemplars`.
        public var exemplars = false
        /// The most series of an instrument that has no limit of its own.
        ///
        /// Key `series_limit`, 1 to 1,000,000.
        public var seriesLimit = 2_000

        /// Creates the defaults.
        public init() {}

        /// Reads the map.
        ///
        /// - Throws: `SettingsError` that names each problem and its place.
        public init(_ settings: inout Settings) throws(SettingsError) {
            if let node = settings.node("spans") {
                switch node.content {
                case .bool(let isOn): spans = isOn ? .all : .none
                case .list:
                    let names = settings.reread("spans", node) { $0.strings("spans") } ?? []
                    if names.contains(where: { $0.allSatisfy(\.isWhitespace) }) {
                        settings.report("spans", "holds a blank name", advice: "Remove it.", at: node.origin)
                    }
                    spans = .only(names)
                default: settings.wrongType("spans", "true, false or a list of names", node)
                }
            }
            settings.read("process", into: &process)
            settings.read("health", into: &health)
            settings.read("exemplars", into: &exemplars)
            settings.read("series_limit", into: &seriesLimit, in: 1...1_000_000)
            try settings.finish()
        }

        /// The values that apply where nobody gives others.
        static let defaults: SettingsNode = [
            "spans": true, "process": true, "health": true, "exemplars": false, "series_limit": 2_000,
        ]
    }
}
