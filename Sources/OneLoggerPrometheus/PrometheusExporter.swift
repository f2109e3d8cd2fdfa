public import OneLoggerCore
internal import OneLoggerText

/// Shows metrics to Prometheus: in a file for node exporter's textfile collector, and, if asked to, over HTTP.
///
/// The texts: `Docs/formats/prometheus.md`. Whoever reads the file, at any moment, sees a whole text. Spans and events
/// are none of its business.
public struct PrometheusExporter: ConfigurableExporter, Sendable, ~Copyable {
    /// `prometheus`.
    public static var configName: String { "prometheus" }

    private let options: Options
    private let table: SharedTable
    private let file: ReplacedFile?
    private var server: ScrapeServer?
    private var hasToldOfPort = false
    /// The memory of the last text; nil while it is in use.
    private var writer: JSONWriter? = JSONWriter(capacity: 4 << 10)

    /// Makes the file's folders, and opens the endpoint.
    ///
    /// - Throws: `ExportError.unavailable` when the file could not be written, or when there is no file and the port is in
    ///   use.
    public init(_ options: Options, _ context: ExporterContext = ExporterContext()) throws(ExportError) {
        self.options = options
        let path = options.path ?? ""
        let constants = [("{pid}", "pid"), ("{rank}", "rank"), ("{session}", "session")]
            .filter { path.holds($0.0) }
            .map { ConstantLabel(name: $0.1, value: context.resource.expanding($0.0)) }
        table = SharedTable(
            SeriesTable(
                names: options.names, constants: constants, resource: context.resource, maxSeries: options.maxSeries,
                keepsExemplars: options.format == .openMetrics || options.listen != nil))
        file = options.path.map { ReplacedFile(path: context.resource.expanding($0), pid: context.resource.pid) }
        try file?.prepare()
        if options.sweep, PathPattern.holdsPid(path) { Sweep.run(PathPattern(path, context.resource)) }
        server = nil
        if let problem = openEndpoint(), file == nil || options.addressProblem != nil { throw problem }
    }

    /// Where metrics are served, such as `127.0.0.1:9464`, with the port that the system chose; nil when nowhere.
    public var address: String? { server?.address }

    /// Takes the latest values over, and writes the file anew.
    ///
    /// A batch without metrics and notices costs nothing.
    ///
    /// - Throws: `ExportError.unavailable` when the file could not be written; it is then as it was.
    ///   Also, once, when the port is in use: the file is written all the same, and the port tried again.
    ///   `ExportError.rejected`, once each, when metrics could not be shown because of their names or values; all others
    ///   are.
    public mutating func export(_ batch: Batch) throws(ExportError) {
        guard !batch.metrics.isEmpty || !batch.dataErrors.isEmpty else { return }
        let complaint = table.withLock { $0.take(batch) }
        let problem = openEndpoint()
        try write()
        if let complaint {
            throw .rejected(destination: file?.path ?? server?.address ?? Self.configName, reason: complaint)
        }
        guard let problem, !hasToldOfPort else { return }
        hasToldOfPort = true
        throw problem
    }

    /// Writes the file anew.
    ///
    /// - Throws: `ExportError.unavailable` when that is impossible.
    public mutating func flush() throws(ExportError) { try write() }

    /// Closes the endpoint and writes the file for the last time, or removes it when that is wanted.
    ///
    /// - Throws: `ExportError.unavailable` when that is impossible.
    public consuming func close() throws(ExportError) {
        server?.close()
        if options.removeAtEnd { try file?.remove() } else { try write() }
    }

    /// Opens the endpoint unless it is open, for a port in use may be free by now; what is in the way.
    private mutating func openEndpoint() -> ExportError? {
        guard server == nil else { return nil }
        do throws(ExportError) { server = try ScrapeServer.open(options, table) } catch { return error }
        if let server { table.withLock { $0.address = server.address } }
        return nil
    }

    private mutating func write() throws(ExportError) {
        table.withLock { $0.updated = System.now }
        guard let file else { return }
        // Written outside the lock: a slow disk does not keep the endpoint from answering.
        let text = table.text(options.format, into: writer.take() ?? JSONWriter())
        var problem: ExportError?
        do throws(ExportError) { try file.replace(by: text) } catch { problem = error }
        writer = consume text
        if let problem { throw problem }
    }
}
