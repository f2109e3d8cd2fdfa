public import OneLoggerCore

extension OTLPExporter {
    /// How metrics count.
    public enum Temporality: Sendable, Hashable {
        /// Since the beginning.
        case cumulative
        /// Since the last export.
        case delta
    }

    /// When a request is sent again that failed for a while only.
    public struct Retry: Sendable, Hashable {
        /// The first wait; each next one is twice as long, and each is shortened by up to a half at random.
        ///
        /// Key `retry.initial_s`: 0.001 to 60, default 0.5. Unit: seconds.
        public var initial = Duration.milliseconds(500)
        /// The longest wait; what the server asks for may be longer.
        ///
        /// Key `retry.max_s`: 0.001 to 600, default 10. Unit: seconds.
        public var max = Duration.seconds(10)
        /// After how long a batch is given up; 0 means after one attempt.
        ///
        /// Key `retry.total_s`: 0 to 3600, default 60. Unit: seconds.
        public var total = Duration.seconds(60)

        /// Creates the defaults.
        public init() {}
    }

    /// Where batches wait on disk while the server is away.
    public struct SpoolOptions: Sendable, Hashable {
        /// The folder; it and its parents are created when missing.
        ///
        /// Several processes may share one. Key `spool.directory`, required. `{rank}`, `{pid}` and `{session}` are replaced, see `Resource.expanding`.
        public var directory: String
        /// What one process may keep there; the oldest goes first.
        ///
        /// Key `spool.max_bytes`: 65536 to 1099511627776, default 268435456. Unit: bytes.
        public var maxBytes = 256 << 20

        /// Creates options for a folder.
        public init(directory: String) { self.directory = directory }
    }

    /// What a configuration may say under `type: otlp`, completed by the standard variables of the environment.
    public struct Options: SettingsReadable, Hashable {
        /// Where spans go; nil when they do not.
        ///
        /// Keys `endpoint`, `protocol`, `headers`, `timeout_s`, `connect_timeout_s`, `compression`, `certificate`,
        /// `client_certificate`, `client_key` and `insecure`, and the same ones in the sections `traces`, `metrics` and
        /// `logs` for one kind alone; `signals` lists the kinds that are sent.
        public var traces: Destination?
        /// Where measurements go; nil when they do not.
        public var metrics: Destination?
        /// Where events and notices go; nil when they do not.
        public var logs: Destination?
        /// How metrics count.
        ///
        /// Key `temporality`: `cumulative` (default) or `delta`.
        public var temporality = Temporality.cumulative
        /// The most spans, points or log records of one request.
        ///
        /// Key `max_batch_records`: 1 to 1000000, default 2000.
        public var maxBatchRecords = 2_000
        /// The most that one request holds, before it is compressed; a record is never split.
        ///
        /// Key `max_batch_bytes`: 4096 to 67108864, default 2097152. Unit: bytes. Servers of gRPC take 4 MiB unless told.
        public var maxBatchBytes = 2 << 20
        /// When a request is sent again.
        public var retry = Retry()
        /// Where batches wait on disk; nil for nowhere.
        public var spool: SpoolOptions?

        /// Creates options without a configuration and without the environment: all three kinds to one server.
        ///
        /// - Parameters:
        ///   - endpoint: The server, such as `http://localhost:4318`.
        ///   - wireProtocol: How messages travel.
        ///   - headers: Header fields, or metadata of gRPC, that go with every request.
        public init(
            endpoint: String, wireProtocol: WireProtocol = .httpProtobuf, headers: [String: String] = [:]
        ) {
            for signal in OTLPSignal.allCases {
                let url = Endpoint.url(base: endpoint, signal, wireProtocol)
                self[signal] = Destination(url: url, wireProtocol: wireProtocol)
                self[signal]?.headers = headers
            }
        }

        /// Reads the keys named at the properties, and the environment for what they do not say.
        ///
        /// - Throws: `SettingsError` that names each problem and its place.
        public init(_ settings: inout Settings) throws(SettingsError) {
            var reader = DestinationReader(settings)
            let signals = reader.signals(&settings)
            reader.readLevels(&settings)
            for signal in signals { self[signal] = reader.destination(signal) }
            if signals.isEmpty { _ = reader.destination(.traces) }
            settings.read("temporality", into: &temporality, ["cumulative": .cumulative, "delta": .delta])
            settings.read("max_batch_records", into: &maxBatchRecords, in: 1...1_000_000)
            settings.read("max_batch_bytes", into: &maxBatchBytes, in: 4096...67_108_864)
            settings.section("retry") { section in
                section.readSeconds("initial_s", into: &retry.initial, in: 0.001...60)
                section.readSeconds("max_s", into: &retry.max, in: 0.001...600)
                section.readSeconds("total_s", into: &retry.total, in: 0...3600)
            }
            settings.section("spool") { section in
                let place = section.origin(of: "directory")
                var spool = SpoolOptions(directory: section.requiredString("directory"))
                section.checkPlaceholders("directory", in: spool.directory, at: place)
                section.read("max_bytes", into: &spool.maxBytes, in: 65_536...1 << 40)
                self.spool = spool
            }
            reader.problems.forEach { settings.report($0) }
            try settings.finish()
        }

        subscript(signal: OTLPSignal) -> Destination? {
            get {
                switch signal {
                case .traces: traces
                case .metrics: metrics
                case .logs: logs
                }
            }
            set {
                switch signal {
                case .traces: traces = newValue
                case .metrics: metrics = newValue
                case .logs: logs = newValue
                }
            }
        }
    }
}
