internal import COneLogger
internal import OneLoggerCore

/// How long the spans of each name took, and how they ended.
///
/// The drainer's own: it sees every record. A name is found by its bytes in a table of places, without a `String`.
@safe
final class SpanMetrics {
    /// Names beyond this many share one series.
    static let limit = 2000

    /// Upper bounds of the durations, 1 µs to 1 h.
    ///
    /// Unit: seconds.
    static let bounds: [Double] = [
        1e-6, 1e-5, 1e-4, 1e-3, 2.5e-3, 5e-3, 1e-2, 2.5e-2, 5e-2, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600,
    ]

    /// What is known about one name.
    @safe
    private struct Name {
        var hash: UInt64
        var text: UnsafeMutablePointer<UInt8>
        var count: Int
        var sum = 0.0, min = Double.infinity, max = -Double.infinity
        /// By the two bits of a status.
        var ends: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        var buckets: UnsafeMutablePointer<UInt64>
        var isEmpty: Bool { ends == (0, 0, 0, 0) }
    }

    private let names: UnsafeMutablePointer<Name>
    private var count = 0
    /// One more than the place of a name, or 0; a power of two, never more than half full.
    private let table: UnsafeMutablePointer<Int32>
    private let mask = 4095
    private let limits: UnsafeMutablePointer<Double>
    private let which: MetricOptions.Spans

    init(_ which: MetricOptions.Spans) {
        self.which = which
        unsafe names = .allocate(capacity: Self.limit)
        unsafe table = .allocate(capacity: mask + 1)
        unsafe table.initialize(repeating: 0, count: mask + 1)
        unsafe limits = .allocate(capacity: Self.bounds.count)
        for (place, bound) in Self.bounds.enumerated() { unsafe limits[place] = bound }
        // The first place is for all names beyond the limit: it is in no table.
        var none: UInt8 = 0
        _ = unsafe add(&none, 0, 0)
        if case .only(let wanted) = which {
            for var name in wanted { name.withUTF8 { unsafe _ = find($0.baseAddress, $0.count, isWanted: true) } }
        }
    }

    deinit {
        for place in 0..<count {
            unsafe names[place].text.deallocate()
            unsafe names[place].buckets.deallocate()
        }
        unsafe names.deallocate()
        unsafe table.deallocate()
        unsafe limits.deallocate()
    }

    var isEmpty: Bool { !(0..<count).contains { unsafe !names[$0].isEmpty } }

    /// Adds a span that ended.
    ///
    /// - Parameters:
    ///   - record: As `RecordLayout` has it.
    ///   - scale: The scale of its stamps.
    ///   - isSummary: True when this is all that is kept of the span.
    @inline(__always)
    func add(_ record: UnsafePointer<UInt8>, _ scale: TickScale, isSummary: Bool) {
        if case .none = which, !isSummary { return }
        let raw = unsafe UnsafeRawPointer(record)
        let nameCount = unsafe raw.loadUnaligned(fromByteOffset: 6, as: UInt16.self).int
        var isWanted = true
        if case .only = which { isWanted = isSummary }
        guard let name = unsafe find(record + RecordLayout.header, nameCount, isWanted: isWanted) else { return }
        let start = unsafe raw.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
        let end = unsafe raw.loadUnaligned(fromByteOffset: 16, as: UInt64.self)
        let seconds = Self.seconds(start, end, scale)
        unsafe name.pointee.sum += seconds
        unsafe name.pointee.min = min(name.pointee.min, seconds)
        unsafe name.pointee.max = max(name.pointee.max, seconds)
        unsafe name.pointee.buckets[ol_bucket(limits, Self.boundCount, seconds)] += 1
        switch unsafe record[5] & RecordLayout.statusMask {
        case 0: unsafe name.pointee.ends.0 += 1
        case 1: unsafe name.pointee.ends.1 += 1
        case 2: unsafe name.pointee.ends.2 += 1
        default: unsafe name.pointee.ends.3 += 1
        }
    }

    // A constant: the count of the array would be a load behind a lazy global.
    private static var boundCount: Int { 21 }

    /// Stamps of one kind are subtracted as they are; one of two kinds is rare.
    @inline(__always)
    private static func seconds(_ start: UInt64, _ end: UInt64, _ scale: TickScale) -> Double {
        if (start | end) &>> 63 == 0 {
            return end > start ? Double(end &- start) * Double(scale.multiplier) * 0x1p-32 * 1e-9 : 0
        }
        if start &>> 62 == end &>> 62 { return end > start ? Double(end &- start) * 1e-9 : 0 }
        return max(0, scale.utc(end).duration(since: scale.utc(start)) / .seconds(1))
    }

    @inline(__always)
    private func find(_ text: UnsafePointer<UInt8>?, _ length: Int, isWanted: Bool) -> UnsafeMutablePointer<Name>? {
        guard let text = unsafe text else { return nil }
        let hash = unsafe ol_hash(text, length)
        var place = Int(truncatingIfNeeded: hash) & mask
        while true {
            let found = unsafe Int(truncatingIfNeeded: table[place])
            if found == 0 { break }
            let name = unsafe names + (found - 1)
            if unsafe name.pointee.hash == hash && name.pointee.count == length,
                unsafe ol_same(name.pointee.text, text, length) != 0
            {
                return unsafe name
            }
            place = (place + 1) & mask
        }
        return isWanted ? unsafe make(text, length, hash, place) : nil
    }

    @inline(never)
    private func make(
        _ text: UnsafePointer<UInt8>, _ length: Int, _ hash: UInt64, _ place: Int
    ) -> UnsafeMutablePointer<Name> {
        guard count < Self.limit else { return unsafe names }
        unsafe table[place] = Int32(truncatingIfNeeded: count + 1)
        return unsafe add(text, length, hash)
    }

    private func add(
        _ text: UnsafePointer<UInt8>, _ length: Int, _ hash: UInt64
    ) -> UnsafeMutablePointer<Name> {
        let own = UnsafeMutablePointer<UInt8>.allocate(capacity: max(1, length))
        unsafe own.update(from: text, count: length)
        let buckets = UnsafeMutablePointer<UInt64>.allocate(capacity: Self.bounds.count + 1)
        unsafe buckets.initialize(repeating: 0, count: Self.bounds.count + 1)
        let name = unsafe names + count
        unsafe name.initialize(to: Name(hash: hash, text: own, count: length, buckets: buckets))
        count += 1
        return unsafe name
    }

    // MARK: reading

    /// A duration and up to four counts for each name, by name.
    func points(_ start: Timestamp, _ time: Timestamp) -> [MetricPoint] {
        let known = (0..<count).filter { unsafe !names[$0].isEmpty }.map { place in
            let name = unsafe names[place]
            let text = unsafe String(decoding: UnsafeBufferPointer(start: name.text, count: name.count), as: UTF8.self)
            return (text: place == 0 ? nil : text, name: name)
        }
        return known.inOrder { ($0.text ?? "\u{10ffff}") < ($1.text ?? "\u{10ffff}") }.flatMap { text, name in
            let attributes: Attributes = text.map { ["span.name": .string($0)] } ?? Instrument.overflowAttributes
            return points(name, attributes, start, time)
        }
    }

    private func points(
        _ name: Name, _ attributes: Attributes, _ start: Timestamp, _ time: Timestamp
    ) -> [MetricPoint] {
        var durations = MetricPoint.Histogram(bounds: Self.bounds)
        for i in durations.counts.indices { durations.counts[i] = unsafe Int(clamping: name.buckets[i]) }
        durations.count = durations.counts.reduce(0, +)
        (durations.sum, durations.min, durations.max) = (name.sum, name.min, name.max)
        let ends = [
            ("unset", name.ends.0), ("ok", name.ends.1), ("error", name.ends.2), ("cancelled", name.ends.3),
        ]
        return [
            MetricPoint(
                name: "span.duration", unit: "s", summary: "How long spans took", attributes: attributes, start: start,
                time: time, value: .histogram(durations))
        ]
            + ends.filter { $0.1 > 0 }.map { status, count in
                MetricPoint(
                    name: "span.count", unit: "{span}", summary: "Spans that ended, by their status",
                    attributes: attributes.merging(["span.status": .string(status)]), start: start, time: time,
                    value: .sum(Double(count)))
            }
    }
}
