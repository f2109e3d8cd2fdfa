import OneLogger
import OneLoggerTesting

/// Options of a recorder that drains only when it is told to, or must.
var quiet: RecorderOptions {
    var options = RecorderOptions()
    options.flushInterval = .seconds(60)
    return options
}

/// Such a recorder, and what it exports.
func recorder(
    _ change: (inout RecorderOptions) -> Void = { _ in }
) -> (recorder: Recorder, store: InMemoryExporter.Store) {
    var options = quiet
    change(&options)
    let store = InMemoryExporter.Store()
    return (Recorder(options, exporters: [ExporterSlot(InMemoryExporter(store))]), store)
}
