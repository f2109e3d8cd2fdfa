public import OneLoggerCore

extension JSONLExporter {
    /// What happens to a file that exists already.
    public enum Mode: Sendable, Hashable {
        /// Lines are added behind what is there.
        case append
        /// The file is emptied once, when the exporter starts; never when it opens the file again.
        case truncate
    }

    /// The form of the lines.
    public enum Schema: String, Sendable, Hashable {
        /// OneLogger's own, see `Docs/formats/jsonl.md`.
        case onelogger
        /// That of the Telemetry Abstraction Layer, see `Docs/formats/tal.md`.
        case tal
    }

    /// What a configuration may say under `type: jsonl`.
    public struct Options: SettingsReadable, Hashable {
        /// The file; it and its folders are created when missing.
        ///
        /// Key `path`, required. `{rank}`, `{pid}` and `{session}` are replaced, see `Resource.expanding`.
        public var path: String

        /// The form of the lines.
        ///
        /// Key `schema`: `onelogger` (default) or `tal`.
        public var schema = Schema.onelogger

        /// What happens to a file that exists already.
        ///
        /// Key `mode`: `append` (default) or `truncate`.
        public var mode = Mode.append

        /// The size past which a new file is begun; 0 means never.
        ///
        /// Key `max_bytes`: 0 (default), or 1024 and more. Unit: bytes. A line is never split, so a file that holds one
        /// long line may be larger.
        public var maxBytes = 0

        /// How many old files are kept, as `FILE.1` (the newest) to `FILE.N`.
        ///
        /// Key `max_files`: 1 to 1000, default 5; only together with `max_bytes`.
        public var maxFiles = 5

        /// How long lines may stay in the kernel's memory only; nil leaves that to the kernel.
        ///
        /// Key `fsync_interval_s`: 0 to 3600, absent by default. Unit: seconds. 0 means after every batch. The process
        /// may die at any moment without losing written lines; this setting is about the machine.
        public var syncInterval: Duration?

        /// The permissions of a new file, before the process's umask takes some away.
        ///
        /// Key `file_mode`: three octal digits as text, with or without a leading `0`, default `"0644"`. The owner must
        /// be allowed to write.
        public var fileMode: UInt32 = 0o644

        /// Creates options without a configuration.
        public init(
            path: String, schema: Schema = .onelogger, mode: Mode = .append, maxBytes: Int = 0, maxFiles: Int = 5,
            syncInterval: Duration? = nil,
            fileMode: UInt32 = 0o644
        ) {
            self.path = path
            self.schema = schema
            self.mode = mode
            self.maxBytes = maxBytes
            self.maxFiles = maxFiles
            self.syncInterval = syncInterval
            self.fileMode = fileMode
        }

        /// Reads the keys named at the properties.
        ///
        /// - Throws: `SettingsError` that names each problem and its place.
        public init(_ settings: inout Settings) throws(SettingsError) {
            let place = settings.origin(of: "path")
            path = settings.requiredString("path")
            settings.checkPlaceholders("path", in: path, at: place)
            settings.read("schema", into: &schema, ["onelogger": .onelogger, "tal": .tal])
            settings.read("mode", into: &mode, ["append": .append, "truncate": .truncate])
            let (sizePlace, filesPlace) = (settings.origin(of: "max_bytes"), settings.origin(of: "max_files"))
            settings.read("max_bytes", into: &maxBytes, in: 0...Int.max)
            if (1..<1024).contains(maxBytes) {
                settings.report(
                    "max_bytes", "is \(maxBytes), which is less than a few lines",
                    advice: "Write 0 for no rotation, or at least 1024.", at: sizePlace)
            }
            if let files = settings.int("max_files", in: 1...1000) {
                maxFiles = files
                if maxBytes == 0 {
                    settings.report(
                        "max_files", "means nothing without 'max_bytes'",
                        advice: "Add 'max_bytes', or remove this key.",
                        at: filesPlace)
                }
            }
            if let seconds = settings.double("fsync_interval_s", in: 0...3600) { syncInterval = .seconds(seconds) }
            Self.readFileMode(&settings, into: &fileMode)
            try settings.finish()
        }

        private static func readFileMode(_ settings: inout Settings, into mode: inout UInt32) {
            guard let node = settings.node("file_mode") else { return }
            let advice = "Write three octal digits in quotes, such as \"0640\"."
            guard case .string(let text) = node.content else {
                settings.report("file_mode", "must be a text, but is \(node.kindName)", advice: advice, at: node.origin)
                return
            }
            guard let bits = UInt32(text, radix: 8), bits <= 0o777, (3...4).contains(text.count), bits & 0o200 != 0
            else {
                settings.report(
                    "file_mode", "is \"\(text)\", which is no file mode that lets its owner write", advice: advice,
                    at: node.origin)
                return
            }
            mode = bits
        }
    }
}
