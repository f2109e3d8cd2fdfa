public import OneLoggerCore
internal import OneLoggerHTTP

/// Sends spans, measurements and events to a server that speaks OTLP, such as a collector.
///
/// Over HTTP in protobuf or JSON, or over gRPC. One call of ``export(_:)`` may take as long as
/// `Options.retry` and `Destination.timeout` say; a shutdown of the recorder cuts it short.
public struct OTLPExporter: ConfigurableExporter, ~Copyable {
    /// `otlp`.
    public static let configName = "otlp"

    private var protobuf: OTLPEncoder?
    private var json: OTLPEncoder?
    private var delivery: Delivery
    private var spool: Spool?
    /// What became of an earlier process's messages, until it can be said.
    private var early = Outcome()

    /// Sends what an earlier process left in the spool; connects to nobody otherwise.
    ///
    /// - Throws: `ExportError` when the spool's folder or libcurl cannot be used.
    public init(_ options: Options, _ context: ExporterContext) throws(ExportError) {
        protobuf = Self.encoder(.protobuf, options, context.resource)
        json = Self.encoder(.json, options, context.resource)
        let limit = ShutdownLimit(
            context.shutdown, reserve: options.spool == nil ? .milliseconds(200) : .seconds(3600))
        var spool: Spool?
        if let settings = options.spool {
            spool = try Spool(context.resource.expanding(settings.directory), maxBytes: settings.maxBytes)
        }
        self.spool = spool
        delivery = try Delivery(options, limit)
        early = sendSpooled(for: .seconds(3600))
    }

    /// True when no kind of telemetry goes anywhere.
    public static func isSwitchedOff(_ options: Options) -> Bool {
        OTLPSignal.allCases.allSatisfy { options[$0] == nil }
    }

    /// An encoder for the signals that travel in one format; nil when none does.
    private static func encoder(_ format: OTLPFormat, _ options: Options, _ resource: Resource) -> OTLPEncoder? {
        let signals = OTLPSignal.allCases.filter { signal in
            guard let destination = options[signal] else { return false }
            return (destination.wireProtocol == .httpJSON) == (format == .json)
        }
        guard !signals.isEmpty else { return nil }
        return OTLPEncoder(
            format: format, signals: Set(signals),
            limits: .init(records: options.maxBatchRecords, bytes: options.maxBatchBytes),
            temporality: options.temporality == .delta ? .delta : .cumulative, resource: resource)
    }

    /// Sends a batch, and again what failed for a while only.
    ///
    /// - Throws: `ExportError` when records are lost.
    public mutating func export(_ batch: Batch) throws(ExportError) {
        var messages: [OTLPMessage] = []
        if let ours = protobuf?.messages(batch) { messages += ours }
        if let ours = json?.messages(batch) { messages += ours }
        guard spool == nil else { return try exportSpooling(messages, batch) }
        var outcome = delivery.deliver(messages, .patient)
        outcome.loseUndelivered()
        try report(outcome, batch)
    }

    /// Sends what waits on disk, without waiting for a server that is away.
    public mutating func flush() throws(ExportError) { try drainSpool() }

    /// Sends what waits on disk as far as the shutdown leaves time; the rest stays there for the next process.
    public consuming func close() throws(ExportError) {
        var error: ExportError?
        do throws(ExportError) { try drainSpool() } catch let problem { error = problem }
        spool?.close()
        delivery.close()
        if let error { throw error }
    }

    /// Throws when something is lost.
    private func report(_ outcome: Outcome, _ batch: Batch) throws(ExportError) {
        let notices = delivery.isRefused(.logs) ? batch.dataErrors.count : 0
        let error = outcome.error(batchOf: batch.count, notices: notices, isOver: delivery.isRefusedAltogether)
        if let error { throw error }
    }
}

// MARK: - with a spool

extension OTLPExporter {
    /// Keeps the order of each kind: as long as some of it waits on disk, what is new waits behind it.
    private mutating func exportSpooling(_ messages: [OTLPMessage], _ batch: Batch) throws(ExportError) {
        var outcome = takeEarly()
        outcome.add(sendSpooled(for: .seconds(1)))
        for message in messages {
            if spool?.isEmpty(message.signal) ?? true {
                outcome.add(delivery.deliver([message], .once))
            } else {
                outcome.undelivered.append(message)
            }
            for message in outcome.undelivered { spool?.add(message, &outcome) }
            outcome.undelivered = []
        }
        try report(outcome, batch)
    }

    private mutating func drainSpool() throws(ExportError) {
        guard spool != nil else { return }
        var outcome = takeEarly()
        outcome.add(sendSpooled(for: .seconds(3600)))
        try report(outcome, Batch([]))
    }

    private mutating func takeEarly() -> Outcome {
        defer { early = Outcome() }
        return early
    }

    /// Sends what waits on disk, oldest first, each kind by itself, until one fails or the time is over.
    private mutating func sendSpooled(for time: Duration) -> Outcome {
        let end = ContinuousClock.now + time
        var outcome = Outcome()
        for signal in OTLPSignal.allCases {
            while ContinuousClock.now < end, delivery.isReady(signal),
                let (message, isOwn) = spool?.first(signal, &outcome)
            {
                let sent = delivery.deliver([message], .once)
                guard sent.undelivered.isEmpty else { break }
                spool?.removeFirst(signal)
                if let note = sent.note {
                    outcome.loseEarlier(sent.losses.records, of: signal, isOwn: isOwn, note)
                }
            }
        }
        return outcome
    }
}

/// Belongs to one thread, as its connections do.
@available(*, unavailable)
extension OTLPExporter: Sendable {}
