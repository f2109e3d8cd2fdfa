public import OneLogger
internal import Synchronization

/// Saving checkpoints, in both styles.
extension TrainingLoop {
    /// Begins a save, whatever the configuration says about saves.
    func beginSave(
        _ step: Int, _ strategy: CheckpointStrategy?, _ call: String, parent: SpanParent, at time: Timestamp? = nil
    ) -> OpenSpan {
        let (productivity, isActive) = shared.state.withLock { ($0.metrics.productivity, $0.isActive) }
        // A loop that never began has saved nothing.
        let work = isActive || open.start != 0 ? productivity : Productivity()
        let (settings, attributes, kind): (TrainingSettings?, Attributes, TrainingSpan) = telemetry.state.withLock {
            let strategy = strategy ?? $0.settings?.strategy ?? .sync
            return ($0.settings, $0.checkpoints.begin(step, strategy, work), strategy.span)
        }
        if settings == nil {
            telemetry.report(
                call, "the configuration of the training is missing", "Call configure before checkpoints are saved.")
        }
        return telemetry.open(kind, parent, attributes, at: time)
    }

    @usableFromInline
    func beginSave(_ step: Int, _ strategy: CheckpointStrategy?) -> OpenSpan {
        beginSave(
            telemetry.checked(step, "step", "saveCheckpoint"), strategy, "saveCheckpoint",
            parent: telemetry.parent(else: fallback))
    }

    /// A save has succeeded.
    ///
    /// - Parameters:
    ///   - step: The one given at its beginning.
    ///   - save: Its span, when it is still open.
    ///   - strategy: Decides on which span the event stands: on that of a synchronous save, else on the application's.
    ///   - details: Where the checkpoint is, and how large.
    ///   - call: Who says so.
    ///   - time: When; nil means now.
    func succeed(
        _ step: Int, _ save: OpenSpan?, _ strategy: CheckpointStrategy, _ details: Attributes, _ call: String,
        at time: Timestamp? = nil
    ) {
        guard telemetry.recorder.isRecording else { return }
        // As at its beginning, which has reported it.
        let step = max(0, step)
        guard strategy == .async || save != nil else {
            return telemetry.report(
                call, "the save of step \(step) has ended, or never began",
                "Say that a save succeeded before you say that it ended.")
        }
        let now = time ?? telemetry.recorder.now
        let result: (told: (productivity: Productivity, attributes: Attributes)?, application: ManualSpan?) =
            telemetry.state.withLock { ($0.checkpoints.succeed(step, strategy, details, at: now), $0.application) }
        guard let told = result.told else {
            return telemetry.report(
                call, "no save of step \(step) has begun, or it has succeeded already",
                "Say that a save begins, and once that it succeeded.")
        }
        shared.state.withLock { $0.metrics.saved = told.productivity }
        let target = strategy == .sync ? save?.span : result.application ?? open.span ?? save?.span
        target?.event(Event("save_checkpoint_success", told.attributes, at: now))
    }

    /// A save is over; a closure that returned has saved, unless that goes on beside the training.
    @usableFromInline
    func endSave(_ save: OpenSpan, _ step: Int, _ error: (any Error)?) {
        if error == nil, save.kind == .checkpointSaveSync { succeed(step, save, .sync, [:], "saveCheckpoint") }
        endSave(save, error, at: nil)
    }

    func endSave(_ save: OpenSpan, _ error: (any Error)?, at time: Timestamp?) {
        let now = telemetry.recorder.stamp
        guard save.start != 0, now != 0 else { return }
        let times = shared.state.withLock {
            $0.scale.times(save.start, time.map(RecordLayout.stamp) ?? now, telemetry.recorder)
        }
        let attributes = telemetry.state.withLock { $0.checkpoints.end(from: times.start, to: times.end) }
        save.span?.event(Event("sync_checkpoint_metrics_update", attributes, at: times.end))
        telemetry.close(save, error, end: now, at: time)
    }
}

/// A checkpoint that is being saved.
public struct CheckpointSave: Sendable {
    private let loop: TrainingLoop
    private let open: OpenSpan
    private let step: Int

    /// Its span, for attributes and as `parent:`; it records nothing when it is not exported.
    public var span: ManualSpan { open.handle }

    @usableFromInline
    init(_ loop: TrainingLoop, _ open: OpenSpan, _ step: Int) {
        self.loop = loop
        self.open = open
        self.step = max(0, step)
    }

    /// Notes where the checkpoint is, and how large; the event `save_checkpoint_success` says it.
    ///
    /// - Parameters:
    ///   - directory: Where it is.
    ///   - size: How large it is, 0 or more. Unit: bytes.
    public func note(directory: String? = nil, size: Int? = nil) {
        let details = loop.telemetry.details(directory, size, "saveCheckpoint")
        loop.telemetry.state.withLock { $0.checkpoints.note(step, details) }
    }
}

extension TrainingTelemetry {
    /// What is known about a checkpoint, as attributes of the event that tells of its success.
    func details(_ directory: String?, _ size: Int?, _ call: String) -> Attributes {
        var details = Attributes()
        details["checkpoint_size"] = size.map { .int(checked($0, "checkpoint_size", call)) }
        details["checkpoint_directory"] = directory.map { .string($0) }
        return details
    }
}
