internal import OneLoggerCore

/// How the recorder and its exporters fare, as metrics.
extension Engine {
    func healthPoints(_ since: Timestamp, _ time: Timestamp) -> [MetricPoint] {
        let health = health
        var list = PointList(prefix: "onelogger.", start: since, time: time)
        list.add("recorded", "{record}", "Records that the application made", sum: health.recorded)
        list.add("filtered", "{record}", "Records that a filter or a processor kept back", sum: health.filtered)
        list.add("dropped", "{record}", "Records lost before any exporter got them", sum: health.lostBeforeExport)
        list.add("errors", "{error}", "Errors of telemetry itself", sum: health.telemetryErrors)
        list.add("refused", "{value}", "Values that no instrument could take", sum: metrics.refusedValues)
        list.add("pool.usage", "By", "Memory of the pool in use", .upDownSum(Double(health.poolBytes)))
        for (exporter, worker) in zip(health.exporters, workers) {
            list.attributes = ["exporter": .string(exporter.name)]
            list.add("exported", "{record}", "Records that got through", sum: exporter.exported)
            list.add("lost", "{record}", "Records that did not get through", sum: exporter.lost)
            list.add("failures", "{batch}", "Batches that failed", sum: exporter.failures)
            list.add("queue.usage", "By", "What waits in the inbox", .upDownSum(Double(exporter.inboxBytes)))
            let durations = worker.monitor.withLock { unsafe worker.exportDurations }
            if durations.count > 0 { list.add("export.duration", "s", "How long batches took", .histogram(durations)) }
            list.add("exporter.state", "", "0 healthy, 1 failing, 2 disabled, 3 closed", .gauge(exporter.state.number))
        }
        return list.points
    }
}

/// Points that have much in common.
struct PointList {
    let prefix: String
    let start, time: Timestamp
    var attributes: Attributes = [:]
    private(set) var points: [MetricPoint] = []

    init(prefix: String, start: Timestamp, time: Timestamp) {
        self.prefix = prefix
        self.start = start
        self.time = time
    }

    // Out of line, because it is called from many places.
    @inline(never)
    mutating func add(_ name: String, _ unit: String, _ summary: String, _ value: MetricPoint.Value) {
        points.append(
            MetricPoint(
                name: prefix + name, unit: unit, summary: summary, attributes: attributes, start: start, time: time,
                value: value))
    }

    @inline(never)
    mutating func add(_ name: String, _ unit: String, _ summary: String, sum: Int) {
        add(name, unit, summary, .sum(Double(sum)))
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
