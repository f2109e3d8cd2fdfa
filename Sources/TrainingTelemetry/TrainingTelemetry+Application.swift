internal import OneLogger
internal import Synchronization

/// The application's span, and what is told on it.
extension TrainingTelemetry {
    @usableFromInline
    func beginApplication() -> OpenSpan { beginApplication(parent: .inherit, at: nil) }

    func beginApplication(parent: SpanParent, at time: Timestamp?) -> OpenSpan {
        let open = open(.application, parent, at: time)
        if let span = open.span {
            state.withLock { $0.application = span }
            tell(on: span, at: time)
        }
        return open
    }

    @usableFromInline
    func endApplication(_ open: OpenSpan, _ error: (any Error)?) { endApplication(open, error, at: nil) }

    func endApplication(_ open: OpenSpan, _ error: (any Error)?, at time: Timestamp?) {
        state.withLock { state in
            if state.application?.context == open.context { state.application = nil }
        }
        close(open, error, end: recorder.stamp, at: time)
    }

    /// Says on `span` what has not been said: which process this is, and how it trains.
    func tell(on span: ManualSpan, at time: Timestamp? = nil) {
        let (isNew, settings): (Bool, TrainingSettings?) = state.withLock { state in
            defer {
                state.hasToldProcess = true
                state.hasToldConfig = state.settings != nil
            }
            return (!state.hasToldProcess, state.hasToldConfig ? nil : state.settings)
        }
        if isNew { span.event(Event("one_logger_initialization", processAttributes, at: time)) }
        if let settings {
            span.event(Event("update_training_telemetry_config", settings.attributes, at: time))
        }
    }

    private var processAttributes: Attributes {
        let resource = recorder.resource
        var metadata = resource.customMetadata
        let baseline = metadata["is_baseline_run"] ?? false
        let schema = metadata["summary_data_schema_version"] ?? "1.0.0"
        metadata["is_baseline_run"] = nil
        metadata["summary_data_schema_version"] = nil
        var result: Attributes = [
            "world_size": .int(resource.worldSize ?? 1),
            "one_logger_training_telemetry_version": .string(packageVersion),
            "enable_for_current_rank": true, "session_tag": .string(resource.sessionTag), "is_baseline_run": baseline,
            "summary_data_schema_version": schema, "node_name": .string(resource.host),
            "rank": .int(resource.rank ?? 0),
        ]
        if !metadata.isEmpty { result["custom_metadata"] = .strings(metadata.pairs) }
        return result
    }
}
