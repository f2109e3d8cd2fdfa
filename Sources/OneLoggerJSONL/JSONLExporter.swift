public import OneLoggerCore
internal import OneLoggerText

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// Appends one JSON object per record to a file.
///
/// The form of the lines: `Docs/formats/jsonl.md`. Every line is valid JSON and complete; what a full disk cut off is
/// taken back. A file that was removed, replaced or emptied meanwhile is begun anew with the next batch. Two processes
/// may append to one file, but must not rotate one: put `{rank}` or `{pid}` in its path.
public struct JSONLExporter: ConfigurableExporter, Sendable, ~Copyable {
    /// `jsonl`.
    public static var configName: String { "jsonl" }

    /// About how many bytes one system call writes.
    private static let pieceSize = 256 << 10

    private let options: Options
    private var file: LineFile
    private var writer = JSONWriter(capacity: 320 << 10)
    private var encoder = JSONLineEncoder(pid: 0)
    private var tal = TALLineEncoder()
    private var resource = Resource()
    /// The number of the last line that is in the file; 0 when the next one must be a header.
    private var written = 0
    /// What the file held before its latest header.
    private var sectionStart = 0
    /// The number of the last line before the batch's records, and how many of them are in files that are full.
    private var beforeRecords = Int.max, inFullFiles = 0
    private var unsynced = false
    /// On the monotonic clock, in nanoseconds: a number, so that this type's layout is known when it is compiled.
    private var lastSync = Self.clock(CLOCK_MONOTONIC)

    /// How often the file was synced.
    package private(set) var syncCount = 0

    /// Opens the file, creating it and its folders when missing.
    ///
    /// - Throws: `ExportError.unavailable` when that is impossible.
    public init(_ options: Options, _ context: ExporterContext = ExporterContext()) throws(ExportError) {
        self.options = options
        file = LineFile(path: context.resource.expanding(options.path), permissions: options.fileMode)
        try file.open(truncating: options.mode == .truncate && !context.isReopening)
    }

    /// Appends one line per record: notices, then spans and events, then metrics.
    ///
    /// - Throws: `ExportError.unavailable` when no record got into the file, `ExportError.partial` when some did; their
    ///   lines are whole.
    public mutating func export(_ batch: Batch) throws(ExportError) {
        guard !batch.isEmpty else { return }
        if try file.ready() { written = 0 }
        begin(batch.resource)
        (beforeRecords, inFullFiles) = (.max, 0)
        do throws(ExportError) {
            for notice in batch.dataErrors {
                try line { exporter in
                    if exporter.options.schema == .tal { return exporter.tal.append(notice, to: &exporter.writer) }
                    exporter.encoder.append(notice, to: &exporter.writer)
                }
            }
            beforeRecords = encoder.count
            try batch.forEach { (record: borrowing RecordView) throws(ExportError) in
                let before = writer.count
                append(record)
                if writer.count > limit, try spill(before) { again(record) }
            }
            if options.schema == .tal {
                try line { exporter in exporter.tal.append(batch.metrics, to: &exporter.writer) }
            } else {
                for point in batch.metrics {
                    try line { exporter in exporter.encoder.append(point, to: &exporter.writer) }
                }
            }
            try write()
        } catch {
            writer.removeAll()
            throw told(error, of: batch)
        }
        try syncIfDue()
    }

    /// Syncs what an interval has left, if one is set.
    ///
    /// Everything else has reached the kernel already.
    ///
    /// - Throws: `ExportError.unavailable` when the machine cannot keep the lines.
    public mutating func flush() throws(ExportError) {
        if options.syncInterval != nil { try sync() }
    }

    /// Does what ``flush()`` does, and closes the file.
    ///
    /// - Throws: `ExportError.unavailable` when the machine cannot keep the lines.
    public consuming func close() throws(ExportError) { try flush() }

    /// What is lost of the batch, when some of its records are in the file.
    private func told(_ error: ExportError, of batch: Batch) -> ExportError {
        // A line of the other schema may stand for several records, so that only whole pieces are sure.
        let kept = options.schema == .onelogger ? file.keptLines : 0
        let delivered = inFullFiles + recordLines(upTo: written + kept)
        guard delivered > 0, case .unavailable(let destination, _, let reason) = error else { return error }
        return .partial(destination: destination, lost: max(0, batch.count - delivered), reason: reason)
    }

    /// How many lines of this file, up to this one, are those of the batch's records.
    private func recordLines(upTo number: Int) -> Int { number > beforeRecords ? number - beforeRecords : 0 }

    // MARK: pieces

    /// Continues the numbering, after a header where one is due.
    private mutating func begin(_ resource: Resource) {
        if resource.pid != self.resource.pid { written = 0 }
        if written == 0 { encoder = JSONLineEncoder(pid: resource.pid) }
        self.resource = resource
        encoder.count = written
        if written == 0 { header() }
    }

    /// In the schema `tal` lines have no numbers and files no header.
    private mutating func header() {
        sectionStart = file.size
        guard options.schema == .onelogger else { return }
        encoder.appendHeader(resource, at: Timestamp(nanoseconds: Self.clock(CLOCK_REALTIME)), to: &writer)
    }

    private static func clock(_ clock: clockid_t) -> UInt64 {
        var now = timespec()
        unsafe clock_gettime(clock, &now)
        return UInt64(clamping: now.tv_sec) * 1_000_000_000 + UInt64(clamping: now.tv_nsec)
    }

    /// The size of the unwritten text at which something must happen.
    private var limit: Int {
        options.maxBytes == 0 ? Self.pieceSize : min(Self.pieceSize, max(options.maxBytes - file.size, 0))
    }

    @inline(__always)
    private mutating func append(_ record: borrowing RecordView) {
        if options.schema == .tal {
            tal.append(record, to: &writer)
            encoder.count += 1
        } else {
            encoder.append(record, to: &writer)
        }
    }

    @inline(never)
    private mutating func again(_ record: borrowing RecordView) {
        if options.schema == .tal {
            tal.append(record, to: &writer)
            encoder.count += 1
        } else {
            encoder.appendSlowly(record, to: &writer)
        }
    }

    private mutating func line(_ append: (inout JSONLExporter) -> Void) throws(ExportError) {
        let before = writer.count
        append(&self)
        if writer.count > limit, try spill(before) { append(&self) }
    }

    /// Writes a piece, in a new file when this one is full.
    ///
    /// - Parameter before: Where the last line begins.
    /// - Returns: True when the last line was taken back, because it belongs into the new file.
    /// - Throws: `ExportError.unavailable`.
    private mutating func spill(_ before: Int) throws(ExportError) -> Bool {
        let isFull = options.maxBytes > 0 && file.isRegular && file.size + writer.count > options.maxBytes
        guard isFull, sectionStart > 0 || encoder.count > 2 else {
            if writer.count > Self.pieceSize { try write() }
            return false
        }
        // A header without a line behind it stays out of the old file.
        writer.truncate(to: written == 0 && encoder.count == 2 ? 0 : before)
        encoder.count -= 1
        try write()
        if options.syncInterval != nil { try sync() }
        try file.rotate(keeping: options.maxFiles)
        inFullFiles += recordLines(upTo: written)
        written = 0
        begin(resource)
        if beforeRecords < .max { beforeRecords = encoder.count }
        return true
    }

    private mutating func write() throws(ExportError) {
        guard writer.count > 0 else { return }
        unsynced = true
        try file.append(writer)
        written = encoder.count
        writer.removeAll()
    }

    // MARK: syncing

    private mutating func syncIfDue() throws(ExportError) {
        guard let interval = options.syncInterval else { return }
        let passed = Self.clock(CLOCK_MONOTONIC) &- lastSync
        if interval == .zero || .nanoseconds(Int64(clamping: passed)) >= interval { try sync() }
    }

    private mutating func sync() throws(ExportError) {
        guard unsynced else { return }
        try file.sync()
        unsynced = false
        syncCount += 1
        lastSync = Self.clock(CLOCK_MONOTONIC)
    }
}
