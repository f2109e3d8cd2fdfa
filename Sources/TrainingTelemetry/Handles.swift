public import OneLogger

/// A training iteration that runs.
public struct TrainingIteration: Sendable {
    @usableFromInline let loop: TrainingLoop
    private let open: OpenSpan

    /// Its span, for attributes and as `parent:`; it records nothing when spans of iterations are not exported.
    public var span: ManualSpan { open.handle }

    @usableFromInline
    init(_ loop: TrainingLoop, _ open: OpenSpan) {
        self.loop = loop
        self.open = open
    }

    /// Notes the loss; the next event `training_metrics_update` names the latest one.
    public func note(loss: Double) { loop.note(loss: loss) }

    @usableFromInline
    func begin(_ activity: TrainingActivity) -> OpenSpan {
        loop.beginPart(activity.span, open.span?.context)
    }

    /// Times a part of the iteration.
    ///
    /// Costs two readings of the clock and allocates nothing while spans of parts are not exported.
    ///
    /// - Parameters:
    ///   - activity: Which part.
    ///   - body: The work.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws, unchanged; it is recorded first.
    @inlinable
    public func measure<R: ~Copyable, E: Error>(
        _ activity: TrainingActivity, _ body: () throws(E) -> R
    ) throws(E) -> R {
        let open = begin(activity)
        do throws(E) {
            let result = try open.isExported ? loop.telemetry.enter(open, body) : body()
            loop.endPart(open, nil)
            return result
        } catch {
            loop.endPart(open, error)
            throw error
        }
    }

    /// Times a part of the iteration that awaits.
    ///
    /// - Parameters:
    ///   - activity: Which part.
    ///   - isolation: The caller's actor, on which the body stays.
    ///   - body: The work.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws, unchanged; it is recorded first.
    public func measure<R, E: Error>(
        _ activity: TrainingActivity, isolation: isolated (any Actor)? = #isolation,
        _ body: nonisolated(nonsending) () async throws(E) -> R
    ) async throws(E) -> R {
        let open = begin(activity)
        do throws(E) {
            let result = try await loop.telemetry.enter(open, isolation: isolation, body)
            loop.endPart(open, nil)
            return result
        } catch {
            loop.endPart(open, error)
            throw error
        }
    }
}

/// A validation or a test that runs.
public struct TrainingEvaluation: Sendable {
    @usableFromInline let loop: TrainingLoop
    private let open: OpenSpan

    /// Its span, for attributes and as `parent:`; it records nothing when it is not exported.
    public var span: ManualSpan { open.handle }

    @usableFromInline
    init(_ loop: TrainingLoop, _ open: OpenSpan) {
        self.loop = loop
        self.open = open
    }

    @usableFromInline
    func begin() -> OpenSpan {
        loop.telemetry.open(
            open.kind == .validationLoop ? .validationSingleIteration : .testingSingleIteration,
            loop.telemetry.parent(else: open.span?.context ?? loop.fallback))
    }

    /// Times one iteration of it.
    ///
    /// - Parameter body: The work.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws, unchanged; it is recorded first, and the iteration does not count.
    @inlinable
    public func iteration<R: ~Copyable, E: Error>(_ body: () throws(E) -> R) throws(E) -> R {
        let open = begin()
        do throws(E) {
            let result = try open.isExported ? loop.telemetry.enter(open, body) : body()
            loop.endEvaluationIteration(open, nil)
            return result
        } catch {
            loop.endEvaluationIteration(open, error)
            throw error
        }
    }

    /// Times one iteration that awaits.
    ///
    /// - Parameters:
    ///   - isolation: The caller's actor, on which the body stays.
    ///   - body: The work.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws, unchanged; it is recorded first, and the iteration does not count.
    public func iteration<R, E: Error>(
        isolation: isolated (any Actor)? = #isolation, _ body: nonisolated(nonsending) () async throws(E) -> R
    ) async throws(E) -> R {
        let open = begin()
        do throws(E) {
            let result = try await loop.telemetry.enter(open, isolation: isolation, body)
            loop.endEvaluationIteration(open, nil)
            return result
        } catch {
            loop.endEvaluationIteration(open, error)
            throw error
        }
    }
}
