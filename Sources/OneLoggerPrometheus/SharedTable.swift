internal import OneLoggerCore
internal import OneLoggerText
internal import Synchronization

/// The series, for the exporter's own thread, which changes them, and for the endpoint's, which shows them.
final class SharedTable: Sendable {
    private let table: Locked<SeriesTable>

    init(_ table: SeriesTable) { self.table = Locked(table) }

    func withLock<R: Sendable>(_ body: (inout SeriesTable) -> R) -> R {
        table.withLock { table in body(&table) }
    }

    /// Everything as a text.
    func text(_ format: PrometheusExporter.Format, into writer: consuming JSONWriter) -> JSONWriter {
        var writer: JSONWriter? = writer
        table.withLock { table in
            guard let memory = writer.take() else { return }
            writer = table.text(format, into: memory)
        }
        return writer.take() ?? JSONWriter()
    }
}
