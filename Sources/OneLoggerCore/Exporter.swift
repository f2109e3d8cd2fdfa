/// A destination for records.
///
/// One thread owns it: nothing is called twice at once, nothing after ``close()``, and blocking is fine, because no
/// other exporter and no application thread waits for it. Retrying is the exporter's work; one call is one attempt.
public protocol Exporter: ~Copyable, SendableMetatype {
    /// Sends the records, all or as many as it can before it throws.
    ///
    /// - Throws: ``ExportError`` when records were not delivered; all of the batch then counts as lost, unless it is
    ///   ``ExportError/partial(destination:lost:reason:)``.
    mutating func export(_ batch: Batch) throws(ExportError)

    /// Pushes out what the exporter itself holds back. Does nothing unless implemented.
    mutating func flush() throws(ExportError)

    /// Flushes and releases everything. Does nothing unless implemented.
    consuming func close() throws(ExportError)
}

extension Exporter where Self: ~Copyable {
    /// Does nothing.
    public mutating func flush() throws(ExportError) {}
    /// Does nothing.
    public consuming func close() throws(ExportError) {}
}

/// An exporter that a configuration can name.
public protocol ConfigurableExporter: Exporter, ~Copyable {
    /// What the configuration may say.
    associatedtype Options: SettingsReadable

    /// The name in `type:`, such as `jsonl`.
    static var configName: String { get }

    /// Opens the destination.
    ///
    /// - Throws: ``ExportError`` when it cannot be opened.
    init(_ options: Options, _ context: ExporterContext) throws(ExportError)

    /// True when the options leave nothing to do; such an exporter gets neither a thread nor a queue.
    ///
    /// False unless implemented.
    static func isSwitchedOff(_ options: Options) -> Bool
}

extension ConfigurableExporter where Self: ~Copyable {
    /// False.
    public static func isSwitchedOff(_ options: Options) -> Bool { false }
}

/// What an exporter may know about where it runs.
public struct ExporterContext: Sendable {
    /// What produces the records.
    public var resource: Resource
    /// True when the destination was open before: in a forked child, or after a failure.
    ///
    /// Nothing may be truncated.
    public var isReopening: Bool
    /// Says when the recorder shuts down.
    public var shutdown: ShutdownNotice

    /// Creates a context.
    public init(
        resource: Resource = Resource(), isReopening: Bool = false, shutdown: ShutdownNotice = ShutdownNotice()
    ) {
        self.resource = resource
        self.isReopening = isReopening
        self.shutdown = shutdown
    }
}

/// Why records were not delivered.
@nonexhaustive
public enum ExportError: Error, Hashable, Sendable {
    /// The destination cannot be reached now; later batches may get through. `errno` is 0 when there is none.
    case unavailable(destination: String, errno: Int32, reason: String)
    /// The destination refuses these records; sending them again would not help.
    case rejected(destination: String, reason: String)
    /// Some records are lost, and the rest of the batch got through.
    ///
    /// `lost` counts spans and events, of this batch or of earlier ones that the exporter had kept for later; it is 0
    /// when only measurements are lost.
    case partial(destination: String, lost: Int, reason: String)
}

extension ExportError: CustomStringConvertible {
    /// One line that names the destination and says what went wrong.
    public var description: String {
        switch self {
        case .unavailable(let destination, let errno, let reason):
            "\(destination): error: \(reason)\(errno == 0 ? "" : " (errno \(errno))")."
        case .rejected(let destination, let reason):
            "\(destination): error: records refused: \(reason)."
        case .partial(let destination, let lost, let reason):
            "\(destination): error: \(lost == 1 ? "1 record" : "\(lost) records") lost: \(reason)."
        }
    }
}
