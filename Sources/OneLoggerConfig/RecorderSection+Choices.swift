public import OneLoggerCore

extension RecorderSection {
    /// What happens when telemetry itself fails.
    @nonexhaustive
    public enum OnError: Sendable, Hashable {
        /// The next `flush` or `shutdown` throws.
        case propagate
        /// One line says so, then nothing more is recorded.
        case disableQuietly
    }

    /// What happens when the pool is full.
    @nonexhaustive
    public enum WhenFull: Sendable, Hashable {
        /// A thread waits for ``RecorderSection/blockLimit``, then its record is dropped and counted.
        case block
        /// The record is dropped and counted.
        case dropNewest
        /// The oldest records are overwritten and counted.
        case overwriteOldest
    }

    /// Which spans say that they have begun.
    @nonexhaustive
    public enum Announce: Sendable, Hashable {
        /// None.
        case nothing
        /// Roots that are still open when the recorder drains.
        case roots
        /// All.
        case all
    }

    /// What happens at SIGTERM and SIGINT.
    @nonexhaustive
    public enum Signals: Sendable, Hashable {
        /// Where their disposition is the default one, records are delivered first.
        case handleDefault
        /// They are left alone.
        case ignore
    }

    /// Which traces are recorded.
    @nonexhaustive
    public enum Sampling: SettingsReadable, Hashable {
        /// All of them.
        case all
        /// This share, 0 to 1, chosen by the trace id alone.
        case ratio(Double)
        /// What the remote parent says; of the others this share, 0 to 1.
        case parentBased(ratio: Double)

        private enum Mode { case all, ratio, parentBased }

        /// Reads `mode` and `ratio`.
        ///
        /// - Throws: `SettingsError` that names each problem and its place.
        public init(_ settings: inout Settings) throws(SettingsError) {
            let modes: KeyValuePairs<String, Mode> = ["all": .all, "ratio": .ratio, "parent_based": .parentBased]
            let given = settings.node("mode"), ratioNode = settings.node("ratio")
            let mode = settings.reread("mode", given) { $0.choice("mode", modes) }
            let ratio = settings.reread("ratio", ratioNode) { $0.double("ratio", in: 0...1) }
            if given == nil, settings.isMap {
                settings.report(.missing(key: settings.name("mode"), at: settings.origin))
            }
            if mode == .ratio, ratioNode == nil {
                settings.report(.missing(key: settings.name("ratio"), at: settings.origin))
            }
            if mode == .all, let ratioNode {
                settings.report(
                    "ratio", "means nothing where the mode is all", advice: "Remove it, or write mode: ratio.",
                    at: ratioNode.origin)
            }
            switch mode {
            case .all, nil: self = .all
            case .ratio: self = .ratio(ratio ?? 1)
            case .parentBased: self = .parentBased(ratio: ratio ?? 1)
            }
            try settings.finish()
        }
    }

    /// Which spans are exported, by their names.
    @nonexhaustive
    public enum Filter: SettingsReadable, Hashable {
        /// All of them.
        case all
        /// These only; never empty.
        case include([String])
        /// All but these.
        case exclude([String])
        /// All, but these are only timed and counted.
        case summarise([String])

        /// Reads exactly one of `include`, `exclude` and `summarise`.
        ///
        /// - Throws: `SettingsError` that names each problem and its place.
        public init(_ settings: inout Settings) throws(SettingsError) {
            let makers: [(String, ([String]) -> Filter)] = [
                ("include", { .include($0) }), ("exclude", { .exclude($0) }), ("summarise", { .summarise($0) }),
            ]
            var result = Filter.all, given: [(key: String, origin: SettingsOrigin)] = []
            for (key, make) in makers {
                guard let node = settings.node(key) else { continue }
                given.append((key, node.origin))
                guard let names = settings.reread(key, node, { $0.strings(key) }) else { continue }
                if names.contains(where: { $0.allSatisfy(\.isWhitespace) }) {
                    settings.report(key, "holds a blank name", advice: "Remove it.", at: node.origin)
                }
                if names.isEmpty, key == "include" {
                    settings.report(
                        key, "is empty, so that no span would be exported",
                        advice: "Name some spans, or write exporters: [] to export nothing.", at: node.origin)
                }
                result = make(names)
            }
            if given.isEmpty, settings.isMap {
                settings.report(
                    .invalid(
                        key: settings.name(nil), problem: "chooses nothing",
                        advice: "Write include, exclude or summarise, or remove the key.", at: settings.origin))
            } else if given.count > 1 {
                settings.report(
                    .invalid(
                        key: settings.name(nil), problem: "has \(given.map(\.key).joined(separator: " and "))",
                        advice: "Keep one of them.", at: given[1].origin))
            }
            self = result
            try settings.finish()
        }
    }
}

extension Settings {
    /// Reads a value that was looked at before, so that its place is known to the caller.
    mutating func reread<Value>(
        _ key: String, _ node: SettingsNode?, _ read: (inout Settings) -> Value?
    ) -> Value? {
        guard let node else { return nil }
        let entry = SettingsNode.Entry(key: key, origin: node.origin, value: node)
        var single = Settings(SettingsNode(.map([entry]), origin: origin), path: name(nil))
        let value = read(&single)
        do throws(SettingsError) { try single.finish() } catch { report(error) }
        return value
    }
}
