internal import OneLogger
internal import Synchronization

/// A standard span that a callback has begun.
struct CallbackSpan: Sendable {
    var open: OpenSpan
    /// The thread that began it.
    var thread: UInt
    /// The iteration that a save belongs to.
    var step: Int?
}

extension TrainingSpan {
    /// True for what other standard spans hang under.
    var isContainer: Bool {
        switch self {
        case .application, .trainingLoop, .validationLoop, .testingLoop, .trainingSingleIteration,
            .validationSingleIteration, .testingSingleIteration:
            true
        default: false
        }
    }

    /// True for what a timer measures, beside the span.
    var isTimed: Bool {
        switch self {
        case .trainingSingleIteration, .validationSingleIteration, .testingSingleIteration, .checkpointLoad,
            .checkpointSaveSync, .checkpointSaveAsync:
            true
        default: false
        }
    }

    /// True for what several threads may do at once.
    var isParallel: Bool {
        switch self {
        case .dataLoading, .modelForward, .zeroGrad, .modelBackward, .optimizerUpdate: true
        default: false
        }
    }
}

extension [CallbackSpan] {
    /// What is open now, for messages.
    var state: String {
        isEmpty ? "no span is open" : "open: " + map(\.open.kind.text).joined(separator: ", ")
    }
}

extension TrainingTelemetry.State {
    /// Under what a span hangs that a callback begins.
    func parent(of kind: TrainingSpan) -> SpanParent {
        if kind == .application { return .inherit }
        for entry in open.reversed() where entry.open.kind.isContainer {
            if let span = entry.open.span { return .span(span) }
        }
        return application.map { .span($0) } ?? .inherit
    }

    /// Why a span cannot begin; nil when it can.
    func conflict(_ kind: TrainingSpan, thread: UInt, step: Int?) -> String? {
        // By places, because a copy of an entry would count references.
        var same = 0, hasLoop = false
        for place in open.indices {
            let other = open[place].open.kind
            if other == .trainingLoop { hasLoop = true }
            guard other == kind, open[place].step == step, !kind.isParallel || open[place].thread == thread else {
                continue
            }
            same += 1
        }
        if same > 0 {
            let problem =
                kind.isTimed
                ? "Cannot start timer since it is already active: \(kind.text)"
                : "Cannot start span \(kind.text) while \(same) span(s) with the same name is already active"
            return "\(problem) (\(open.state))"
        }
        guard kind == .trainingSingleIteration, !hasLoop else { return nil }
        return "Expected to have one and only one span named training_loop but found 0 (\(open.state))"
    }

    /// Takes an open span away; throws how many there are when that is not clear.
    mutating func remove(_ kind: TrainingSpan, thread: UInt, step: Int?) throws(Ambiguous) -> CallbackSpan {
        var own: Int?, other: Int?, count = 0
        for place in open.indices where open[place].open.kind == kind && (step == nil || open[place].step == step) {
            count += 1
            other = place
            if open[place].thread == thread { own = place }
        }
        guard let place = own ?? (count == 1 ? other : nil) else { throw Ambiguous(count: count, state: open.state) }
        return open.remove(at: place)
    }

    struct Ambiguous: Error {
        var count: Int
        var state: String
    }
}

/// What callbacks have in common.
extension TrainingTelemetry {
    /// Begins a span for a callback.
    ///
    /// - Parameters:
    ///   - kind: Which.
    ///   - call: The callback's name.
    ///   - step: The iteration of a save.
    ///   - make: Begins it under a parent.
    /// - Returns: The span when it is exported; else, and after a mistake, one that records nothing.
    func start(
        _ kind: TrainingSpan, _ call: String, step: Int? = nil, _ make: (SpanParent) -> OpenSpan
    ) -> ManualSpan {
        let thread = recorder.threadMark
        guard thread != 0 else { return .nothing }
        let (conflict, parent): (String?, SpanParent) = state.withLock { state in
            if let conflict = state.conflict(kind, thread: thread, step: step) { return (conflict, .inherit) }
            // The place is taken at once, so that of two threads only one begins.
            state.open.append(CallbackSpan(open: .nothing(kind), thread: thread, step: step))
            return (nil, state.parent(of: kind))
        }
        if let conflict {
            report(call, conflict, "Call the matching end first.")
            return .nothing
        }
        let open = make(parent)
        state.withLock { state in
            guard
                let place = state.open.lastIndex(where: {
                    $0.open.kind == kind && $0.open.start == 0 && $0.thread == thread && $0.step == step
                })
            else { return }
            state.open[place].open = open
        }
        return open.handle
    }

    /// Begins a span that is only timed: one lock, no allocation.
    private func startTimer(_ kind: TrainingSpan, _ call: String, at time: Timestamp?) {
        let thread = recorder.threadMark, now = recorder.stamp
        guard thread != 0, now != 0 else { return }
        let open = OpenSpan(kind: kind, start: time.map(RecordLayout.stamp) ?? now, span: nil)
        let conflict: String? = state.withLock { state in
            if let conflict = state.conflict(kind, thread: thread, step: nil) { return conflict }
            state.open.append(CallbackSpan(open: open, thread: thread))
            return nil
        }
        if let conflict { report(call, conflict, "Call the matching end first.") }
    }

    /// Takes away the span that a callback ends; nil after a mistake.
    func finish(_ kind: TrainingSpan, call: String, step: Int? = nil) -> CallbackSpan? {
        finishInLoop(kind, call: call, step: step)?.entry
    }

    /// The same, with the loop that began last.
    func finishInLoop(
        _ kind: TrainingSpan, call: String, step: Int? = nil
    ) -> (entry: CallbackSpan, loop: TrainingLoop.Shared?)? {
        let thread = recorder.threadMark
        guard thread != 0 else { return nil }
        var loop: TrainingLoop.Shared?
        let result: Result<CallbackSpan, State.Ambiguous> = state.withLock { state in
            loop = state.loop
            do throws(State.Ambiguous) {
                return .success(try state.remove(kind, thread: thread, step: step))
            } catch { return .failure(error) }
        }
        switch result {
        case .success(let entry): return (entry, loop)
        case .failure(let found):
            report(
                call,
                "Expected to have one and only one span named \(kind.text) but found \(found.count) (\(found.state))",
                "Call the matching start once before.")
            return nil
        }
    }

    /// A plain span: begun by one callback, ended by another.
    func startActivity(_ kind: TrainingSpan, _ call: String, at time: Timestamp?) -> ManualSpan {
        let time = checked(time, call)
        guard isExported(kind) else {
            startTimer(kind, call, at: time)
            return .nothing
        }
        return start(kind, call) { open(kind, $0, at: time) }
    }

    func endActivity(_ kind: TrainingSpan, _ call: String, _ error: (any Error)?, at time: Timestamp?) {
        let time = checked(time, call)
        guard let entry = finish(kind, call: call) else { return }
        close(entry.open, error, end: time.map(RecordLayout.stamp) ?? recorder.stamp, at: time)
    }

    /// A part of an iteration, which the loop's metrics know.
    func endPart(_ kind: TrainingSpan, _ call: String, _ error: (any Error)?, at time: Timestamp?) {
        let time = checked(time, call)
        guard let (entry, loop) = finishInLoop(kind, call: call) else { return }
        (loop.map { TrainingLoop(self, $0) } ?? latestLoop).endPart(entry.open, error, at: time)
    }

    /// Ends, newest first, what callbacks have begun and not ended.
    func endAll(at time: Timestamp?) {
        let left = state.withLock { state in
            defer { state.open.removeAll(keepingCapacity: true) }
            return state.open
        }
        for entry in left.reversed() {
            let kind = entry.open.kind
            if kind.isTimed, let span = entry.open.span {
                recorder.error(
                    span,
                    "Timer for span \(kind.text) was automatically stopped because the span is being stopped. "
                        + "End it before the application ends.")
            }
            switch kind {
            case .application: endApplication(entry.open, nil, at: time)
            case .trainingLoop: latestLoop.end(nil, at: time)
            default: close(entry.open, nil, end: time.map(RecordLayout.stamp) ?? recorder.stamp, at: time)
            }
        }
    }
}
