internal import OneLogger
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
        guard strategy == .async || save != nil else {
            return telemetry.report(
                call, "the save of step \(step) has ended, or never began",
                "Say that a save succeeded before you say that it ended.")
        }
        let now = time ?? telemetry.recorder.now
        let result: (told: (productivity: Productivity, attributes: Attributes)?, application: ManualSpan?) =
            telemetry.state.withLock { ($0.checkpoints.succeed(step, strategy, at: now), $0.application) }
        guard let told = result.told else {
            return telemetry.report(
                call, "no save of step \(step) has begun, or it has succeeded already",
                "Say that a save begins, and once that it succeeded.")
        }
        shared.state.withLock { $0.metrics.saved = told.productivity }
        let target = strategy == .sync ? save?.span : result.application ?? open.span ?? save?.span
        target?.event(Event("save_checkpoint_success", told.attributes.merging(details), at: now))
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
