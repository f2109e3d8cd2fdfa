import OneLogger

/// Counts the spans of each name, and prints the counts when it is closed.
///
/// A configuration names it `counting`.
struct CountingExporter: ConfigurableExporter {
    struct Options: SettingsReadable {
        /// Names that are seen less often are not printed.
        ///
        /// Key `minimum`, 1 to 1,000,000; 1 by default.
        var minimum = 1
        /// What stands before each line.
        ///
        /// Key `prefix`; empty by default.
        var prefix = ""

        init(_ settings: inout Settings) throws(SettingsError) {
            minimum = settings.int("minimum", in: 1...1_000_000) ?? minimum
            prefix = settings.string("prefix") ?? prefix
            // Reports every problem of the section at once, unknown keys too.
            try settings.finish()
        }
    }

    static let configName = "counting"

    private let options: Options
    private var counts: [String: Int] = [:]

    init(_ options: Options, _ context: ExporterContext) throws(ExportError) { self.options = options }

    mutating func export(_ batch: Batch) throws(ExportError) {
        // Views are read in place, without making a value of each record.
        batch.forEach { (record: borrowing RecordView) in
            guard record.kind == .span || record.kind == .stop else { return }
            counts[String(copying: record.name), default: 0] += 1
        }
    }

    consuming func close() throws(ExportError) {
        for (name, count) in counts.sorted(by: { $0.key < $1.key }) where count >= options.minimum {
            print("\(options.prefix)\(name): \(count)")
        }
    }
}
