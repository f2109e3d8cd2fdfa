public import OneLogger
internal import OneLoggerCore
internal import Synchronization

/// What is noted on the span of a scope while it is open; of a task, its id.
final class ScopeState: Sendable {
    static let eventLimit = 128
    let taskID: String?
    private let events = Locked<[Event]>([])

    init(taskID: String? = nil) { self.taskID = taskID }

    func add(_ event: Event) { events.withLock { if $0.count < Self.eventLimit { $0.append(event) } } }
    var noted: [Event] { events.withLock { $0 } }
}

extension WorkflowSession {
    /// Runs `body`, which blocks, as a workflow: a span, and an id on every task and event inside.
    ///
    /// - Parameters:
    ///   - id: The workflow's; nil makes one up, `wf-` and eight hexadecimal digits.
    ///   - body: The work; gets the id.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws, unchanged; it is recorded on the span.
    public func workflowScope<R, E: Error>(_ id: String? = nil, _ body: (String) throws(E) -> R) throws(E) -> R {
        let id = id ?? Self.newWorkflowID
        return try scope("workflow", EventScope([Self.workflowKey: .string(id)], state: ScopeState()), id, body)
    }

    /// Runs `body` as a workflow: a span, and an id on every task and event inside, in task groups too.
    ///
    /// - Parameters:
    ///   - id: The workflow's; nil makes one up, `wf-` and eight hexadecimal digits.
    ///   - isolation: The caller's actor, on which the body stays.
    ///   - body: The work; gets the id.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws, unchanged; it is recorded on the span.
    public func workflowScope<R, E: Error>(
        _ id: String? = nil, isolation: isolated (any Actor)? = #isolation,
        _ body: nonisolated(nonsending) (String) async throws(E) -> R
    ) async throws(E) -> R {
        let id = id ?? Self.newWorkflowID
        return try await scope("workflow", EventScope([Self.workflowKey: .string(id)], state: ScopeState()), id, body)
    }

    /// Runs `body`, which blocks, as a block.
    ///
    /// Inside a workflow it keeps the workflow's id and adds its own; outside, its own is the workflow's.
    ///
    /// - Parameters:
    ///   - id: The block's; nil makes one up.
    ///   - body: The work; gets the id.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws, unchanged; it is recorded on the span.
    public func block<R, E: Error>(_ id: String? = nil, _ body: (String) throws(E) -> R) throws(E) -> R {
        let id = id ?? Self.newBlockID
        return try scope("block", blockScope(id), id, body)
    }

    /// Runs `body` as a block.
    ///
    /// Inside a workflow it keeps the workflow's id and adds its own; outside, its own is the workflow's.
    ///
    /// - Parameters:
    ///   - id: The block's; nil makes one up.
    ///   - isolation: The caller's actor, on which the body stays.
    ///   - body: The work; gets the id.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws, unchanged; it is recorded on the span.
    public func block<R, E: Error>(
        _ id: String? = nil, isolation: isolated (any Actor)? = #isolation,
        _ body: nonisolated(nonsending) (String) async throws(E) -> R
    ) async throws(E) -> R {
        let id = id ?? Self.newBlockID
        return try await scope("block", blockScope(id), id, body)
    }

    /// The id of the workflow that this task or thread works for; nil outside of any.
    public var currentWorkflowID: String? {
        if case .string(let id)? = currentStamp[Self.workflowKey] { id } else { nil }
    }

    /// Notes an event on the innermost span that the session has open here: a task's, a block's, a workflow's, else its own.
    ///
    /// At most 128 per span.
    public func annotateCurrentSpan(_ event: some TelemetryEvent) {
        annotateCurrentSpan(type(of: event).eventType.text.description, event.ownFields)
    }

    /// Notes an event whose type was made at run time.
    public func annotateCurrentSpan(_ event: DynamicEvent) { annotateCurrentSpan(event.type, event.fields) }

    private func annotateCurrentSpan(_ name: String, _ fields: [EventRecord.Field]) {
        var attributes = Attributes()
        for field in fields { attributes[field.name] = field.value }
        let event = Event(name, attributes, at: now.time)
        guard let state = currentScope?.state as? ScopeState else { return span.event(event) }
        guard let task = state.taskID else { return state.add(event) }
        _ = table.withLock { $0.annotate(opened.spanID(ofTask: task), event) }
    }

    // MARK: what is open here

    var currentScope: EventScope? { opened.hasScopes.load(ordering: .relaxed) ? opened.scope.get() : nil }
    var currentStamp: Attributes { currentScope?.attributes ?? [:] }

    /// Under which span something new hangs: the innermost one here, if it is of this session's trace.
    var currentParent: SpanContext {
        guard let current = recorder.currentContext, current.traceID == context.traceID else { return context }
        return current
    }

    private static var newWorkflowID: String { "wf-" + hexadecimal(UInt32.random(in: 0...UInt32.max)) }
    private static var newBlockID: String { "block-" + hexadecimal(UInt32.random(in: 0...UInt32.max)) }

    private func blockScope(_ id: String) -> EventScope {
        guard let workflow = currentStamp[Self.workflowKey] else {
            return EventScope([Self.workflowKey: .string(id)], state: ScopeState())
        }
        return EventScope([Self.workflowKey: workflow, Self.blockKey: .string(id)], state: ScopeState())
    }

    private func attributes(_ scope: EventScope) -> Attributes {
        Attributes([(key: "session_id", value: .string(self.id))]).merging(scope.attributes)
    }

    // MARK: opening a scope

    func stamped<R, E: Error>(_ scope: EventScope, _ body: () throws(E) -> R) throws(E) -> R {
        opened.hasScopes.store(true, ordering: .relaxed)
        let result: Result<R, E> = opened.scope.withValue(scope) {
            do throws(E) { return .success(try body()) } catch { return .failure(error) }
        }
        return try result.get()
    }

    private func scope<R, E: Error>(
        _ name: String, _ scope: EventScope, _ id: String, _ body: (String) throws(E) -> R
    ) throws(E) -> R {
        guard isOpen else { return try body(id) }
        return try recorder.timedSpan(name, parent: .context(currentParent), attributes: attributes(scope)) {
            (span) throws(E) -> R in
            let context = span.context
            defer { note(scope, on: &span) }
            return try stamped(scope) { () throws(E) -> R in
                // A task that is made inside a body which blocks finds its parent by this.
                let result: Result<R, E> = recorder.bind(context) {
                    do throws(E) { return .success(try body(id)) } catch { return .failure(error) }
                }
                return try result.get()
            }
        }
    }

    private func scope<R, E: Error>(
        _ name: String, _ scope: EventScope, _ id: String, isolation: isolated (any Actor)? = #isolation,
        _ body: nonisolated(nonsending) (String) async throws(E) -> R
    ) async throws(E) -> R {
        guard isOpen else { return try await body(id) }
        opened.hasScopes.store(true, ordering: .relaxed)
        return try await recorder.timedSpan(name, parent: .context(currentParent), attributes: attributes(scope)) {
            (span) async throws(E) -> R in
            defer { note(scope, on: &span) }
            let result: Result<R, E> = await opened.scope.withValue(scope) { () async -> Result<R, E> in
                _ = isolation  // captured, so that this closure runs on the caller's actor
                do throws(E) { return .success(try await body(id)) } catch { return .failure(error) }
            }
            return try result.get()
        }
    }

    private func note(_ scope: EventScope, on span: inout TimedSpan) {
        guard let state = scope.state as? ScopeState else { return }
        for event in state.noted { span.event(event) }
    }
}
