internal import COneLogger
internal import OneLoggerCore

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// Gives the processor to another thread.
func yieldThread() { sched_yield() }

/// The cells of distributions: how they are made, filled and read.
enum Distributions {
    typealias Cell = UnsafeMutablePointer<ol_cell>

    /// An empty cell for the instrument, with 64 bytes around it for itself.
    static func make(_ i: UnsafeMutablePointer<ol_instrument>) -> Cell {
        let isExponential = unsafe i.pointee.kind == OL_METRIC_EXPONENTIAL
        let counts = unsafe MemoryLayout<ol_cell>.size + 8 * (i.pointee.bound_count + 1)
        let size = unsafe isExponential ? MemoryLayout<ol_exponential>.size : counts
        let place = UnsafeMutableRawPointer.allocate(byteCount: (size + 63) & ~63, alignment: 64)
        let cell = unsafe place.assumingMemoryBound(to: ol_cell.self)
        unsafe reset(cell, i)
        return unsafe cell
    }

    /// Forgets everything; what a cell of a forked child's parent points to is left alone.
    static func reset(_ cell: Cell, _ i: UnsafeMutablePointer<ol_instrument>) {
        if unsafe i.pointee.kind == OL_METRIC_EXPONENTIAL {
            let exponential = unsafe self.exponential(cell)
            unsafe exponential.initialize(to: ol_exponential())
            unsafe exponential.pointee.scale = i.pointee.max_scale
        } else {
            unsafe cell.initialize(to: ol_cell())
            unsafe ol_counts(cell).initialize(repeating: 0, count: i.pointee.bound_count + 1)
        }
        unsafe cell.pointee.min = .infinity
        unsafe cell.pointee.max = -.infinity
    }

    static func exponential(_ cell: Cell) -> UnsafeMutablePointer<ol_exponential> {
        unsafe UnsafeMutableRawPointer(cell).assumingMemoryBound(to: ol_exponential.self)
    }

    /// Reads a cell while nobody writes into it.
    ///
    /// A writer is inside for some nanoseconds, unless the system has taken the processor from it.
    static func locked(_ cell: Cell, _ body: () -> Void) {
        var turns = 0
        while unsafe ol_try_lock(&cell.pointee.lock) == 0 {
            turns += 1
            if turns > 100 { yieldThread() }
        }
        body()
        unsafe ol_unlock(&cell.pointee.lock)
    }

    // MARK: exponential

    /// Adds to an exponential histogram, by OpenTelemetry's data model; with the lock held.
    ///
    /// > - "When the histogram cannot represent a value at its scale within the maximum size, the scale is reduced."
    /// > https://opentelemetry.io/docs/specs/otel/metrics/data-model/#exponentialhistogram
    static func addExponential(_ cell: Cell, _ i: UnsafeMutablePointer<ol_instrument>, _ value: Double) {
        let e = unsafe exponential(cell)
        unsafe e.pointee.count += 1
        guard value != 0 else { return unsafe e.pointee.zeros += 1 }
        let magnitude = abs(value), maximum = unsafe i.pointee.max_size
        var index = unsafe index(magnitude, scale: e.pointee.scale)
        let change =
            unsafe value > 0
            ? excess(e.pointee.positive, index, maximum) : excess(e.pointee.negative, index, maximum)
        if change > 0 {
            unsafe e.pointee.scale -= change
            unsafe reduce(&e.pointee.positive, by: change)
            unsafe reduce(&e.pointee.negative, by: change)
            index >>= change
        }
        unsafe value > 0
            ? raise(&e.pointee.positive, index, maximum) : raise(&e.pointee.negative, index, maximum)
    }

    /// The bucket of a magnitude above zero: base^index < magnitude <= base^(index + 1), base = 2^(2^-scale).
    static func index(_ magnitude: Double, scale: Int) -> Int {
        let exponent = magnitude.exponent, isPower = magnitude.significand == 1
        // A bound belongs to the bucket below it; powers of two must be exact.
        guard scale > 0 else { return (isPower ? exponent - 1 : exponent) >> -scale }
        guard !isPower else { return exponent << scale - 1 }
        let within = Int(log2(magnitude.significand) * Double(1 << scale))
        return exponent << scale + min(max(within, 0), 1 << scale - 1)
    }

    /// By how much the scale must shrink before the buckets hold `index`.
    private static func excess(_ buckets: ol_buckets, _ index: Int, _ maximum: Int) -> Int {
        guard unsafe buckets.count > 0 else { return 0 }
        var low = unsafe min(buckets.first, index),
            high = unsafe max(buckets.first + buckets.count - 1, index)
        var change = 0
        while high - low >= maximum {
            low >>= 1
            high >>= 1
            change += 1
        }
        return change
    }

    /// Merges neighbours, so that each bucket covers 2^`change` old ones.
    private static func reduce(_ buckets: inout ol_buckets, by change: Int) {
        guard unsafe buckets.count > 0, let counts = unsafe buckets.counts else { return }
        let first = unsafe buckets.first, newFirst = first >> change
        let last = unsafe (first + buckets.count - 1) >> change
        for i in unsafe 0..<buckets.count {
            let to = (first + i) >> change - newFirst, value = unsafe counts[i]
            // `to` never lies behind `i`, so what is read next is still untouched.
            unsafe counts[i] = 0
            unsafe counts[to] += value
        }
        unsafe buckets.first = newFirst
        unsafe buckets.count = last - newFirst + 1
    }

    /// Counts one value more in the bucket `index`, which is known to fit.
    private static func raise(_ buckets: inout ol_buckets, _ index: Int, _ maximum: Int) {
        let first = unsafe buckets.first
        if unsafe buckets.count > 0, index >= first, unsafe index < first + buckets.count,
            let counts = unsafe buckets.counts
        {
            unsafe counts[index - first] += 1
            return
        }
        unsafe widen(&buckets, to: index, maximum)
        if let counts = unsafe buckets.counts { unsafe counts[index - buckets.first] += 1 }
    }

    private static func widen(_ buckets: inout ol_buckets, to index: Int, _ maximum: Int) {
        let isEmpty = unsafe buckets.count == 0
        let low = unsafe isEmpty ? index : min(buckets.first, index)
        let high = unsafe isEmpty ? index : max(buckets.first + buckets.count - 1, index)
        let needed = high - low + 1, shift = unsafe isEmpty ? 0 : buckets.first - low
        if unsafe needed > buckets.capacity {
            let capacity = unsafe min(max(needed, buckets.capacity * 2, 16), max(maximum, needed))
            let bigger = UnsafeMutablePointer<UInt64>.allocate(capacity: capacity)
            unsafe bigger.initialize(repeating: 0, count: capacity)
            if let old = unsafe buckets.counts {
                unsafe (bigger + shift).update(from: old, count: buckets.count)
                unsafe old.deallocate()
            }
            unsafe buckets.counts = bigger
            unsafe buckets.capacity = capacity
        } else if let counts = unsafe buckets.counts, shift > 0 {
            unsafe (counts + shift).update(from: counts, count: buckets.count)
            unsafe counts.update(repeating: 0, count: shift)
        }
        // What a reduced scale or a shift left behind the end is zero already.
        unsafe buckets.first = low
        unsafe buckets.count = needed
    }
}
