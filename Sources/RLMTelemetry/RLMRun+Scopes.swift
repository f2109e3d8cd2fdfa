internal import OneLogger

extension RLMSink {
    /// Runs `body` as a run: it begins before and ends after it, also when it throws.
    ///
    /// What the body times hangs under the run's span, steps do, and so does a run that is started inside.
    ///
    /// - Parameters:
    ///   - start: What is known when it begins.
    ///   - body: The run; ``RLMRun/conclude(_:)`` says what comes of it.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws, unchanged; the run has not completed then.
    public func withRun<R: ~Copyable, E: Error>(_ start: RLMRunStart, _ body: (RLMRun) throws(E) -> R) throws(E) -> R {
        let run = RLMRun.begun(start, self)
        let result: Result<R, E>
        do throws(E) {
            result = .success(try run.within { () throws(E) -> R in try body(run) })
            run.finish(nil)
        } catch {
            run.finish(error)
            result = .failure(error)
        }
        return try result.get()
    }

    /// Runs `body` as a run: it begins before and ends after it, also when it throws.
    ///
    /// What the body and its child tasks time hangs under the run's span, steps do, and so does a run that is started
    /// inside.
    ///
    /// - Parameters:
    ///   - start: What is known when it begins.
    ///   - isolation: The caller's actor, on which the body stays.
    ///   - body: The run; ``RLMRun/conclude(_:)`` says what comes of it.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws, unchanged; the run has not completed then.
    public func withRun<R, E: Error>(
        _ start: RLMRunStart, isolation: isolated (any Actor)? = #isolation,
        _ body: nonisolated(nonsending) (RLMRun) async throws(E) -> R
    ) async throws(E) -> R {
        let run = RLMRun.begun(start, self)
        let result: Result<R, E>
        do throws(E) {
            guard let tracing = run.tracing, run.context.isValid else {
                let value = try await body(run)
                run.finish(nil)
                return value
            }
            let value = try await tracing.recorder.within(run.context) { () async throws(E) -> R in
                // Captured, so that this closure runs on the caller's actor.
                _ = isolation
                return try await body(run)
            }
            run.finish(nil)
            result = .success(value)
        } catch {
            run.finish(error)
            result = .failure(error)
        }
        return try result.get()
    }
}

extension RLMRun {
    static func begun(_ start: RLMRunStart, _ sink: any RLMSink) -> RLMRun {
        SinkGuard.shared.attempt(sink, "runStarted") { try sink.runStarted(start) }
        return RLMRun(start.id, sink)
    }

    func within<R: ~Copyable, E: Error>(_ body: () throws(E) -> R) throws(E) -> R {
        guard let tracing, context.isValid else { return try body() }
        return try tracing.recorder.within(context, body)
    }

    /// Runs `body` as a step: its span lasts as long as the body, and what the body times hangs under it.
    ///
    /// - Parameters:
    ///   - action: What kind of action is taken, such as `run_code`.
    ///   - number: Which step it is; nil means one more than before, from 1.
    ///   - body: The step; it fills in what comes of it. A step that says nothing of it succeeds when the body returns.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws, unchanged; the step has failed then, or was cancelled by a `CancellationError`.
    public func withStep<R: ~Copyable, E: Error>(
        _ action: String? = nil, number: Int? = nil, _ body: (inout RLMStep) throws(E) -> R
    ) throws(E) -> R {
        var step = RLMStep(number ?? nextStep(), action: action)
        let startedAt = now
        let result: Result<R, E>
        if let tracing, context.isValid {
            result = tracing.recorder.timedSpan("rlm.step", parent: .context(context)) { span in
                let result = Self.outcome(&step, body)
                complete(&step, startedAt, result.thrown)
                tracing.describe(&span, id, step)
                return result
            }
        } else {
            result = Self.outcome(&step, body)
            complete(&step, startedAt, result.thrown)
        }
        tell(step, except: context.isValid ? tracing : nil)
        return try result.get()
    }

    /// Runs `body` as a step: its span lasts as long as the body, and what the body and its child tasks time hangs under
    /// it.
    ///
    /// - Parameters:
    ///   - action: What kind of action is taken, such as `run_code`.
    ///   - number: Which step it is; nil means one more than before, from 1.
    ///   - isolation: The caller's actor, on which the body stays.
    ///   - body: The step; it fills in what comes of it. A step that says nothing of it succeeds when the body returns.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws, unchanged; the step has failed then, or was cancelled by a `CancellationError`.
    public func withStep<R, E: Error>(
        _ action: String? = nil, number: Int? = nil, isolation: isolated (any Actor)? = #isolation,
        _ body: nonisolated(nonsending) (inout RLMStep) async throws(E) -> R
    ) async throws(E) -> R {
        var step = RLMStep(number ?? nextStep(), action: action)
        let startedAt = now
        let result: Result<R, E>
        if let tracing, context.isValid {
            result = await tracing.recorder.timedSpan("rlm.step", parent: .context(context)) { span in
                // Captured, so that this closure runs on the caller's actor.
                _ = isolation
                let result = await Self.outcome(&step, body)
                complete(&step, startedAt, result.thrown)
                tracing.describe(&span, id, step)
                return result
            }
        } else {
            result = await Self.outcome(&step, body)
            complete(&step, startedAt, result.thrown)
        }
        tell(step, except: context.isValid ? tracing : nil)
        return try result.get()
    }

    private static func outcome<R: ~Copyable, E: Error>(
        _ step: inout RLMStep, _ body: (inout RLMStep) throws(E) -> R
    ) -> Result<R, E> {
        do throws(E) { return .success(try body(&step)) } catch { return .failure(error) }
    }

    private static func outcome<R, E: Error>(
        _ step: inout RLMStep, isolation: isolated (any Actor)? = #isolation,
        _ body: nonisolated(nonsending) (inout RLMStep) async throws(E) -> R
    ) async -> Result<R, E> {
        do throws(E) { return .success(try await body(&step)) } catch { return .failure(error) }
    }
}

extension Result where Success: ~Copyable {
    /// What was thrown; nil when nothing was.
    fileprivate var thrown: (any Error)? {
        switch self {
        case .success: nil
        case .failure(let error): error
        }
    }
}

extension RLMRunSink {
    /// Counts a step that is timed as a span of its own, and says on that span what came of it.
    func describe(_ span: inout TimedSpan, _ run: String, _ step: RLMStep) {
        let now = recorder.now
        let found = withState { state in state.table.step(run, step, now: now).map { ($0, state.rules) } }
        // A shutdown in between has ended the run.
        guard let (place, rules) = found else { return }
        describe(&span, run, step, place.cumulativeReward, rules)
        metrics?.stepped(place.counter, step)
    }
}
