internal import OneLogger

extension RLMRunSink {
    /// How the sink fares now: `available` says whether the last delivery of every exporter got through.
    public func status() -> RLMSinkStatus {
        let health = recorder.health, exporters = health.exporters
        let failed = exporters.filter { $0.state == .failing || $0.state == .disabled }
        var status = RLMSinkStatus(
            name: name, isEnabled: isEnabled,
            isAvailable: problem == nil && health.state == .recording && failed.isEmpty,
            detail: problem ?? detail(health), serviceName: isEnabled && problem == nil ? service : configuredService,
            hasMetrics: options.hasMetrics)
        status.exported = exporters.reduce(0) { $0 + $1.exported }
        status.dropped = exporters.reduce(health.lostBeforeExport) { $0 + $1.lost }
        status.lastError = exporters.compactMap(\.lastError).first?.description
        return status
    }

    private var service: String { recorder.resource.serviceName }

    /// What the service would be called.
    private var configuredService: String { options.serviceName }

    private func detail(_ health: RecorderHealth) -> String {
        switch health.state {
        case .recording: break
        case .closed: return "shut down"
        default: return "the recorder is off"
        }
        if let endpoint = options.endpoint { return endpoint }
        guard !health.exporters.isEmpty else { return "in-memory (no exporter)" }
        return health.exporters.map(\.name).joined(separator: ", ")
    }
}
