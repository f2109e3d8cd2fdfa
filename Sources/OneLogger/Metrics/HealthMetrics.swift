internal import OneLoggerCore

/// How the recorder and its exporters fare, as metrics.
extension Engine {
    func healthPoints(_ since: Timestamp, _ time: Timestamp) -> [MetricPoint] {
        let health = health
        var points: [MetricPoint] = []
        func add(
            _ name: String, _ unit: String, _ summary: String, _ value: MetricPoint.Value,
            _ attributes: Attributes = [:]
        ) {
            points.append(
                MetricPoint(
                    name: "onelogger." + name, unit: unit, summary: summary, attributes: attributes, start: since,
                    time: time, value: value))
        }
        func sum(_ number: Int) -> MetricPoint.Value { .sum(Double(number)) }
        add("recorded", "{record}", "Records that the application made", sum(health.recorded))
        add("filtered", "{record}", "Records that a filter or a processor kept back", sum(health.filtered))
        add("dropped", "{record}", "Records lost before any exporter got them", sum(health.lostBeforeExport))
        add("errors", "{error}", "Errors of telemetry itself", sum(health.telemetryErrors))
        add("refused", "{value}", "Values that no instrument could take", sum(metrics.refusedValues))
        add("pool.usage", "By", "Memory of the pool in use", .upDownSum(Double(health.poolBytes)))
        for exporter in health.exporters {
            let label: Attributes = ["exporter": .string(exporter.name)]
            add("exported", "{record}", "Records that got through", sum(exporter.exported), label)
            add("lost", "{record}", "Records that did not get through", sum(exporter.lost), label)
            add("failures", "{batch}", "Batches that failed", sum(exporter.failures), label)
            add("queue.usage", "By", "What waits in the inbox", .upDownSum(Double(exporter.inboxBytes)), label)
            add(
                "export.duration", "s", "How long the last batch took",
                .gauge(exporter.lastExportDuration / .seconds(1)), label)
            add(
                "exporter.state", "", "0 healthy, 1 failing, 2 disabled, 3 closed", .gauge(exporter.state.number), label
            )
        }
        return points
    }
}

extension ExporterHealth.State {
    /// How it is shown where only numbers are.
    fileprivate var number: Double {
        switch self {
        case .healthy: 0
        case .failing: 1
        case .disabled: 2
        case .closed: 3
        }
    }
}
