public import OneLoggerCore

/// The section `application` of a configuration: what produces the records.
public struct ApplicationSection: SettingsReadable, Equatable {
    /// Which ranks of a distributed job record.
    @nonexhaustive
    public enum EnabledRanks: Sendable, Hashable {
        /// Each of them.
        case all
        /// These only.
        case only([Int])
    }

    /// What happens with a trace that another process began.
    @nonexhaustive
    public enum TraceParent: Sendable, Hashable {
        /// Roots hang under the span that the variable `TRACEPARENT` names.
        case use
        /// Roots begin traces of their own.
        case ignore
    }

    /// The application's name; nil when nobody gave one.
    ///
    /// Key `name`, not blank.
    public var name: String?
    /// What all jobs of one logical run share; nil when nobody gave it.
    ///
    /// Key `session_tag`, may be empty.
    public var sessionTag: String?
    /// How many processes the job has; nil when unknown.
    ///
    /// Key `world_size`, 1 or more.
    public var worldSize: Int?
    /// This process's place in the job; nil when there is none.
    ///
    /// Key `rank`, 0 or more.
    public var rank: Int?
    /// This process's place on its machine; nil when there is none.
    ///
    /// Key `local_rank`, 0 or more.
    public var localRank: Int?
    /// Which ranks record.
    ///
    /// Key `enable_for_ranks`, a list of ranks or `all`; an empty list means none.
    public var enabledRanks = EnabledRanks.all
    /// True for a run to which others are compared.
    ///
    /// Key `is_baseline_run`.
    public var isBaselineRun = false
    /// Whatever else the application says about itself.
    ///
    /// Key `custom_metadata`, a map of single values, or lists of one type, under keys that are not blank.
    public var customMetadata: Attributes = [:]
    /// The version of the schema that summaries follow.
    ///
    /// Key `summary_data_schema_version`.
    public var summaryDataSchemaVersion = "1.0.0"
    /// What happens with a trace that another process began.
    ///
    /// Key `trace_parent`, `use` or `ignore`.
    public var traceParent = TraceParent.use

    /// Creates the defaults.
    public init() {}

    /// Reads the section.
    ///
    /// - Throws: `SettingsError` that names each problem and its place.
    public init(_ settings: inout Settings) throws(SettingsError) {
        name = settings.filledText("name")
        sessionTag = settings.string("session_tag")
        worldSize = settings.int("world_size", in: 1 ... .max)
        rank = settings.int("rank", in: 0 ... .max)
        localRank = settings.int("local_rank", in: 0 ... .max)
        if let ranks = settings.node("enable_for_ranks") { readRanks(ranks, &settings) }
        settings.read("is_baseline_run", into: &isBaselineRun)
        if let metadata = settings.node("custom_metadata") { readMetadata(metadata, &settings) }
        summaryDataSchemaVersion = settings.filledText("summary_data_schema_version") ?? summaryDataSchemaVersion
        settings.read("trace_parent", into: &traceParent, ["use": .use, "ignore": .ignore])
        try settings.finish()
    }

    /// True when this process should record; one without a rank counts as rank 0.
    public var isEnabled: Bool {
        switch enabledRanks {
        case .all: true
        case .only(let ranks): ranks.contains(rank ?? 0)
        }
    }

    /// The values that apply where nobody gives others.
    static let defaults: SettingsNode = [
        "enable_for_ranks": "all", "is_baseline_run": false, "summary_data_schema_version": "1.0.0",
        "trace_parent": "use",
    ]

    private mutating func readRanks(_ node: SettingsNode, _ settings: inout Settings) {
        switch node.content {
        case .string("all"): enabledRanks = .all
        case .list(let items):
            var ranks: [Int] = []
            for (place, item) in items.enumerated() {
                switch item.content {
                case .int(let rank) where rank >= 0: ranks.append(rank)
                case .int(let rank):
                    settings.outOfRange("enable_for_ranks[\(place)]", "\(rank)", "an integer of at least 0", item)
                default: settings.wrongType("enable_for_ranks[\(place)]", "an integer of at least 0", item)
                }
            }
            enabledRanks = .only(ranks)
        default: settings.wrongType("enable_for_ranks", "a list of ranks, or all", node)
        }
    }

    private mutating func readMetadata(_ node: SettingsNode, _ settings: inout Settings) {
        guard case .map(let entries) = node.content else {
            return settings.wrongType("custom_metadata", "a map", node)
        }
        for entry in entries where entry.value.content != .null {
            guard !entry.key.allSatisfy(\.isWhitespace) else {
                settings.report(
                    "custom_metadata", "has a blank key", advice: "Write a name before the ':'.", at: entry.origin)
                continue
            }
            if let value = AttributeValue(entry.value) {
                customMetadata[entry.key] = value
            } else {
                settings.wrongType(
                    "custom_metadata.\(entry.key)", "a text, a number, true, false, or a list of one of these",
                    entry.value)
            }
        }
    }
}

extension Settings {
    /// A text that is not blank, or nil when absent.
    mutating func filledText(_ key: String) -> String? {
        guard let node = node(key) else { return nil }
        guard case .string(let text) = node.content else {
            wrongType(key, "a text", node)
            return nil
        }
        guard !text.allSatisfy(\.isWhitespace) else {
            report(key, "is blank", advice: "Write some text, or remove the key.", at: node.origin)
            return nil
        }
        return text
    }
}

extension AttributeValue {
    /// Converts a configured value; nil when it is a map, nothing, or a list of several types.
    ///
    /// In a list with a fraction somewhere, integers count as numbers, too.
    init?(_ node: SettingsNode) {
        switch node.content {
        case .string(let value): self = .string(value)
        case .bool(let value): self = .bool(value)
        case .int(let value): self = .int(value)
        case .double(let value): self = .double(value)
        case .null, .map: return nil
        case .list(let items):
            let values = items.compactMap { AttributeValue($0) }
            let strings = values.compactMap { if case .string(let value) = $0 { value } else { nil } }
            let bools = values.compactMap { if case .bool(let value) = $0 { value } else { nil } }
            let ints = values.compactMap { if case .int(let value) = $0 { value } else { nil } }
            let doubles: [Double] = values.compactMap {
                switch $0 {
                case .double(let value): value
                case .int(let value): Double(value)
                default: nil
                }
            }
            switch items.count {
            case strings.count: self = .strings(strings)
            case bools.count: self = .bools(bools)
            case ints.count: self = .ints(ints)
            case doubles.count: self = .doubles(doubles)
            default: return nil
            }
        }
    }
}
