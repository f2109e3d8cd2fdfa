internal import OneLoggerCore

/// What the exporter says about itself and about the process, in every text.
enum OwnMetrics {
    /// Names that no metric of the application may have.
    static let claims = [
        "target", "target_info", "onelogger_data_complete", "onelogger_last_update_seconds",
        "onelogger_scrape_endpoint", "onelogger_scrape_endpoint_info", "onelogger_telemetry_data_errors",
        "onelogger_telemetry_data_errors_total", "onelogger_telemetry_data_errors_created",
    ]

    static func append(_ table: borrowing SeriesTable, to text: inout MetricText) {
        text.begin("onelogger_data_complete", "gauge", "1 when nothing is known to be lost, else 0.")
        text.line("onelogger_data_complete", value: table.isComplete ? 1 : 0)

        let seconds = Double(table.updated.milliseconds) / 1000
        text.begin("onelogger_last_update_seconds", "gauge", "When these metrics were last updated, in Unix time.")
        text.line("onelogger_last_update_seconds", value: seconds)

        let errors = "onelogger_telemetry_data_errors"
        text.begin(errors, "counter", "Notices that data are missing or wrong.", suffix: "_total")
        for kind in [TelemetryDataError.Kind.incompleteTelemetryData, .noTelemetryData] {
            text.line("\(errors)_total", "type=\"\(kind.rawValue)\"", value: Double(table.dataErrors[kind] ?? 0))
        }
        if !table.address.isEmpty {
            let labels = LabelText.text(["address": .string(table.address)], constants: table.constants)
            text.info("onelogger_scrape_endpoint", "Where this process serves its metrics over HTTP.", labels)
        }
        let labels = LabelText.text(table.resource.attributes, constants: table.constants)
        text.info("target", "What produced these metrics.", labels)
    }
}
