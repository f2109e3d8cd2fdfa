internal import COneLogger
public import OneLoggerCore

// A mistake at registration is an error of telemetry, told by the strategy, and gives an instrument that records
// nothing: so that instruments can be stored in a `static let`, and no work stops because of a name.

extension Recorder {
    /// What only grows, such as tokens or errors.
    ///
    /// The same name with the same type and unit gives the same instrument. Names differ by more than their case.
    ///
    /// - Parameters:
    ///   - name: A letter, then letters, digits, `_`, `.`, `-` and `/`, at most 255.
    ///   - unit: By UCUM, such as `s`, `By` or `{token}`; at most 63 characters of ASCII.
    ///   - description: What it means, for people.
    ///   - seriesLimit: The most series, 1 to 1,000,000; nil means the recorder's own limit.
    /// - Returns: The instrument; one that records nothing when the recorder is off or the name cannot be used.
    public func counter(
        _ name: String, unit: String = "", description: String = "", seriesLimit: Int? = nil
    ) -> Counter {
        Counter(address: register(.counter, name, unit, description, seriesLimit, "Recorder.counter"))
    }

    /// What grows and shrinks and adds up over processes, such as open files.
    ///
    /// - Parameters:
    ///   - name: A letter, then letters, digits, `_`, `.`, `-` and `/`, at most 255.
    ///   - unit: By UCUM, such as `s`, `By` or `{token}`; at most 63 characters of ASCII.
    ///   - description: What it means, for people.
    ///   - seriesLimit: The most series, 1 to 1,000,000; nil means the recorder's own limit.
    /// - Returns: The instrument; one that records nothing when the recorder is off or the name cannot be used.
    public func upDownCounter(
        _ name: String, unit: String = "", description: String = "", seriesLimit: Int? = nil
    ) -> UpDownCounter {
        UpDownCounter(address: register(.upDownCounter, name, unit, description, seriesLimit, "Recorder.upDownCounter"))
    }

    /// What is measured now and then and does not add up, such as a temperature.
    ///
    /// - Parameters:
    ///   - name: A letter, then letters, digits, `_`, `.`, `-` and `/`, at most 255.
    ///   - unit: By UCUM, such as `s`, `By` or `{token}`; at most 63 characters of ASCII.
    ///   - description: What it means, for people.
    ///   - seriesLimit: The most series, 1 to 1,000,000; nil means the recorder's own limit.
    /// - Returns: The instrument; one that records nothing when the recorder is off or the name cannot be used.
    public func gauge(
        _ name: String, unit: String = "", description: String = "", seriesLimit: Int? = nil
    ) -> Gauge {
        Gauge(address: register(.gauge, name, unit, description, seriesLimit, "Recorder.gauge"))
    }

    /// How values are distributed, such as durations.
    ///
    /// - Parameters:
    ///   - name: A letter, then letters, digits, `_`, `.`, `-` and `/`, at most 255.
    ///   - unit: By UCUM, such as `s`, `By` or `{token}`; at most 63 characters of ASCII. Chooses the bucket bounds.
    ///   - description: What it means, for people.
    ///   - buckets: How values are sorted. Bounds that cannot be used are an error, and those of the unit are taken.
    ///   - seriesLimit: The most series, 1 to 1,000,000; nil means the recorder's own limit.
    /// - Returns: The instrument; one that records nothing when the recorder is off or the name cannot be used.
    public func histogram(
        _ name: String, unit: String = "", description: String = "", buckets: HistogramBuckets = .automatic,
        seriesLimit: Int? = nil
    ) -> Histogram {
        guard isRecording else { return Histogram(address: 0) }
        var usable = buckets
        if let problem = buckets.problem {
            engine.report(
                .misuse(
                    call: "Recorder.histogram", problem: "'\(name)': \(problem)",
                    advice: "The bounds of its unit are used."))
            usable = .automatic
        }
        switch usable {
        case .automatic:
            return Histogram(
                address: register(
                    .histogram, name, unit, description, seriesLimit, "Recorder.histogram",
                    bounds: HistogramBuckets.bounds(forUnit: unit)))
        case .explicit(let bounds):
            return Histogram(
                address: register(
                    .histogram, name, unit, description, seriesLimit, "Recorder.histogram", bounds: bounds))
        case .exponential(let maxSize, let maxScale):
            return Histogram(
                address: register(
                    .exponentialHistogram, name, unit, description, seriesLimit, "Recorder.histogram",
                    maxSize: maxSize, maxScale: maxScale))
        }
    }

    private func register(
        _ kind: Instrument.Kind, _ name: String, _ unit: String, _ description: String, _ limit: Int?, _ call: String,
        bounds: [Double] = [], maxSize: Int = 160, maxScale: Int = 20
    ) -> UInt {
        guard isRecording else { return 0 }
        let definition = Instrument.Definition(
            name: name, unit: unit, summary: description, kind: kind, bounds: bounds, maxSize: maxSize,
            maxScale: maxScale, limit: engine.seriesLimit(limit))
        return engine.metrics.register(definition, call, engine)?.address ?? 0
    }

    // MARK: asked, not told

    /// A counter whose total a callback knows.
    ///
    /// - Parameters:
    ///   - name: A letter, then letters, digits, `_`, `.`, `-` and `/`, at most 255.
    ///   - unit: By UCUM, such as `s`, `By` or `{token}`; at most 63 characters of ASCII.
    ///   - description: What it means, for people.
    ///   - seriesLimit: The most series, 1 to 1,000,000; nil means the recorder's own limit.
    ///   - callback: Says what the totals are, before each collection, on a thread of the recorder. One that throws or
    ///     takes longer than half a second is an error; the rest works without it. It is kept until the shutdown.
    /// - Returns: What takes the callback away again.
    @discardableResult
    public func observableCounter(
        _ name: String, unit: String = "", description: String = "", seriesLimit: Int? = nil,
        _ callback: @escaping @Sendable (MetricObserver) throws -> Void
    ) -> ObservableInstrument {
        observe(.counter, name, unit, description, seriesLimit, "Recorder.observableCounter", callback)
    }

    /// An up-down counter whose value a callback knows.
    ///
    /// - Parameters:
    ///   - name: A letter, then letters, digits, `_`, `.`, `-` and `/`, at most 255.
    ///   - unit: By UCUM, such as `s`, `By` or `{token}`; at most 63 characters of ASCII.
    ///   - description: What it means, for people.
    ///   - seriesLimit: The most series, 1 to 1,000,000; nil means the recorder's own limit.
    ///   - callback: Says what the values are, before each collection, on a thread of the recorder. One that throws or
    ///     takes longer than half a second is an error; the rest works without it. It is kept until the shutdown.
    /// - Returns: What takes the callback away again.
    @discardableResult
    public func observableUpDownCounter(
        _ name: String, unit: String = "", description: String = "", seriesLimit: Int? = nil,
        _ callback: @escaping @Sendable (MetricObserver) throws -> Void
    ) -> ObservableInstrument {
        observe(.upDownCounter, name, unit, description, seriesLimit, "Recorder.observableUpDownCounter", callback)
    }

    /// A gauge whose value a callback knows.
    ///
    /// - Parameters:
    ///   - name: A letter, then letters, digits, `_`, `.`, `-` and `/`, at most 255.
    ///   - unit: By UCUM, such as `s`, `By` or `{token}`; at most 63 characters of ASCII.
    ///   - description: What it means, for people.
    ///   - seriesLimit: The most series, 1 to 1,000,000; nil means the recorder's own limit.
    ///   - callback: Says what the values are, before each collection, on a thread of the recorder. One that throws or
    ///     takes longer than half a second is an error; the rest works without it. It is kept until the shutdown.
    /// - Returns: What takes the callback away again.
    @discardableResult
    public func observableGauge(
        _ name: String, unit: String = "", description: String = "", seriesLimit: Int? = nil,
        _ callback: @escaping @Sendable (MetricObserver) throws -> Void
    ) -> ObservableInstrument {
        observe(.gauge, name, unit, description, seriesLimit, "Recorder.observableGauge", callback)
    }

    private func observe(
        _ kind: Instrument.Kind, _ name: String, _ unit: String, _ description: String, _ limit: Int?, _ call: String,
        _ callback: @escaping @Sendable (MetricObserver) throws -> Void
    ) -> ObservableInstrument {
        guard isRecording else { return ObservableInstrument(callback: nil) }
        let definition = Instrument.Definition(
            name: name, unit: unit, summary: description, kind: kind, isObserved: true,
            limit: engine.seriesLimit(limit))
        guard let instrument = engine.metrics.register(definition, call, engine) else {
            return ObservableInstrument(callback: nil)
        }
        return engine.metrics.addCallback(to: instrument, callback)
    }

    // MARK: reading

    /// All metrics as they stand: those of instruments, of spans, of the recorder itself and of the process.
    ///
    /// Runs the callbacks. Spans count from the moment they are drained; `flush` does that. Waits for a running pass of
    /// the drainer, at most two seconds.
    public func metrics() -> [MetricPoint] { engine.currentMetrics() }
}

extension Engine {
    func seriesLimit(_ given: Int?) -> Int { min(max(1, given ?? options.metrics.seriesLimit), 1_000_000) }
}
