internal import COneLogger
internal import OneLoggerCore

/// One instrument of a recorder with all its series.
///
/// Never freed, as its recorder's engine: a handle is an address that may be used at any time. Its series are found
/// without a lock and made under the registry's.
///
/// Why it is `Sendable`: the pointer `core` never changes, and what it points to is written before a handle exists and later by
/// atomic stores only. The other variables are touched with the registry's lock held: in `make`, `refuse`, `appendPoints` and the
/// registry itself. A forked child does without it, before it has a second thread.
@safe
final class Instrument: Sendable {
    typealias Core = UnsafeMutablePointer<ol_instrument>

    enum Kind: UInt32 {
        case counter, upDownCounter, gauge, histogram, exponentialHistogram

        var name: String {
            switch self {
            case .counter: "a counter"
            case .upDownCounter: "an up-down counter"
            case .gauge: "a gauge"
            case .histogram: "a histogram"
            case .exponentialHistogram: "an exponential histogram"
            }
        }
    }

    /// What was asked for.
    struct Definition {
        var name: String
        var unit: String
        var summary: String
        var kind: Kind
        var isObserved = false
        var bounds: [Double] = []
        var maxSize = 160, maxScale = 20
        /// The most series, the one for the overflow included.
        var limit: Int

        /// What cannot change under one name.
        var form: String {
            "\(isObserved ? "observed by callbacks, " : "")\(kind.name) in '\(unit)'"
        }
    }

    /// One callback and whether it may be called.
    struct Callback {
        var number: Int
        var body: @Sendable (MetricObserver) throws -> Void
        /// It did not return in time, and has not returned since.
        var isStuck = false
        var hasFailed = false
    }

    let definition: Definition
    let engine: Engine
    // Never changes; see above for what it points to.
    nonisolated(unsafe) let core: Core
    // All of these: with the registry's lock held, or in a forked child that has one thread.
    nonisolated(unsafe) private(set) var series: [MetricCells.Series] = unsafe []
    nonisolated(unsafe) private(set) var attributes: [Attributes] = []
    nonisolated(unsafe) var callbacks: [Callback] = []
    nonisolated(unsafe) private var overflow: MetricCells.Series?
    nonisolated(unsafe) private var hasRefused = false

    static let overflowAttributes: Attributes = ["otel.metric.overflow": true]

    init(_ definition: Definition, _ engine: Engine) {
        self.definition = definition
        self.engine = engine
        let bounds = UnsafeMutablePointer<Double>.allocate(capacity: max(1, definition.bounds.count))
        unsafe bounds.initialize(repeating: 0, count: max(1, definition.bounds.count))
        for (place, bound) in definition.bounds.enumerated() { unsafe bounds[place] = bound }
        unsafe core = .allocate(capacity: 1)
        unsafe core.initialize(to: ol_instrument())
        unsafe core.pointee.kind = definition.kind.rawValue
        unsafe core.pointee.bounds = UnsafePointer(bounds)
        unsafe core.pointee.bound_count = definition.bounds.count
        unsafe core.pointee.max_size = definition.maxSize
        unsafe core.pointee.max_scale = definition.maxScale
        unsafe core.pointee.has_exemplars = engine.options.metrics.exemplars ? 1 : 0
        unsafe core.pointee.owner = Unmanaged.passRetained(self).toOpaque()
    }

    var address: UInt { unsafe UInt(bitPattern: core) }

    static func of(_ core: Core) -> Instrument {
        unsafe Unmanaged<Instrument>.fromOpaque(core.pointee.owner.unsafelyUnwrapped).takeUnretainedValue()
    }

    static func of(_ s: MetricCells.Series) -> Instrument { unsafe of(s.pointee.instrument.unsafelyUnwrapped) }

    static func at(_ address: UInt) -> Core { unsafe Core(bitPattern: address).unsafelyUnwrapped }

    // MARK: mistakes

    /// A value that cannot be taken: told once per instrument.
    @inline(never)
    func refuse(_ value: Double) {
        engine.metrics.countRefused()
        let isFirst = engine.metrics.monitor.withLock {
            defer { unsafe hasRefused = true }
            return unsafe !hasRefused
        }
        guard isFirst else { return }
        let problem = value.isFinite ? "a counter only grows" : "instruments take finite numbers"
        engine.report(
            .misuse(
                call: "metric '\(definition.name)'", problem: "the value \(value) was refused: \(problem)",
                advice: value.isFinite ? "Use an up-down counter." : "Check the value before it is recorded."))
    }

    // MARK: series

    /// The series with these packed attributes, made when it is new; beyond the limit the one for the overflow.
    @inline(never)
    func make(_ key: UnsafePointer<UInt8>, _ count: Int, _ hash: UInt64) -> MetricCells.Series {
        unsafe engine.metrics.monitor.withLock {
            if let known = unsafe find(key, count, hash) { return unsafe known }
            guard unsafe series.count + (overflow == nil ? 1 : 0) < definition.limit, count <= Self.longestKey else {
                return unsafe overflowSeries()
            }
            let own = UnsafeMutablePointer<UInt8>.allocate(capacity: max(1, count))
            unsafe own.update(from: key, count: count)
            let attributes = unsafe Self.attributes(UnsafeBufferPointer(start: key, count: count))
            return unsafe add(own, count, hash, attributes)
        }
    }

    /// What the attributes of one series may occupy; longer ones are counted in the overflow.
    ///
    /// Unit: bytes.
    static let longestKey = 4096

    /// Without attributes the table is not asked.
    func find(_ key: UnsafePointer<UInt8>, _ count: Int, _ hash: UInt64) -> MetricCells.Series? {
        if count == 0 { return unsafe ol_base(core) }
        return unsafe ol_find(core, key, count, hash)
    }

    private func overflowSeries() -> MetricCells.Series {
        if let overflow = unsafe overflow { return unsafe overflow }
        // Found by nobody: its key is no attribute's packed form.
        let key = UnsafeMutablePointer<UInt8>.allocate(capacity: 1)
        unsafe key.pointee = 0
        let made = unsafe add(key, 1, 0, Self.overflowAttributes)
        unsafe overflow = made
        return unsafe made
    }

    private func add(
        _ key: UnsafeMutablePointer<UInt8>, _ count: Int, _ hash: UInt64, _ attributes: Attributes
    ) -> MetricCells.Series {
        let place = unsafe UnsafeMutableRawPointer.allocate(byteCount: MemoryLayout<ol_series>.size, alignment: 64)
        let made = unsafe place.assumingMemoryBound(to: ol_series.self)
        unsafe made.initialize(to: ol_series())
        unsafe made.pointee.instrument = core
        unsafe made.pointee.hash = hash
        unsafe made.pointee.key = UnsafePointer(key)
        unsafe made.pointee.key_count = count
        switch definition.kind {
        case .gauge: unsafe made.pointee.value = MetricCells.nothing
        case .histogram, .exponentialHistogram: unsafe made.pointee.cell = Distributions.make(core)
        case .counter, .upDownCounter:
            guard unsafe core.pointee.has_exemplars != 0 else { break }
            unsafe made.pointee.exemplar = .allocate(capacity: 1)
            unsafe made.pointee.exemplar?.initialize(to: ol_sum_exemplar())
        }
        unsafe series.append(made)
        unsafe self.attributes.append(attributes)
        if count == 0 {
            unsafe ol_set_base(core, made)
        } else {
            unsafe SeriesTable.insert(core, made, series)
        }
        return unsafe made
    }

    /// In a forked child: everything from zero.
    func childAfterFork() {
        unsafe series.forEach { unsafe reset($0) }
        for place in unsafe callbacks.indices { unsafe callbacks[place].isStuck = false }
    }

    private func reset(_ s: MetricCells.Series) {
        unsafe ol_write(&s.pointee.value, definition.kind == .gauge ? MetricCells.nothing : 0)
        if let kept = unsafe s.pointee.exemplar { unsafe kept.pointee = ol_sum_exemplar() }
        if let cell = unsafe s.pointee.cell {
            unsafe Distributions.reset(cell, core)
            unsafe Stripes.forEach(s) { unsafe Distributions.reset($0.assumingMemoryBound(to: ol_cell.self), core) }
        } else {
            unsafe Stripes.forEach(s) { unsafe ol_write($0.assumingMemoryBound(to: UInt64.self), 0) }
        }
    }

    /// By name, as people look for them.
    private static func attributes(_ key: UnsafeBufferPointer<UInt8>) -> Attributes {
        var buffer = RecordBuffer(capacity: key.count)
        unsafe buffer.append(UnsafeRawBufferPointer(key))
        return Attributes(Array(buffer.attributes(from: 0)).inOrder { $0.key < $1.key })
    }
}

/// The table that finds series without a lock: a power of two of places, at most half of them taken.
///
/// Replaced by a larger one under the registry's lock; the old one stays, because somebody may be reading it.
enum SeriesTable {
    static func insert(
        _ core: Instrument.Core, _ made: MetricCells.Series, _ all: [MetricCells.Series]
    ) {
        let table = unsafe core.pointee.table
        let places = unsafe table.map { unsafe $0.load(as: Int.self) + 1 } ?? 0
        guard unsafe all.count * 2 > places else {
            if let table = unsafe table { unsafe put(made, into: table) }
            return
        }
        let count = max(16, places * 2)
        let bigger = UnsafeMutableRawPointer.allocate(byteCount: 8 + 8 * count, alignment: 8)
        unsafe bigger.initializeMemory(as: UInt64.self, repeating: 0, count: count + 1)
        unsafe bigger.storeBytes(of: count - 1, as: Int.self)
        unsafe all.forEach { if unsafe $0.pointee.key_count > 0 { unsafe put($0, into: bigger) } }
        unsafe ol_store(&core.pointee.table, bigger)
    }

    private static func put(_ s: MetricCells.Series, into table: UnsafeMutableRawPointer) {
        let mask = unsafe table.load(as: Int.self), slots = unsafe ol_slots(table)
        var place = unsafe Int(truncatingIfNeeded: s.pointee.hash) & mask
        while unsafe slots[place] != nil { place = (place + 1) & mask }
        unsafe ol_store(slots + place, UnsafeMutableRawPointer(s))
    }
}
