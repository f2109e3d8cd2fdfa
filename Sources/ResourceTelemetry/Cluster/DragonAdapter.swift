internal import OneLoggerCore
internal import OneLoggerText

/// The nodes of a Dragon runtime, asked of its telemetry aggregator over HTTP.
///
/// One sample per node, and one per GPU; each has the time that Dragon gave the figures. Every other metric that Dragon
/// offers becomes an attribute `dragon.NAME`. Only `/api/suggest` and `/api/query` are ever asked: other paths of that
/// server end or restart the runtime.
public struct DragonAdapter: ResourceAdapter {
    /// `dragon`.
    public var name: String { "dragon" }

    /// Where an aggregator is.
    public struct Options: Sendable, Hashable {
        /// The aggregator, such as `http://127.0.0.1:4242`.
        public var url: String
        /// How long a poll may take.
        public var timeout: Duration
        /// How far back figures are asked for that have not come yet.
        public var window: Duration
        /// The longest answer that is read.
        ///
        /// Unit: bytes.
        public var maxAnswerBytes = 32 << 20

        /// Creates options.
        public init(
            url: String = "http://127.0.0.1:4242", timeout: Duration = .seconds(2), window: Duration = .seconds(30)
        ) {
            self.url = url
            self.timeout = timeout
            self.window = window
        }
    }

    private let options: Options
    private let web: WebSource
    /// The time of the latest figure of each metric that was handed on, by node and GPU.
    ///
    /// Unit: seconds since 1970.
    private var latest: [Place: [String: Int]] = [:]
    /// When a node or GPU told something new, on our own clock.
    private var seen: [Place: SteadyTime] = [:]

    private struct Place: Hashable {
        var node: String
        var gpu: Int?
    }

    init(_ options: Options, web: WebSource) {
        self.options = options
        self.web = web
    }

    /// Asks which metrics there are, then for their latest figures.
    ///
    /// - Throws: ``ResourceError`` when the aggregator does not answer, or answers something else.
    public mutating func sample(node: String) throws(ResourceError) -> [ResourceSample] {
        let deadline = ContinuousClock.now + options.timeout, limit = AnswerLimit(bytes: options.maxAnswerBytes)
        let base = options.url.hasSuffix("/") ? String(options.url.dropLast()) : options.url
        guard case .array(let list) = try web.json("\(base)/api/suggest", deadline: deadline, limit: limit) else {
            throw .malformed(source: "\(base)/api/suggest", reason: "it is no list of names")
        }
        let names = list.compactMap(\.string).filter { !$0.isEmpty }.prefix(256)
        guard !names.isEmpty else { return [] }
        let now = Timestamp.now, start = start(now)
        let queries = names.map(Self.query)
        // The beginning is in milliseconds and the end in seconds: that is how the aggregator reads them.
        let question = JSONValue.object([
            .init(name: "start", value: .int(start.milliseconds)),
            // The clock of a node may be ahead of ours.
            .init(name: "end", value: .int(now.milliseconds / 1000 + 3600)),
            .init(name: "queries", value: .array(queries)),
        ])
        let answer = try web.json("\(base)/api/query", posting: question.json, deadline: deadline, limit: limit)
        guard case .array(let series) = answer else {
            throw .malformed(source: "\(base)/api/query", reason: "it is no list of series")
        }
        return samples(series)
    }

    /// The aggregator tells devices apart only where a filter names their tag, and then leaves out what has no such tag.
    private static func query(_ metric: String) -> JSONValue {
        var members = [JSONValue.Member(name: "metric", value: .string(metric))]
        if metric.hasPrefix("Device") {
            let filter: KeyValuePairs = ["type": "wildcard", "tagk": "gpu", "filter": "*"]
            let object = JSONValue.object(filter.map { .init(name: $0, value: .string($1)) })
            members.append(.init(name: "filters", value: .array([object])))
        }
        return .object(members)
    }

    /// From the figures on that the slowest of the known nodes has not told yet: what all have told is not sent again.
    private func start(_ now: Timestamp) -> Timestamp {
        let earliest = now.advanced(by: .zero - options.window)
        guard let known = latest.values.compactMap({ $0.values.max() }).min() else { return earliest }
        return max(earliest, min(now, Timestamp(secondsSince1970: Double(known))))
    }

    private mutating func samples(_ series: [JSONValue]) -> [ResourceSample] {
        var found: [Place: ResourceSample] = [:]
        for one in series {
            guard let metric = one["metric"]?.string, let host = one["tags"]?["host"]?.string.map(cutName),
                case .object(let points) = one["dps"]
            else { continue }
            let gpu = one["tags"]?["gpu"].flatMap { $0.int ?? $0.string.flatMap { Int($0) } }
            let place = Place(node: host, gpu: gpu)
            let newest = points.compactMap { point in
                Int(point.name).flatMap { time in point.value.double.map { (time, $0) } }
            }.max { $0.0 < $1.0 }
            guard let (time, value) = newest, value.isFinite, time > latest[place]?[metric] ?? 0
            else { continue }
            var sample =
                found[place]
                ?? ResourceSample(
                    backend: name, node: host, gpu: gpu, time: Timestamp(secondsSince1970: Double(time)))
            sample.time = max(sample.time, Timestamp(secondsSince1970: Double(time)))
            set(cutName(metric), value, &sample)
            found[place] = sample
            latest[place, default: [:]][metric] = time
        }
        // A node that has gone is forgotten, by our clock: what it told before is older than what is asked for.
        for place in found.keys { seen[place] = .now }
        let patience = 2 * max(30, options.window / .seconds(1))
        seen = seen.filter { SteadyTime.now.seconds(since: $0.value) < patience }
        latest = latest.filter { seen[$0.key] != nil }
        // The busiest GPU is the node's figure, as everywhere.
        for (place, sample) in found where place.gpu != nil {
            guard let percent = sample.gpuPercent else { continue }
            let whole = Place(node: place.node, gpu: nil)
            let most = max(found[whole]?.gpuPercent ?? 0, percent)
            found[whole]?.gpuPercent = most
        }
        return found.values.sorted { ($0.node, $0.gpu ?? -1) < ($1.node, $1.gpu ?? -1) }
    }

    private func percent(_ value: Double) -> Double { min(100, max(0, value)) }

    private func set(_ metric: String, _ value: Double, _ sample: inout ResourceSample) {
        switch metric {
        case "cpu_percent": sample.cpuPercent = percent(value)
        case "used_RAM": sample.memoryPercent = percent(value)
        case "DeviceUtilization": sample.gpuPercent = percent(value)
        case "DeviceMemoryUtilization": sample.attributes["gpu.memory_percent"] = .double(value)
        case "DevicePowerUsage": sample.attributes["gpu.power_watts"] = .double(value)
        default: sample.attributes["dragon.\(metric)"] = .double(value)
        }
    }
}
