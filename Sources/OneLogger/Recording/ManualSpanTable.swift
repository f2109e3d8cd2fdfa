internal import COneLogger
internal import OneLoggerCore

/// The manual spans of one recorder, open and to be used again.
///
/// Slots are reused, so a span costs no allocation.
///
/// The table and its slots are guarded by one monitor: that is why they are `Sendable`.
@safe
final class ManualSpanTable: Sendable {
    /// A span's record while it is put together, and what must be known to go on with it.
    @safe
    final class Slot: Sendable {
        let engine: Engine
        nonisolated(unsafe) var generation: UInt64 = 0
        nonisolated(unsafe) var isOpen = false
        nonisolated(unsafe) var sequence: UInt64 = 0
        nonisolated(unsafe) var name: StaticNameOrText = .text("")
        nonisolated(unsafe) var context = SpanContext(traceID: TraceID(high: 0, low: 0), spanID: SpanID(0))
        nonisolated(unsafe) var start: UInt64 = 0
        nonisolated(unsafe) var status: UInt8 = 0
        nonisolated(unsafe) var dropped = 0
        nonisolated(unsafe) var afterStart = 0
        nonisolated(unsafe) var parent: Slot?
        nonisolated(unsafe) var parentGeneration: UInt64 = 0
        /// Where it stands among the open ones.
        nonisolated(unsafe) var place = 0
        nonisolated(unsafe) private var buffer = RecordBuffer(capacity: 256)

        init(_ engine: Engine) { self.engine = engine }

        func begin(_ body: (inout RecordBuffer) -> Void) {
            unsafe buffer.removeAll()
            unsafe body(&buffer)
            unsafe afterStart = buffer.count
        }

        /// Appends entries, or counts them when the record would be too large.
        func append(_ body: (inout RecordBuffer) -> Void) {
            let before = unsafe buffer.count
            unsafe body(&buffer)
            if unsafe buffer.count > RecordLayout.maximumRecord - 64 {
                unsafe buffer.truncate(to: before)
                unsafe dropped += 1
            }
        }

        /// Writes the record as it is now.
        func write(_ kind: RecordKind, end: UInt64, _ t: HotPath.Block) {
            unsafe buffer.overwrite(kind.rawValue, at: 4)
            let flags = unsafe buffer.load(UInt8.self, at: 5) & ~RecordLayout.statusMask | status
            unsafe buffer.overwrite(flags, at: 5)
            unsafe buffer.overwrite(end, at: 16)
            unsafe buffer.close(0)
            unsafe HotPath.write(t, packed: buffer.base, buffer.count)
        }

        func attributes(from offset: Int?) -> Attributes {
            unsafe buffer.close(0)
            let all = unsafe buffer.view(at: 0) { $0.attributes }
            guard let offset else { return all }
            return unsafe buffer.attributes(from: offset)
        }
    }

    /// A name without a reference count where it is known at compile time.
    enum StaticNameOrText {
        case name(StaticName)
        case text(String)

        var string: String {
            switch self {
            case .name(let name): name.text.description
            case .text(let text): text
            }
        }
    }

    enum Since { case start, update }

    private static let resting = 32
    /// How many may be open; a program that never stops them would otherwise need ever more memory.
    static let mostOpen = 65_536
    private let monitor = Monitor()
    /// Those from `firstUnused` on, oldest first.
    nonisolated(unsafe) private var unused: [Slot] = []
    nonisolated(unsafe) private var firstUnused = 0
    nonisolated(unsafe) private var open: [Slot] = []
    nonisolated(unsafe) private var sequence: UInt64 = 0

    // MARK: start

    /// What a start was given.
    struct Start {
        var parent: SpanParent
        var kind: SpanKind
        var attributes: Attributes
        var startEvent: Attributes
        var links: [SpanLink]
        var time: Timestamp?
    }

    func start(_ engine: Engine, _ t: HotPath.Block, _ name: StaticNameOrText, _ given: Start) -> ManualSpan {
        // Before the lock: what starts a child's threads, with a thread's first record, takes the engine's lock first.
        if unsafe t.pointee.chunk == nil { engine.restartIfForked() }
        // The scope is found as a timed span finds it; the thread's own scope stays as it is.
        let (context, parent, isKept, remote) = unsafe HotPath.place(t, engine, name.string, given.parent)
        guard isKept else { return ManualSpan(context: context, slot: nil, generation: 0) }
        let stamp = unsafe engine.stamp(given.time, "Recorder.start", t)
        let span: ManualSpan? = monitor.withLock {
            guard unsafe open.count < Self.mostOpen else { return nil }
            let slot = rested() ?? Slot(engine)
            unsafe sequence += 1
            unsafe slot.generation += 1
            unsafe slot.sequence = sequence
            unsafe slot.isOpen = true
            unsafe slot.name = name
            unsafe slot.context = context
            unsafe slot.start = stamp
            unsafe slot.status = 0
            unsafe slot.dropped = 0
            unsafe slot.parent = nil
            if case .span(let manual) = given.parent {
                unsafe slot.parent = manual.slot
                unsafe slot.parentGeneration = manual.generation
            }
            slot.begin { buffer in
                buffer.header(
                    .start, remote ? RecordLayout.remoteParent : 0, name.string, stamp, stamp, context, SpanID(parent))
                for (key, value) in given.attributes { buffer.append(key, value) }
                if !given.startEvent.isEmpty { buffer.nested(RecordLayout.Tag.startAttributes, given.startEvent) }
                for link in given.links { buffer.append(link) }
                buffer.append(kind: given.kind)
            }
            unsafe slot.write(.start, end: stamp, t)
            unsafe slot.place = open.count
            unsafe open.append(slot)
            return unsafe ManualSpan(context: context, slot: slot, generation: slot.generation)
        }
        return unsafe span ?? refused(engine, t, context, parent, isRemote: remote)
    }

    /// What is started though too many are open is not recorded; what is started under it hangs under its parent.
    private func refused(
        _ engine: Engine, _ t: HotPath.Block, _ context: SpanContext, _ parent: UInt64, isRemote: Bool
    ) -> ManualSpan {
        unsafe ol_add(&t.pointee.filtered, 1)
        engine.report(
            .misuse(
                call: "Recorder.start", problem: "\(Self.mostOpen) spans are open",
                advice: "Stop every span that is started, or use timedSpan, whose spans end by themselves."))
        let place = SpanContext(
            traceID: context.traceID, spanID: SpanID(parent), isSampled: context.isSampled, isRemote: isRemote)
        return ManualSpan(context: place, slot: nil, generation: 0)
    }

    /// A slot rests before it serves another span, so that a parent which is over can still name its own parent.
    private func rested() -> Slot? {
        guard unsafe unused.count - firstUnused >= Self.resting else { return nil }
        let slot = unsafe unused[firstUnused]
        unsafe firstUnused += 1
        if unsafe firstUnused > unused.count / 2 {
            unsafe unused.removeFirst(firstUnused)
            unsafe firstUnused = 0
        }
        return slot
    }

    // MARK: while it is open

    /// Changes an open span; a span that is over, or belongs to another process, is a mistake.
    func change(_ span: ManualSpan, _ call: String, _ body: (Slot) -> Void) {
        let isOpen: Bool = monitor.withLock {
            guard let slot = span.slot, unsafe slot.isOpen, unsafe slot.generation == span.generation else {
                return false
            }
            body(slot)
            return true
        }
        if !isOpen { span.slot?.engine.report(Self.over(call)) }
    }

    private static func over(_ call: String) -> TelemetryError {
        .misuse(
            call: call, problem: "the span is not running: it was stopped, or its recorder was shut down",
            advice: "Stop a span once, and use it only before that.")
    }

    func event(_ span: ManualSpan, _ event: Event, _ call: String) {
        guard let engine = span.slot?.engine, let t = unsafe HotPath.find(UInt(bitPattern: engine.core)) else { return }
        change(span, call) { slot in unsafe note(slot, event, isError: event.name == Event.errorName, t) }
    }

    func error(_ span: ManualSpan, _ message: String, _ error: (any Error)?, _ call: String) {
        guard let engine = span.slot?.engine, let t = unsafe HotPath.find(UInt(bitPattern: engine.core)) else { return }
        // Made before the table is locked: the error's own description may use spans.
        let event: Event? = error is CancellationError ? nil : .error(message, error)
        change(span, call) { slot in
            unsafe slot.status = event == nil ? SpanStatus.cancelled.code : 2
            if let event { unsafe note(slot, event, isError: true, t) }
        }
    }

    /// Writes an event as a record of its own.
    private func note(_ slot: Slot, _ event: Event, isError: Bool, _ t: HotPath.Block) {
        var record = RecordBuffer(capacity: 256)
        let stamp = unsafe event.time.map(RecordLayout.stamp) ?? ol_ticks(slot.engine.core)
        let flags = isError ? RecordLayout.isError : 0
        unsafe record.header(.event, flags, event.name, stamp, stamp, slot.context, SpanID(0))
        for (key, value) in event.attributes { record.append(key, value) }
        record.close(0)
        guard record.count <= RecordLayout.maximumRecord else {
            unsafe slot.dropped += 1
            return
        }
        unsafe HotPath.write(t, packed: record.base, record.count)
    }

    func attributes(_ span: ManualSpan, since: Since) -> Attributes {
        var result = Attributes()
        monitor.withLock {
            guard let slot = span.slot, unsafe slot.isOpen, unsafe slot.generation == span.generation else { return }
            result = unsafe slot.attributes(from: since == .update ? slot.afterStart : nil)
        }
        return result
    }

    /// The span itself or its nearest ancestor that is open.
    func nearestOpen(_ span: ManualSpan) -> SpanContext {
        monitor.withLock {
            var slot = span.slot, generation = span.generation
            while let candidate = slot, unsafe candidate.generation == generation {
                if unsafe candidate.isOpen { return unsafe candidate.context }
                generation = unsafe candidate.parentGeneration
                slot = unsafe candidate.parent
            }
            return span.context
        }
    }

    // MARK: stop

    func stop(_ span: ManualSpan, _ attributes: Attributes, at time: Timestamp?, _ call: String) {
        guard let engine = span.slot?.engine, let t = unsafe HotPath.find(UInt(bitPattern: engine.core)) else { return }
        let end = unsafe engine.stamp(time, call, t)
        change(span, call) { slot in unsafe finish(slot, attributes, end, t) }
    }

    private func finish(_ slot: Slot, _ attributes: Attributes, _ end: UInt64, _ t: HotPath.Block) {
        if !attributes.isEmpty { slot.append { $0.nested(RecordLayout.Tag.stopAttributes, attributes) } }
        if unsafe slot.engine.isBefore(end, slot.start) {
            slot.append { $0.append("onelogger.stopped_before_start", .bool(true)) }
        }
        let dropped = unsafe slot.dropped
        if dropped > 0 { slot.append { $0.append(dropped: dropped) } }
        unsafe slot.write(.stop, end: end, t)
        unsafe slot.isOpen = false
        let last = unsafe open.removeLast()
        if last !== slot {
            unsafe open[slot.place] = last
            unsafe last.place = slot.place
        }
        unsafe unused.append(slot)
    }

    /// Ends all that is open, newest first, and says why.
    func stopAll(_ engine: Engine, _ reason: String) {
        // Our own threads record nothing; a shutdown is the exception, because the spans are the application's.
        ThreadBlocks.unmuted {
            guard let t = unsafe HotPath.find(UInt(bitPattern: engine.core)) else { return }
            let end = unsafe ol_ticks(engine.core)
            monitor.withLock {
                for slot in unsafe open.inOrder({ unsafe $0.sequence > $1.sequence }) {
                    slot.append { $0.append("onelogger.unfinished", .string(reason)) }
                    unsafe finish(slot, [:], end, t)
                }
            }
        }
    }

    /// The open spans of this name, oldest first.
    func active(_ name: String) -> [ManualSpan] {
        monitor.withLock {
            unsafe open.filter { unsafe $0.name.string == name }.inOrder { unsafe $0.sequence < $1.sequence }
                .map { unsafe ManualSpan(context: $0.context, slot: $0, generation: $0.generation) }
        }
    }

    // MARK: fork

    func prepareFork() { monitor.lock() }
    func parentAfterFork() { monitor.unlock() }

    /// In a forked child: what is open belongs to the parent.
    func childAfterFork() {
        monitor.reset()
        for slot in unsafe open { unsafe slot.isOpen = false }
        unsafe open = []
    }
}
