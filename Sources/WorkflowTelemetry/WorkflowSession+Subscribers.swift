public import OneLogger
internal import OneLoggerCore
internal import Synchronization

extension WorkflowSession {
    /// Calls `body` for each event, in order, on a thread of its own.
    ///
    /// It may be slow, block and throw: nobody else waits for it. What it has not been given yet when the session stops,
    /// it is given within the stop's time.
    ///
    /// - Parameters:
    ///   - types: The event types that it wants, such as `["TaskFailed"]`; nil means all.
    ///   - capacity: How many events may wait; what comes on top is lost for it, and counted.
    ///   - body: The subscriber.
    /// - Returns: What ends the subscription and knows its numbers.
    @discardableResult
    public func subscribe(
        to types: Set<String>? = nil, capacity: Int = 10_000,
        _ body: @escaping @Sendable (EventRecord) throws -> Void
    ) -> Subscription {
        add(
            Subscription(types: types, capacity: capacity) { event, own in
                do { try body(event) } catch { own.noteFailure() }
            })
    }

    /// Calls `body` for each event, in order, one after another, on a thread of its own.
    ///
    /// What an actor does, or a function that leaves the caller's executor, runs where it belongs.
    ///
    /// - Parameters:
    ///   - types: The event types that it wants; nil means all.
    ///   - capacity: How many events may wait; what comes on top is lost for it, and counted.
    ///   - body: The subscriber.
    /// - Returns: What ends the subscription and knows its numbers.
    @discardableResult
    public func subscribe(
        to types: Set<String>? = nil, capacity: Int = 10_000,
        _ body: @escaping @Sendable (EventRecord) async throws -> Void
    ) -> Subscription {
        let executor = SubscriberExecutor()
        return add(
            Subscription(types: types, capacity: capacity) { event, own in
                executor.run {
                    do {
                        try await Subscription.$current.withValue(own) { try await body(event) }
                    } catch { own.noteFailure() }
                }
            })
    }

    /// Ends a subscription: nothing more is handed over.
    public func unsubscribe(_ subscription: Subscription) {
        subscription.cancel()
        subscriptions.withLock { all in
            guard let place = all.firstIndex(where: { $0 === subscription }) else { return }
            all.remove(at: place)
            opened.listeners.subtract(1, ordering: .relaxed)
        }
    }

    private func add(_ subscription: Subscription) -> Subscription {
        guard isOpen else {
            subscription.cancel()
            return subscription
        }
        subscriptions.withLock { $0.append(subscription) }
        opened.listeners.add(1, ordering: .relaxed)
        if !isOpen { subscription.cancel() }  // whoever ended the session meanwhile may know nothing of it
        return subscription
    }

    /// An event that was recorded.
    func note(_ event: EventRecord) {
        if let update = ResourceUpdate(event) {
            let backend = event.backend ?? "", node = event.nodeID ?? ""
            table.withLock { $0.totals.add(update, "\(backend)/\(node)") }
            instruments.nodes.add(update, backend: backend, node: node, at: now.steady)
        }
        subscriptions.withLock { all in
            var gone = 0
            for subscription in all where !subscription.offer(event) { gone += 1 }
            guard gone > 0 else { return }
            let count = all.count
            all.removeAll { $0.isCancelled }
            opened.listeners.subtract(count - all.count, ordering: .relaxed)
        }
    }

    /// Events that subscribers lost, all together.
    public var lostForSubscribers: Int { subscriptions.withLock { $0 }.reduce(0) { $0 + $1.lost } }

    // MARK: enrichers

    /// Adds attributes to the span of every task that is heard of from now on.
    public func add(_ enricher: some SpanEnricher) { table.withLock { $0.enrichers.append(enricher) } }

    /// Adds attributes to the span of every task that is heard of from now on.
    public func enrichSpans(_ body: @escaping @Sendable (TaskInfo) -> Attributes) { add(ClosureEnricher(body: body)) }
}
