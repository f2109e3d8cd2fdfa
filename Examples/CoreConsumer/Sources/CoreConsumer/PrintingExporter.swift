import OneLogger

/// Prints one line per record: all that an exporter must do.
struct PrintingExporter: Exporter {
    mutating func export(_ batch: Batch) throws(ExportError) {
        for record in batch.records {
            switch record {
            case .span(let span), .stop(let span): print("span \(span.name) \(span.attributes)")
            case .start(let span): print("start \(span.name)")
            case .event(let event): print("event \(event.event.name)")
            case .typedEvent(let event): print("event \(event.type)")
            case .metric(let point): print("metric \(point.name)")
            case .telemetryDataError(let error): print("incomplete: \(error.message)")
            @unknown default: print("a record of a newer kind")
            }
        }
    }
}
