internal import OneLogger
internal import Synchronization

/// A standard span that a callback has begun, and that is exported or could be.
struct CallbackSpan: Sendable {
    var open: OpenSpan
    /// The thread that began it.
    var thread: UInt
    /// The iteration that a save belongs to.
    var step: Int?
}

/// A standard span that a callback has begun, and that is only timed.
///
/// Beside `CallbackSpan`, because three numbers are copied without counting a reference: there is one per iteration.
struct CallbackTimer: Sendable {
    var kind: TrainingSpan
    var thread: UInt
    var start: UInt64
}

/// Which of the open spans of a kind an end belongs to: that of its thread, or else the only one.
private struct Match {
    private var own: Int?, other: Int?
    private(set) var count = 0

    mutating func see(_ place: Int, isOwn: Bool) {
        count += 1
        other = place
        if isOwn { own = place }
    }

    var place: Int? { own ?? (count == 1 ? other : nil) }
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

extension TrainingTelemetry.State {
    /// What is open now, for messages.
    var described: String {
        let kinds = open.map(\.open.kind.text) + timers.map(\.kind.text)
        return kinds.isEmpty ? "no span is open" : "open: " + kinds.joined(separator: ", ")
    }

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
        var same = 0, hasLoop = false
        for timer in timers where timer.kind == kind && (!kind.isParallel || timer.thread == thread) { same += 1 }
        // By places, because a copy of an entry would count references.
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
            return "\(problem) (\(described))"
        }
        guard kind == .trainingSingleIteration, !hasLoop else { return nil }
        return "Expected to have one and only one span named training_loop but found 0 (\(described))"
    }

    /// Takes the start of a span away that is only timed; nil when that is not clear.
    mutating func takeTimer(_ kind: TrainingSpan, thread: UInt) -> UInt64? {
        var match = Match()
        for place in timers.indices where timers[place].kind == kind {
            match.see(place, isOwn: timers[place].thread == thread)
        }
        guard let place = match.place else { return nil }
        let start = timers[place].start
        // Nobody asks for their order, and nothing has to move.
        timers.swapAt(place, timers.count - 1)
        timers.removeLast()
        return start
    }

    /// Takes an open span away; nil when that is not clear.
    mutating func takeSpan(_ kind: TrainingSpan, thread: UInt, step: Int?) -> OpenSpan? {
        var match = Match()
        for place in open.indices where open[place].open.kind == kind && (step == nil || open[place].step == step) {
            match.see(place, isOwn: open[place].thread == thread)
        }
        return match.place.map { open.remove(at: $0).open }
    }

    /// Why neither has found one.
    func ambiguity(_ kind: TrainingSpan, step: Int?) -> String {
        let count =
            timers.count { $0.kind == kind }
            + open.count { $0.open.kind == kind && (step == nil || $0.step == step) }
        return "Expected to have one and only one span named \(kind.text) but found \(count) (\(described))"
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
        let timer = CallbackTimer(kind: kind, thread: thread, start: time.map(RecordLayout.stamp) ?? now)
        let conflict: String? = state.withLock { state in
            if let conflict = state.conflict(kind, thread: thread, step: nil) { return conflict }
            state.timers.append(timer)
            return nil
        }
        if let conflict { report(call, conflict, "Call the matching end first.") }
    }

    /// Takes away the span that a callback ends; nil after a mistake.
    func finish(_ kind: TrainingSpan, call: String, step: Int? = nil) -> OpenSpan? {
        finishInLoop(kind, call: call, step: step)?.open
    }

    /// The same, with the loop that callbacks mean.
    func finishInLoop(
        _ kind: TrainingSpan, call: String, step: Int? = nil
    ) -> (open: OpenSpan, loop: TrainingLoop.Shared?)? {
        let thread = recorder.threadMark
        guard thread != 0 else { return nil }
        var loop: TrainingLoop.Shared?, open: OpenSpan?, problem: String?
        let start: UInt64? = state.withLock { state in
            loop = state.calledLoop ?? state.loop
            if let start = state.takeTimer(kind, thread: thread) { return start }
            open = state.takeSpan(kind, thread: thread, step: step)
            if open == nil { problem = state.ambiguity(kind, step: step) }
            return nil
        }
        if let start { return (OpenSpan(kind: kind, start: start), loop) }
        if let open { return (open, loop) }
        if let problem { report(call, problem, "Call the matching start once before.") }
        return nil
    }

    /// The loop that callbacks mean: the one that a callback began last, else the latest.
    var calledLoop: TrainingLoop {
        state.withLock { $0.calledLoop }.map { TrainingLoop(self, $0) } ?? latestLoop
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
        guard let open = finish(kind, call: call) else { return }
        close(open, error, end: time.map(RecordLayout.stamp) ?? recorder.stamp, at: time)
    }

    /// A part of an iteration, which the loop's metrics know.
    func endPart(_ kind: TrainingSpan, _ call: String, _ error: (any Error)?, at time: Timestamp?) {
        let time = checked(time, call)
        guard let (open, loop) = finishInLoop(kind, call: call) else { return }
        (loop.map { TrainingLoop(self, $0) } ?? calledLoop).endPart(open, error, at: time)
    }

    /// Ends, newest first, what callbacks have begun and not ended.
    func endAll(at time: Timestamp?) {
        let (left, timers) = state.withLock { state in
            defer {
                state.open.removeAll(keepingCapacity: true)
                state.timers.removeAll(keepingCapacity: true)
            }
            return (state.open, state.timers)
        }
        let end = time.map(RecordLayout.stamp) ?? recorder.stamp
        for timer in timers { close(OpenSpan(kind: timer.kind, start: timer.start), nil, end: end) }
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
            case .trainingLoop: calledLoop.end(nil, at: time)
            default: close(entry.open, nil, end: end, at: time)
            }
        }
    }
}
