public import OneLogger
public import OneLoggerConfig

/// What a program says in code about itself; it has priority over the section `application` of a file.
///
/// Every value may be an expression of any cost: it is evaluated by `bootstrap`, once, and not at all when a recorder is
/// installed already. What is nil is left to the file, the environment and the defaults.
///
///     try Recorder.bootstrap(application: ApplicationOptions(name: "trainer", sessionTag: scheduler.jobName()))
public struct ApplicationOptions {
    private let values: [(key: String, content: () -> SettingsNode.Content?)]

    /// Says what is known in code.
    ///
    /// - Parameters:
    ///   - name: The application's name, not blank.
    ///   - sessionTag: What all jobs of one logical run share.
    ///   - worldSize: How many processes the job has, 1 or more.
    ///   - rank: This process's place in the job, 0 or more.
    ///   - localRank: This process's place on its machine, 0 or more.
    ///   - enabledRanks: Which ranks record; an empty list means none.
    ///   - isBaselineRun: Whether other runs are compared to this one.
    ///   - customMetadata: Whatever else the application says about itself; added to what the file says.
    ///   - summaryDataSchemaVersion: The version of the schema that summaries follow, not blank.
    ///   - traceParent: What happens with a trace that another process began.
    public init(
        name: @autoclosure @escaping () -> String? = nil, sessionTag: @autoclosure @escaping () -> String? = nil,
        worldSize: @autoclosure @escaping () -> Int? = nil, rank: @autoclosure @escaping () -> Int? = nil,
        localRank: @autoclosure @escaping () -> Int? = nil,
        enabledRanks: @autoclosure @escaping () -> [Int]? = nil,
        isBaselineRun: @autoclosure @escaping () -> Bool? = nil,
        customMetadata: @autoclosure @escaping () -> Attributes = [:],
        summaryDataSchemaVersion: @autoclosure @escaping () -> String? = nil,
        traceParent: ApplicationSection.TraceParent? = nil
    ) {
        values = [
            ("name", { name().map { .string($0) } }),
            ("session_tag", { sessionTag().map { .string($0) } }),
            ("world_size", { worldSize().map { .int($0) } }),
            ("rank", { rank().map { .int($0) } }),
            ("local_rank", { localRank().map { .int($0) } }),
            ("enable_for_ranks", { enabledRanks().map { .list($0.map { SettingsNode(.int($0)) }) } }),
            ("is_baseline_run", { isBaselineRun().map { .bool($0) } }),
            ("custom_metadata", { .map(customMetadata().map { Self.entry($0, Self.content($1)) }) }),
            ("summary_data_schema_version", { summaryDataSchemaVersion().map { .string($0) } }),
            ("trace_parent", { traceParent.map { .string($0 == .use ? "use" : "ignore") } }),
        ]
    }

    /// The same, as a file would say it; evaluates everything.
    func node() -> SettingsNode {
        SettingsNode(.map(values.compactMap { value in value.content().map { Self.entry(value.key, $0) } }))
    }

    private static func entry(_ key: String, _ content: SettingsNode.Content) -> SettingsNode.Entry {
        SettingsNode.Entry(key: key, origin: .code(key), value: SettingsNode(content, origin: .code(key)))
    }

    private static func content(_ value: AttributeValue) -> SettingsNode.Content {
        switch value {
        case .string(let text): .string(text)
        case .bool(let truth): .bool(truth)
        case .int(let number): .int(number)
        case .double(let number): .double(number)
        case .strings(let texts): .list(texts.map { SettingsNode(.string($0)) })
        case .bools(let truths): .list(truths.map { SettingsNode(.bool($0)) })
        case .ints(let numbers): .list(numbers.map { SettingsNode(.int($0)) })
        case .doubles(let numbers): .list(numbers.map { SettingsNode(.double($0)) })
        }
    }
}

/// Belongs to the caller of `bootstrap`: its expressions may use anything that the caller can.
@available(*, unavailable)
extension ApplicationOptions: Sendable {}
