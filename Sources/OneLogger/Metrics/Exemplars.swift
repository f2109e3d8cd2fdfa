internal import COneLogger
internal import OneLoggerCore

/// Keeps the span in which a value was measured: one per bucket and collection, the first.
///
/// An example stays until a newer one replaces it.
enum Exemplars {
    typealias Slot = UnsafeMutablePointer<ol_exemplar>

    /// Examples of an exponential histogram are kept by magnitude, because its buckets move.
    static let places = 8

    static func place(_ value: Double) -> Int { value == 0 ? 0 : value.exponent & (places - 1) }

    /// For a sum, which keeps one.
    @inline(never)
    static func note(_ s: MetricCells.Series, _ value: Double) {
        guard let kept = unsafe s.pointee.exemplar, let i = unsafe s.pointee.instrument else { return }
        guard unsafe ol_try_lock(&kept.pointee.lock) != 0 else { return }
        unsafe write(&kept.pointee.exemplar, i, value)
        unsafe ol_unlock(&kept.pointee.lock)
    }

    /// For a distribution, with the cell's lock held.
    @inline(never)
    static func note(
        _ cell: UnsafeMutablePointer<ol_cell>, _ i: UnsafeMutablePointer<ol_instrument>, _ place: Int, _ value: Double
    ) {
        let slots: Slot
        if let known = unsafe cell.pointee.exemplars {
            unsafe slots = known
        } else {
            let count = unsafe count(i)
            unsafe slots = .allocate(capacity: count)
            unsafe slots.initialize(repeating: ol_exemplar(), count: count)
            unsafe cell.pointee.exemplars = slots
        }
        unsafe write(slots + place, i, value)
    }

    static func count(_ i: UnsafeMutablePointer<ol_instrument>) -> Int {
        unsafe i.pointee.kind == OL_METRIC_EXPONENTIAL ? places : i.pointee.bound_count + 1
    }

    private static func write(_ slot: Slot, _ i: UnsafeMutablePointer<ol_instrument>, _ value: Double) {
        let epoch = unsafe ol_epoch(i)
        guard unsafe slot.pointee.is_set == 0 || slot.pointee.epoch != epoch else { return }
        let engine = unsafe Instrument.of(i).engine
        guard let span = HotPath.sampledSpan(engine) else { return }
        unsafe slot.pointee = ol_exemplar(
            value: value, time: engine.now.nanoseconds, span: span.spanID.value, trace_hi: span.traceID.high,
            trace_lo: span.traceID.low, epoch: epoch, is_set: 1)
    }

    static func value(_ kept: ol_exemplar) -> MetricPoint.Exemplar? {
        guard kept.is_set != 0 else { return nil }
        return MetricPoint.Exemplar(
            value: kept.value, time: Timestamp(nanoseconds: kept.time),
            span: SpanContext(
                traceID: TraceID(high: kept.trace_hi, low: kept.trace_lo), spanID: SpanID(kept.span)))
    }
}

extension HotPath {
    /// The span of this engine's recorder that runs here, when it is recorded.
    static func sampledSpan(_ engine: Engine) -> SpanContext? {
        guard let t = unsafe find(UInt(bitPattern: engine.core)) else { return nil }
        let task = unsafe ol_task()
        if unsafe t.pointee.scope != 0, unsafe t.pointee.task == task {
            guard unsafe t.pointee.scope == 1, unsafe t.pointee.span != 0 else { return nil }
            return unsafe SpanContext(
                traceID: TraceID(high: t.pointee.trace_hi, low: t.pointee.trace_lo), spanID: SpanID(t.pointee.span))
        }
        guard unsafe task != nil, let scope = engine.scope.get(), scope.isSampled, scope.span != 0 else { return nil }
        return SpanContext(
            traceID: TraceID(high: scope.traceHigh, low: scope.traceLow), spanID: SpanID(scope.span))
    }
}
