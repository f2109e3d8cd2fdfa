public import OneLoggerCore

/// How an ``RLMRunSink`` works; what a configuration may say under `type: rlm`.
public struct RLMOptions: SettingsReadable, Hashable {
    /// The sink's name in ``RLMSinkManager`` and in ``RLMRunSink/status()``.
    public var name = "opentelemetry"

    /// Whether the four instruments exist.
    ///
    /// Key `metrics_enabled`, default `true`.
    public var hasMetrics = true

    /// Whether `rlm.steps` says which run a step belongs to.
    ///
    /// Key `run_id_label`, default `true`. Every run is a series of its own then, up to the instrument's limit.
    public var hasRunIDLabel = true

    /// Whether task, code, output and answer leave the process.
    ///
    /// Key `content`: `truncated` (default) or `none`.
    public var content = RLMContent.Mode.truncated

    /// How many characters of each text are kept.
    ///
    /// Key `limits`: a map of `task` (500), `code` (1000), `output` (1000), `answer` (1000), `error` (200), each 1 to
    /// 100,000.
    public var limits = RLMContent.Limits()

    /// How many runs that are over can still be asked for their trace.
    ///
    /// Key `remembered_runs`: 0 to 1,000,000, default 1024.
    public var rememberedRuns = 1024

    /// How many runs may be open at once; one more ends the oldest, as failed.
    ///
    /// Key `open_runs`: 1 to 1,000,000, default 10,000.
    public var openRuns = 10_000

    /// The bounds between which rewards are counted, rising.
    ///
    /// Key `reward_bounds`: 1 to 100 numbers, default -1 to 1 in eleven steps.
    public var rewardBounds = [-1, -0.75, -0.5, -0.25, -0.1, 0, 0.1, 0.25, 0.5, 0.75, 1]

    /// The bounds between which durations of runs are counted, rising.
    ///
    /// Key `duration_bounds_s`: 1 to 100 numbers, default 0.1 s to 4 h. Unit: seconds.
    public var durationBounds = [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14_400]

    /// What status says about where records go; nil means the names of the recorder's exporters.
    ///
    /// Set by what makes a sink from the environment; no key.
    public var endpoint: String?

    /// What status calls the service of a sink that is off.
    ///
    /// Set by what makes a sink from the environment; no key.
    public var serviceName = "rlm-code"

    /// Creates the defaults.
    public init() {}

    /// Reads the keys named at the properties.
    ///
    /// - Throws: `SettingsError` that names each problem and its place.
    public init(_ settings: inout Settings) throws(SettingsError) {
        settings.read("metrics_enabled", into: &hasMetrics)
        settings.read("run_id_label", into: &hasRunIDLabel)
        settings.read("content", into: &content, ["truncated": .truncated, "none": .none])
        var limits = limits
        settings.section("limits") { (section) throws(SettingsError) in
            section.read("task", into: &limits.task, in: 1...100_000)
            section.read("code", into: &limits.code, in: 1...100_000)
            section.read("output", into: &limits.output, in: 1...100_000)
            section.read("answer", into: &limits.answer, in: 1...100_000)
            section.read("error", into: &limits.error, in: 1...100_000)
        }
        self.limits = limits
        settings.read("remembered_runs", into: &rememberedRuns, in: 0...1_000_000)
        settings.read("open_runs", into: &openRuns, in: 1...1_000_000)
        rewardBounds = Self.bounds("reward_bounds", &settings) ?? rewardBounds
        durationBounds = Self.bounds("duration_bounds_s", &settings) ?? durationBounds
        try settings.finish()
    }

    private static func bounds(_ key: String, _ settings: inout Settings) -> [Double]? {
        guard let nodes = settings.list(key) else { return nil }
        let place = nodes.first?.origin
        var numbers: [Double] = []
        for node in nodes {
            switch node.content {
            case .int(let number): numbers.append(Double(number))
            case .double(let number) where number.isFinite: numbers.append(number)
            default:
                settings.report(
                    key, "holds something that is no number", advice: "Write a list of rising numbers.",
                    at: node.origin)
                return nil
            }
        }
        guard (1...100).contains(numbers.count), zip(numbers, numbers.dropFirst()).allSatisfy(<) else {
            settings.report(
                key, "holds \(numbers.count) numbers, or they do not rise",
                advice: "Write 1 to 100 numbers, each larger than the one before.", at: place)
            return nil
        }
        return numbers
    }
}
