/// Closures of a training loop.
extension TrainingLoop {
    /// Times one iteration, and counts it in the loop's metrics.
    ///
    /// - Parameter body: The work.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws, unchanged; it is recorded first, and the iteration does not count.
    @inlinable
    public func iteration<R: ~Copyable, E: Error>(
        _ body: (TrainingIteration) throws(E) -> R
    ) throws(E) -> R {
        let open = beginIteration()
        do throws(E) {
            let result =
                try open.isExported
                ? telemetry.enter(open) { () throws(E) -> R in try body(TrainingIteration(self, open)) }
                : body(TrainingIteration(self, open))
            endIteration(open, nil)
            return result
        } catch {
            endIteration(open, error)
            throw error
        }
    }

    /// Times one iteration, and counts it in the loop's metrics, where that awaits.
    ///
    /// - Parameters:
    ///   - isolation: The caller's actor, on which the body stays.
    ///   - body: The work.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws, unchanged; it is recorded first, and the iteration does not count.
    public func iteration<R, E: Error>(
        isolation: isolated (any Actor)? = #isolation,
        _ body: nonisolated(nonsending) (TrainingIteration) async throws(E) -> R
    ) async throws(E) -> R {
        let open = beginIteration()
        do throws(E) {
            let result = try await telemetry.enter(open, isolation: isolation) { () async throws(E) -> R in
                try await body(TrainingIteration(self, open))
            }
            endIteration(open, nil)
            return result
        } catch {
            endIteration(open, error)
            throw error
        }
    }

    /// Times something between iterations, such as loading data ahead.
    ///
    /// - Parameters:
    ///   - activity: What it is.
    ///   - body: The work.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws, unchanged; it is recorded first.
    @inlinable
    public func measure<R: ~Copyable, E: Error>(
        _ activity: TrainingActivity, _ body: () throws(E) -> R
    ) throws(E) -> R {
        let open = beginPart(activity.span, nil)
        do throws(E) {
            let result = try open.isExported ? telemetry.enter(open) { () throws(E) -> R in try body() } : body()
            endPart(open, nil)
            return result
        } catch {
            endPart(open, error)
            throw error
        }
    }

    /// Times something between iterations, such as loading data ahead, where that awaits.
    ///
    /// - Parameters:
    ///   - activity: What it is.
    ///   - isolation: The caller's actor, on which the body stays.
    ///   - body: The work.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws, unchanged; it is recorded first.
    public func measure<R, E: Error>(
        _ activity: TrainingActivity, isolation: isolated (any Actor)? = #isolation,
        _ body: nonisolated(nonsending) () async throws(E) -> R
    ) async throws(E) -> R {
        let open = beginPart(activity.span, nil)
        do throws(E) {
            let result = try await telemetry.enter(open, isolation: isolation) { () async throws(E) -> R in
                try await body()
            }
            endPart(open, nil)
            return result
        } catch {
            endPart(open, error)
            throw error
        }
    }

    /// Times one validation.
    ///
    /// - Parameter body: The work.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws, unchanged; it is recorded first.
    @inlinable
    public func validation<R: ~Copyable, E: Error>(
        _ body: (TrainingEvaluation) throws(E) -> R
    ) throws(E) -> R {
        let open = beginEvaluation(.validationLoop)
        do throws(E) {
            let result =
                try open.isExported
                ? telemetry.enter(open) { () throws(E) -> R in try body(TrainingEvaluation(self, open)) }
                : body(TrainingEvaluation(self, open))
            endEvaluation(open, nil)
            return result
        } catch {
            endEvaluation(open, error)
            throw error
        }
    }

    /// Times one validation, where that awaits.
    ///
    /// - Parameters:
    ///   - isolation: The caller's actor, on which the body stays.
    ///   - body: The work.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws, unchanged; it is recorded first.
    public func validation<R, E: Error>(
        isolation: isolated (any Actor)? = #isolation,
        _ body: nonisolated(nonsending) (TrainingEvaluation) async throws(E) -> R
    ) async throws(E) -> R {
        let open = beginEvaluation(.validationLoop)
        do throws(E) {
            let result = try await telemetry.enter(open, isolation: isolation) { () async throws(E) -> R in
                try await body(TrainingEvaluation(self, open))
            }
            endEvaluation(open, nil)
            return result
        } catch {
            endEvaluation(open, error)
            throw error
        }
    }

    /// Times one test.
    ///
    /// - Parameter body: The work.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws, unchanged; it is recorded first.
    @inlinable
    public func testing<R: ~Copyable, E: Error>(
        _ body: (TrainingEvaluation) throws(E) -> R
    ) throws(E) -> R {
        let open = beginEvaluation(.testingLoop)
        do throws(E) {
            let result =
                try open.isExported
                ? telemetry.enter(open) { () throws(E) -> R in try body(TrainingEvaluation(self, open)) }
                : body(TrainingEvaluation(self, open))
            endEvaluation(open, nil)
            return result
        } catch {
            endEvaluation(open, error)
            throw error
        }
    }

    /// Times one test, where that awaits.
    ///
    /// - Parameters:
    ///   - isolation: The caller's actor, on which the body stays.
    ///   - body: The work.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws, unchanged; it is recorded first.
    public func testing<R, E: Error>(
        isolation: isolated (any Actor)? = #isolation,
        _ body: nonisolated(nonsending) (TrainingEvaluation) async throws(E) -> R
    ) async throws(E) -> R {
        let open = beginEvaluation(.testingLoop)
        do throws(E) {
            let result = try await telemetry.enter(open, isolation: isolation) { () async throws(E) -> R in
                try await body(TrainingEvaluation(self, open))
            }
            endEvaluation(open, nil)
            return result
        } catch {
            endEvaluation(open, error)
            throw error
        }
    }

    /// Times the saving of a checkpoint; a synchronous one that returns has succeeded.
    ///
    /// - Parameters:
    ///   - step: The number of the iteration that it is saved after.
    ///   - strategy: Whether the training waits; nil means what the configuration says. Of an asynchronous save,
    ///     ``TrainingTelemetry/onSaveCheckpointSuccess(globalStep:directory:size:at:)`` says that it succeeded.
    ///   - body: The work.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws, unchanged; it is recorded first.
    @inlinable
    public func saveCheckpoint<R: ~Copyable, E: Error>(
        step: Int, strategy: CheckpointStrategy? = nil, _ body: (CheckpointSave) throws(E) -> R
    ) throws(E) -> R {
        let open = beginSave(step, strategy)
        do throws(E) {
            let save = CheckpointSave(self, open, step)
            let result =
                try open.isExported ? telemetry.enter(open) { () throws(E) -> R in try body(save) } : body(save)
            endSave(open, step, nil)
            return result
        } catch {
            endSave(open, step, error)
            throw error
        }
    }

    /// Times the saving of a checkpoint; a synchronous one that returns has succeeded, where that awaits.
    ///
    /// - Parameters:
    ///   - step: The number of the iteration that it is saved after.
    ///   - strategy: Whether the training waits; nil means what the configuration says. Of an asynchronous save,
    ///     ``TrainingTelemetry/onSaveCheckpointSuccess(globalStep:directory:size:at:)`` says that it succeeded.
    ///   - isolation: The caller's actor, on which the body stays.
    ///   - body: The work.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws, unchanged; it is recorded first.
    public func saveCheckpoint<R, E: Error>(
        step: Int, strategy: CheckpointStrategy? = nil, isolation: isolated (any Actor)? = #isolation,
        _ body: nonisolated(nonsending) (CheckpointSave) async throws(E) -> R
    ) async throws(E) -> R {
        let open = beginSave(step, strategy)
        do throws(E) {
            let result = try await telemetry.enter(open, isolation: isolation) { () async throws(E) -> R in
                try await body(CheckpointSave(self, open, step))
            }
            endSave(open, step, nil)
            return result
        } catch {
            endSave(open, step, error)
            throw error
        }
    }
}
