internal import COneLogger
internal import OneLoggerCore

/// What an instrument shows to exporters.
extension Instrument {
    /// A point for each series that has a value.
    func appendPoints(to points: inout [MetricPoint], _ start: Timestamp, _ time: Timestamp) {
        let (series, attributes) = unsafe engine.metrics.monitor.withLock { unsafe (self.series, self.attributes) }
        unsafe points.reserveCapacity(points.count + series.count)
        for place in unsafe series.indices {
            guard let (value, exemplars) = unsafe read(series[place]) else { continue }
            points.append(point(attributes[place], value, start, time, exemplars))
        }
    }

    private func point(
        _ attributes: Attributes, _ value: MetricPoint.Value, _ start: Timestamp, _ time: Timestamp,
        _ exemplars: [MetricPoint.Exemplar] = []
    ) -> MetricPoint {
        MetricPoint(
            name: definition.name, unit: definition.unit, summary: definition.summary, attributes: attributes,
            start: start, time: time, value: value, exemplars: exemplars)
    }

    private func read(_ s: MetricCells.Series) -> (MetricPoint.Value, [MetricPoint.Exemplar])? {
        switch definition.kind {
        case .counter: return unsafe (.sum(MetricCells.sum(s)), exemplar(s))
        case .upDownCounter: return unsafe (.upDownSum(MetricCells.sum(s)), exemplar(s))
        case .gauge:
            let value = unsafe Double(bitPattern: ol_read(&s.pointee.value))
            return value.isNaN ? nil : (.gauge(value), [])
        case .histogram: return unsafe histogram(s)
        case .exponentialHistogram: return unsafe exponentialHistogram(s)
        }
    }

    private func exemplar(_ s: MetricCells.Series) -> [MetricPoint.Exemplar] {
        guard let kept = unsafe s.pointee.exemplar, unsafe ol_try_lock(&kept.pointee.lock) != 0 else { return [] }
        let copy = unsafe kept.pointee.exemplar
        unsafe ol_unlock(&kept.pointee.lock)
        return [copy].compactMap(Exemplars.value)
    }

    private func forEachCell(_ s: MetricCells.Series, _ body: (Distributions.Cell) -> Void) {
        guard let first = unsafe s.pointee.cell else { return }
        unsafe Distributions.locked(first) { unsafe body(first) }
        unsafe Stripes.forEach(s) { place in
            let cell = unsafe place.assumingMemoryBound(to: ol_cell.self)
            unsafe Distributions.locked(cell) { unsafe body(cell) }
        }
    }

    /// The newest example of each place.
    private func collect(_ cell: Distributions.Cell, into kept: inout [ol_exemplar]) {
        guard let slots = unsafe cell.pointee.exemplars else { return }
        let count = unsafe Exemplars.count(core)
        if kept.isEmpty { kept = Array(repeating: ol_exemplar(), count: count) }
        for i in 0..<count where unsafe slots[i].is_set != 0 {
            if unsafe slots[i].time >= kept[i].time { unsafe kept[i] = slots[i] }
        }
    }

    private func histogram(_ s: MetricCells.Series) -> (MetricPoint.Value, [MetricPoint.Exemplar])? {
        var result = MetricPoint.Histogram(bounds: definition.bounds), kept: [ol_exemplar] = []
        var low = Double.infinity, high = -Double.infinity
        unsafe forEachCell(s) { cell in
            let counts = unsafe ol_counts(cell)
            for i in result.counts.indices { unsafe result.counts[i] += Int(clamping: counts[i]) }
            unsafe result.sum += cell.pointee.sum
            unsafe low = min(low, cell.pointee.min)
            unsafe high = max(high, cell.pointee.max)
            unsafe collect(cell, into: &kept)
        }
        result.count = result.counts.reduce(0, +)
        guard result.count > 0 else { return nil }
        result.min = low
        result.max = high
        return (.histogram(result), kept.compactMap(Exemplars.value))
    }

    private func exponentialHistogram(_ s: MetricCells.Series) -> (MetricPoint.Value, [MetricPoint.Exemplar])? {
        var all: MetricPoint.ExponentialHistogram?, kept: [ol_exemplar] = []
        unsafe forEachCell(s) { cell in
            unsafe collect(cell, into: &kept)
            guard unsafe cell.pointee.is_used != 0 else { return }
            let e = unsafe Distributions.exponential(cell).pointee
            let one = unsafe MetricPoint.ExponentialHistogram(
                count: Int(clamping: e.count), sum: e.cell.sum, min: e.cell.min, max: e.cell.max, scale: e.scale,
                zeroCount: Int(clamping: e.zeros), positive: Distributions.buckets(e.positive),
                negative: Distributions.buckets(e.negative))
            all = all.map { Distributions.merge($0, one, maxSize: definition.maxSize) } ?? one
        }
        guard let all else { return nil }
        // Kept by magnitude: two of them may have come into one bucket.
        var seen: Set<Int> = []
        let exemplars = kept.compactMap(Exemplars.value).filter { example in
            guard example.value != 0 else { return true }
            let bucket = Distributions.index(abs(example.value), scale: all.scale)
            return seen.insert(example.value > 0 ? 2 * bucket : 2 * bucket + 1).inserted
        }
        return (.exponentialHistogram(all), exemplars)
    }

    // MARK: observed

    /// A point for each series that callbacks observed.
    func points(observed values: [(Double, Attributes)], _ start: Timestamp, _ time: Timestamp) -> [MetricPoint] {
        var places: [Attributes: Int] = [:], found: [(Attributes, Double)] = [], overflow: Double?
        for (value, attributes) in values {
            guard value.isFinite, definition.kind != .counter || value >= 0 else {
                refuse(value)
                continue
            }
            if let place = places[attributes] {
                found[place].1 = value
            } else if found.count + 1 < definition.limit {
                places[attributes] = found.count
                found.append((attributes, value))
            } else {
                overflow = definition.kind == .gauge ? value : (overflow ?? 0) + value
            }
        }
        if let overflow { found.append((Self.overflowAttributes, overflow)) }
        return found.map { attributes, value in
            switch definition.kind {
            case .counter: point(attributes, .sum(value), start, time)
            case .upDownCounter: point(attributes, .upDownSum(value), start, time)
            default: point(attributes, .gauge(value), start, time)
            }
        }
    }
}

extension Distributions {
    static func buckets(_ buckets: ol_buckets) -> MetricPoint.ExponentialHistogram.Buckets {
        guard unsafe buckets.count > 0, let counts = unsafe buckets.counts else { return .init() }
        return unsafe .init(
            offset: buckets.first, counts: (0..<buckets.count).map { unsafe Int(clamping: counts[$0]) })
    }

    typealias Exponential = MetricPoint.ExponentialHistogram

    /// Both in one, at a scale at which they fit.
    static func merge(_ a: Exponential, _ b: Exponential, maxSize: Int) -> Exponential {
        var scale = min(a.scale, b.scale)
        while true {
            let positive = sum(a.positive, a.scale - scale, b.positive, b.scale - scale)
            let negative = sum(a.negative, a.scale - scale, b.negative, b.scale - scale)
            if positive.counts.count <= maxSize, negative.counts.count <= maxSize {
                return Exponential(
                    count: a.count + b.count, sum: a.sum + b.sum, min: [a.min, b.min].compactMap(\.self).min(),
                    max: [a.max, b.max].compactMap(\.self).max(), scale: scale, zeroCount: a.zeroCount + b.zeroCount,
                    positive: positive, negative: negative)
            }
            scale -= 1
        }
    }

    private static func sum(
        _ a: Exponential.Buckets, _ changeA: Int, _ b: Exponential.Buckets, _ changeB: Int
    ) -> Exponential.Buckets {
        let parts = [(a, changeA), (b, changeB)].filter { !$0.0.counts.isEmpty }
        guard let low = parts.map({ $0.0.offset >> $0.1 }).min(),
            let high = parts.map({ ($0.0.offset + $0.0.counts.count - 1) >> $0.1 }).max()
        else { return .init() }
        var result = Exponential.Buckets(offset: low, counts: Array(repeating: 0, count: high - low + 1))
        for (part, change) in parts {
            for (i, count) in part.counts.enumerated() { result.counts[(part.offset + i) >> change - low] += count }
        }
        return result
    }
}
