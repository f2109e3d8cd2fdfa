/// Closures of a whole job.
extension TrainingTelemetry {
    /// Times the whole application, and says on its span which process this is and how it trains.
    ///
    /// - Parameter body: The work.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws, unchanged; it is recorded first.
    @inlinable
    public func application<R: ~Copyable, E: Error>(
        _ body: () throws(E) -> R
    ) throws(E) -> R {
        let open = beginApplication()
        do throws(E) {
            let result = try open.isExported ? self.enter(open) { () throws(E) -> R in try body() } : body()
            endApplication(open, nil)
            return result
        } catch {
            endApplication(open, error)
            throw error
        }
    }

    /// Times the whole application, and says on its span which process this is and how it trains, where that awaits.
    ///
    /// - Parameters:
    ///   - isolation: The caller's actor, on which the body stays.
    ///   - body: The work.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws, unchanged; it is recorded first.
    public func application<R, E: Error>(
        isolation: isolated (any Actor)? = #isolation, _ body: nonisolated(nonsending) () async throws(E) -> R
    ) async throws(E) -> R {
        let open = beginApplication()
        do throws(E) {
            let result = try await self.enter(open, isolation: isolation) { () async throws(E) -> R in try await body()
            }
            endApplication(open, nil)
            return result
        } catch {
            endApplication(open, error)
            throw error
        }
    }

    /// Times something that belongs to no loop, such as making the model.
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
        let open = begin(activity.span)
        do throws(E) {
            let result = try open.isExported ? self.enter(open) { () throws(E) -> R in try body() } : body()
            end(open, nil)
            return result
        } catch {
            end(open, error)
            throw error
        }
    }

    /// Times something that belongs to no loop, such as making the model, where that awaits.
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
        let open = begin(activity.span)
        do throws(E) {
            let result = try await self.enter(open, isolation: isolation) { () async throws(E) -> R in try await body()
            }
            end(open, nil)
            return result
        } catch {
            end(open, error)
            throw error
        }
    }

    /// Times a training loop, and computes its metrics.
    ///
    /// - Parameters:
    ///   - iterationsStart: How many iterations earlier jobs have done, 0 or more.
    ///   - samplesStart: How many samples these have seen, 0 or more; nil means as many as the batch size says.
    ///   - iterationsTarget: After how many iterations the training is done; nil means what the configuration says.
    ///   - samplesTarget: After how many samples it is done; nil means what the configuration says.
    ///   - body: The work.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws, unchanged; it is recorded first.
    @inlinable
    public func loop<R: ~Copyable, E: Error>(
        iterationsStart: Int = 0, samplesStart: Int? = nil, iterationsTarget: Int? = nil, samplesTarget: Int? = nil,
        _ body: (TrainingLoop) throws(E) -> R
    ) throws(E) -> R {
        let loop = beginLoop(iterationsStart, samplesStart, iterationsTarget, samplesTarget)
        do throws(E) {
            let result =
                try loop.isExported ? self.enter(loop.open) { () throws(E) -> R in try body(loop) } : body(loop)
            loop.end(nil)
            return result
        } catch {
            loop.end(error)
            throw error
        }
    }

    /// Times a training loop, and computes its metrics, where that awaits.
    ///
    /// - Parameters:
    ///   - iterationsStart: How many iterations earlier jobs have done, 0 or more.
    ///   - samplesStart: How many samples these have seen, 0 or more; nil means as many as the batch size says.
    ///   - iterationsTarget: After how many iterations the training is done; nil means what the configuration says.
    ///   - samplesTarget: After how many samples it is done; nil means what the configuration says.
    ///   - isolation: The caller's actor, on which the body stays.
    ///   - body: The work.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws, unchanged; it is recorded first.
    public func loop<R, E: Error>(
        iterationsStart: Int = 0, samplesStart: Int? = nil, iterationsTarget: Int? = nil, samplesTarget: Int? = nil,
        isolation: isolated (any Actor)? = #isolation,
        _ body: nonisolated(nonsending) (TrainingLoop) async throws(E) -> R
    ) async throws(E) -> R {
        let loop = beginLoop(iterationsStart, samplesStart, iterationsTarget, samplesTarget)
        do throws(E) {
            let result = try await self.enter(loop.open, isolation: isolation) { () async throws(E) -> R in
                try await body(loop)
            }
            loop.end(nil)
            return result
        } catch {
            loop.end(error)
            throw error
        }
    }
}
