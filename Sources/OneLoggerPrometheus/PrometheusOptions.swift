public import OneLoggerCore

extension PrometheusExporter {
    /// How metrics are spelled.
    public enum Names: Sendable, Hashable {
        /// By the rules of Prometheus: `train_step_duration_seconds`, `tasks_completed_total`.
        case prometheus
        /// As the instruments are called, with `_` for what cannot stand in a name: `tasks_completed`.
        case plain
    }

    /// What the file holds.
    public enum Format: Sendable, Hashable {
        /// Prometheus's text format 0.0.4, the only one that node exporter reads.
        case text
        /// OpenMetrics 1.0, with exemplars.
        case openMetrics
    }

    /// What a configuration may say under `type: prometheus`.
    public struct Options: SettingsReadable, Hashable {
        /// The file where nothing else is asked for: one for each process.
        public static var defaultPath: String { "onelogger-{rank}-{pid}.prom" }

        /// The file; its folders are made when missing.
        ///
        /// Nil means none. Key `path`: by default ``defaultPath``, but none when there is `listen`. `{rank}`, `{pid}`
        /// and `{session}` are replaced, see `Resource.expanding`, and each of them is also a label of every series: node
        /// exporter refuses two files that hold the same series.
        public var path: String?

        /// How metrics are spelled.
        ///
        /// Key `names`: `prometheus` (default) or `plain`.
        public var names = Names.prometheus

        /// What the file holds.
        ///
        /// Key `format`: `text` (default) or `openmetrics`.
        public var format = Format.text

        /// Where the same text is served over HTTP, under `/metrics`; nil means nowhere.
        ///
        /// Key `listen`: an IPv4 address, `[IPv6]` or `localhost`, then a port, such as `127.0.0.1:9464`. Port 0 lets the
        /// system choose one. Absent by default.
        public var listen: String?

        /// Whether other machines may reach the endpoint.
        ///
        /// Key `allow_remote`: false by default; then only addresses of this machine itself are allowed.
        public var allowRemote = false

        /// Whether files of processes that are gone are removed when the exporter starts.
        ///
        /// Key `sweep`: false by default. Needs `{pid}` in the file's name. Only where all who write into the folder
        /// see each other's process ids, which containers and machines that share one do not.
        public var sweep = false

        /// Whether the file is removed at the end, instead of written for the last time.
        ///
        /// Key `remove_at_end`: false by default.
        public var removeAtEnd = false

        /// How many series are kept; what comes on top is not shown.
        ///
        /// Key `max_series`: 1 to 10000000, default 200000. Each takes some hundreds of bytes.
        public var maxSeries = 200_000

        /// Creates options without a configuration.
        public init(
            path: String? = Options.defaultPath, names: Names = .prometheus, format: Format = .text,
            listen: String? = nil, allowRemote: Bool = false, sweep: Bool = false, removeAtEnd: Bool = false,
            maxSeries: Int = 200_000
        ) {
            self.path = path
            self.names = names
            self.format = format
            self.listen = listen
            self.allowRemote = allowRemote
            self.sweep = sweep
            self.removeAtEnd = removeAtEnd
            self.maxSeries = maxSeries
            if listen != nil { ForkedListeners.register() }
        }

        /// Reads the keys named at the properties.
        ///
        /// - Throws: `SettingsError` that names each problem and its place.
        public init(_ settings: inout Settings) throws(SettingsError) {
            let places = ["format", "allow_remote", "sweep", "remove_at_end"].map { ($0, settings.origin(of: $0)) }
            readPath(&settings)
            settings.read("names", into: &names, ["prometheus": .prometheus, "plain": .plain])
            settings.read("format", into: &format, ["text": .text, "openmetrics": .openMetrics])
            readListen(&settings)
            settings.read("sweep", into: &sweep)
            settings.read("remove_at_end", into: &removeAtEnd)
            settings.read("max_series", into: &maxSeries, in: 1...10_000_000)
            if path == nil, listen == nil { path = Self.defaultPath }
            if listen != nil { ForkedListeners.register() }
            for (key, place) in places {
                if let problem = problem(with: key) {
                    settings.report(key, problem.what, advice: problem.advice, at: place)
                }
            }
            try settings.finish()
        }

        private mutating func readPath(_ settings: inout Settings) {
            let place = settings.origin(of: "path")
            path = settings.string("path")
            if let path, path.allSatisfy(\.isWhitespace) {
                settings.report("path", "is blank", advice: "Write some text.", at: place)
            }
            settings.checkPlaceholders("path", in: path ?? "", at: place)
        }

        private mutating func readListen(_ settings: inout Settings) {
            let place = settings.origin(of: "listen")
            listen = settings.string("listen")
            settings.read("allow_remote", into: &allowRemote)
            if let problem = addressProblem {
                settings.report("listen", problem.what, advice: problem.advice, at: place)
            }
        }

        /// What is wrong with ``listen``; nil when nothing is.
        var addressProblem: (what: String, advice: String)? {
            guard let listen else { return nil }
            guard let address = ListenAddress(listen) else {
                return ("is \(excerpt(listen)), which is no address and port", "Write one such as 127.0.0.1:9464.")
            }
            guard address.isLoopback || allowRemote else {
                return (
                    "is \(excerpt(listen)), which other machines can reach",
                    "Write 127.0.0.1:\(address.port), or add 'allow_remote: true'."
                )
            }
            return nil
        }

        private func problem(with key: String) -> (what: String, advice: String)? {
            switch key {
            case "format" where format == .openMetrics && path == nil,
                "sweep" where sweep && path == nil, "remove_at_end" where removeAtEnd && path == nil:
                ("means nothing without 'path'", "Add 'path', or remove this key.")
            case "format" where format == .openMetrics && names == .plain:
                ("is openmetrics, which has no plain names", "Write 'text', or remove 'names'.")
            case "sweep" where sweep && !PathPattern.holdsPid(path ?? ""):
                ("needs the process id in the name of the file", "Put '{pid}' into the last part of 'path'.")
            case "allow_remote" where allowRemote && listen == nil:
                ("means nothing without 'listen'", "Add 'listen', or remove this key.")
            default: nil
            }
        }
    }
}
