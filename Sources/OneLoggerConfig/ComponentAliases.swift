internal import OneLoggerCore

/// Names that configurations of nv-one-logger use, so that existing files keep working.
enum ComponentAliases {
    /// What stands under `class_name` there, and the type here.
    static let types = [
        "nv_one_logger.exporter.file_exporter.FileExporter": "jsonl",
        "nv_one_logger.exporter.logger_exporter.LoggerExporter": "console",
        "nv_one_logger.otel.exporter.otel_exporter.OTelExporter": "otlp",
    ]

    /// The options of a class that have another name here.
    private static let options = ["nv_one_logger.exporter.file_exporter.FileExporter": ["file_path": "path"]]

    /// The options with their names here; both names in one map are a problem.
    static func renamed(
        _ config: SettingsNode, className: String, path: String, problems: inout [SettingsError]
    ) -> SettingsNode {
        guard let names = options[className], case .map(var entries) = config.content else { return config }
        for place in entries.indices {
            guard let name = names[entries[place].key] else { continue }
            if entries.contains(where: { $0.key == name }) {
                problems.append(
                    .invalid(
                        key: "\(path).config.\(entries[place].key)",
                        problem: "means the same as '\(name)', which is there too",
                        advice: "Remove one of them.", at: entries[place].origin))
            }
            entries[place].key = name
        }
        var renamed = config
        renamed.content = .map(entries)
        return renamed
    }
}
