public import OneLogger
internal import Synchronization
public import WorkflowTelemetry

/// A stage has handed over its data.
public struct DataQualityChecked: TelemetryEvent {
    /// `pipeline.DataQualityChecked`.
    public static let eventType: StaticName = "pipeline.DataQualityChecked"
    /// The share of rows that are fine.
    public var score: Double
    /// How many rows were looked at.
    public var rows: Int

    /// Creates the event.
    public init(score: Double = 0, rows: Int = 0) {
        self.score = score
        self.rows = rows
    }

    /// Lists the fields.
    public func encode(to fields: inout EventFields) {
        fields["score"] = score
        fields["rows_checked"] = rows
    }
}

/// A model was trained and measured.
public struct ModelEvaluated: TelemetryEvent {
    /// `pipeline.ModelEvaluated`.
    public static let eventType: StaticName = "pipeline.ModelEvaluated"
    /// How far predictions are off, on average.
    public var error: Double

    /// Creates the event.
    public init(error: Double = 0) { self.error = error }

    /// Lists the fields.
    public func encode(to fields: inout EventFields) { fields["error"] = error }
}

/// Collects what pipelines say about their data and models, by workflow.
public final class PipelineMonitor: Sendable {
    private let seen = Mutex<(scores: [String: Double], errors: [String: Double])>(([:], [:]))
    /// The share of fine rows, by workflow.
    public var scores: [String: Double] { seen.withLock { $0.scores } }
    /// The error of the model, by workflow.
    public var errors: [String: Double] { seen.withLock { $0.errors } }

    /// Watches a session.
    public init(_ session: WorkflowSession) {
        session.subscribe(to: ["pipeline.DataQualityChecked", "pipeline.ModelEvaluated"]) { [self] event in
            guard case .string(let workflow)? = event.attributes["asyncflow.workflow_id"] else { return }
            seen.withLock { seen in
                if case .double(let score)? = event[field: "score"] { seen.scores[workflow] = score }
                if case .double(let error)? = event[field: "error"] { seen.errors[workflow] = error }
            }
        }
    }
}
