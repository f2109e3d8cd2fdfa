internal import COneLogger

/// Writes values: what every call of an instrument ends in.
///
/// A sum is one number that is changed by compare and exchange; a distribution is a cell with a lock that nobody waits
/// for. Two threads that meet leave that place for good: from then on each thread has a place of its own, a stripe.
/// Readers add the stripes up. Values are ordered with nothing else, so all of it is relaxed.
@usableFromInline
enum MetricCells: Sendable {
    typealias Series = UnsafeMutablePointer<ol_series>

    @inline(__always)
    static func series(_ address: UInt) -> Series { unsafe Series(bitPattern: address).unsafelyUnwrapped }

    // MARK: sums

    /// Adds to a counter.
    @inline(never) @usableFromInline
    static func count(_ address: UInt, _ value: Double) {
        let s = unsafe series(address)
        guard value >= 0, value < .infinity else { return unsafe Instrument.of(s).refuse(value) }
        unsafe add(s, value)
    }

    /// Adds to what grows and shrinks.
    @inline(never) @usableFromInline
    static func change(_ address: UInt, _ value: Double) {
        let s = unsafe series(address)
        guard value.isFinite else { return unsafe Instrument.of(s).refuse(value) }
        unsafe add(s, value)
    }

    @inline(__always)
    private static func add(_ s: Series, _ value: Double) {
        if unsafe ol_stripes(s) != nil || ol_try_add(&s.pointee.value, value) == 0 { unsafe addApart(s, value) }
        if unsafe s.pointee.exemplar != nil { unsafe Exemplars.note(s, value) }
    }

    /// Adds where threads have met.
    @inline(never)
    private static func addApart(_ s: Series, _ value: Double) {
        let stripe = unsafe Stripes.mine(s) { unsafe makeSum() }
        while unsafe ol_try_add(stripe.assumingMemoryBound(to: UInt64.self), value) == 0 {}
    }

    private static func makeSum() -> UnsafeMutableRawPointer {
        let place = UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 64)
        unsafe place.storeBytes(of: 0, as: UInt64.self)
        return unsafe place
    }

    static func sum(_ s: Series) -> Double {
        var sum = unsafe Double(bitPattern: ol_read(&s.pointee.value))
        unsafe Stripes.forEach(s) { unsafe sum += Double(bitPattern: ol_read($0.assumingMemoryBound(to: UInt64.self))) }
        return sum
    }

    // MARK: gauges

    /// No value yet: gauges take finite numbers only.
    static let nothing = Double.nan.bitPattern

    @inline(never) @usableFromInline
    static func set(_ address: UInt, _ value: Double) {
        let s = unsafe series(address)
        guard value.isFinite else { return unsafe Instrument.of(s).refuse(value) }
        unsafe ol_write(&s.pointee.value, value.bitPattern)
    }

    /// Takes a gauge's value away.
    static func clear(_ address: UInt) {
        let s = unsafe series(address)
        unsafe ol_write(&s.pointee.value, nothing)
    }

    // MARK: distributions

    @inline(never) @usableFromInline
    static func record(_ address: UInt, _ value: Double) {
        let s = unsafe series(address), i = unsafe s.pointee.instrument.unsafelyUnwrapped
        guard value.isFinite else { return unsafe Instrument.of(s).refuse(value) }
        guard unsafe ol_stripes(s) == nil, let cell = unsafe s.pointee.cell, unsafe ol_try_lock(&cell.pointee.lock) != 0
        else { return unsafe recordApart(s, i, value) }
        unsafe write(cell, i, value)
    }

    /// Records where threads have met: into this thread's cell, and past it while somebody else is in there.
    @inline(never)
    private static func recordApart(_ s: Series, _ i: UnsafeMutablePointer<ol_instrument>, _ value: Double) {
        var turns = 0
        while true {
            let stripe = unsafe Stripes.mine(s, past: turns) { unsafe UnsafeMutableRawPointer(Distributions.make(i)) }
            let cell = unsafe stripe.assumingMemoryBound(to: ol_cell.self)
            if unsafe ol_try_lock(&cell.pointee.lock) != 0 { return unsafe write(cell, i, value) }
            turns += 1
            if turns > OL_STRIPES { yieldThread() }
        }
    }

    /// With the cell's lock held, which it gives up.
    @inline(__always)
    private static func write(
        _ cell: UnsafeMutablePointer<ol_cell>, _ i: UnsafeMutablePointer<ol_instrument>, _ value: Double
    ) {
        unsafe ol_measure(cell, value)
        if unsafe i.pointee.kind == OL_METRIC_HISTOGRAM {
            let bucket = unsafe ol_bucket(i.pointee.bounds, i.pointee.bound_count, value)
            unsafe ol_counts(cell)[bucket] += 1
            if unsafe i.pointee.has_exemplars != 0 { unsafe Exemplars.note(cell, i, bucket, value) }
        } else {
            unsafe Distributions.addExponential(cell, i, value)
            if unsafe i.pointee.has_exemplars != 0 {
                unsafe Exemplars.note(cell, i, Exemplars.place(value), value)
            }
        }
        unsafe ol_unlock(&cell.pointee.lock)
    }
}

/// The places of a series that threads have of their own once two of them have met.
enum Stripes {
    private typealias Slot = UnsafeMutablePointer<UnsafeMutableRawPointer?>

    /// This thread's place, or one further on, made when missing.
    static func mine(
        _ s: MetricCells.Series, past skipped: Int = 0, _ make: () -> UnsafeMutableRawPointer
    ) -> UnsafeMutableRawPointer {
        let slot = unsafe slots(s) + (ol_stripe() + skipped) % OL_STRIPES
        if let place = unsafe ol_load(slot) { return unsafe place }
        let place = unsafe make()
        if unsafe ol_claim(slot, place) != 0 { return unsafe place }
        unsafe place.deallocate()
        return unsafe ol_load(slot).unsafelyUnwrapped
    }

    private static func slots(_ s: MetricCells.Series) -> Slot {
        if let slots = unsafe ol_stripes(s) {
            return unsafe slots.assumingMemoryBound(to: UnsafeMutableRawPointer?.self)
        }
        let made = Slot.allocate(capacity: OL_STRIPES)
        unsafe made.initialize(repeating: nil, count: OL_STRIPES)
        if unsafe ol_claim(&s.pointee.stripes, UnsafeMutableRawPointer(made)) != 0 { return unsafe made }
        unsafe made.deallocate()
        return unsafe slots(s)
    }

    static func forEach(_ s: MetricCells.Series, _ body: (UnsafeMutableRawPointer) -> Void) {
        guard let slots = unsafe ol_stripes(s)?.assumingMemoryBound(to: UnsafeMutableRawPointer?.self) else { return }
        for i in 0..<OL_STRIPES {
            if let place = unsafe ol_load(slots + i) { unsafe body(place) }
        }
    }
}
