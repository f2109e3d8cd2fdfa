public import OneLogger

/// A recorder whose clock moves only when it is told to, and whose records are taken by hand: no thread, no waiting.
public final class ManualClock: Sendable {
    /// The recorder; it has no exporters.
    public let recorder: Recorder

    /// Creates a clock.
    ///
    /// - Parameters:
    ///   - options: How the recorder works; its clock is replaced.
    ///   - now: Where the clock stands. Unit: nanoseconds since 1970.
    public init(_ options: RecorderOptions = RecorderOptions(), now: UInt64 = 0) {
        var options = options
        options.clock = .manual
        recorder = Recorder(options, exporters: [], drains: false)
        recorder.setManualTime(now)
    }

    /// Moves the clock.
    ///
    /// Unit: nanoseconds since 1970.
    public func set(_ nanoseconds: UInt64) { recorder.setManualTime(nanoseconds) }
}

extension Recorder {
    /// Everything recorded so far and not taken before; for recorders that no thread drains, as ``ManualClock`` has.
    public func takeRecords() -> [Record] {
        var records: [Record] = []
        drain { records += $0.records }
        return records
    }

    /// The spans among ``takeRecords()``, in the order in which they ended.
    public func takeSpans() -> [SpanRecord] { takeRecords().spans }
}

extension [Record] {
    /// The spans that ended.
    public var spans: [SpanRecord] {
        compactMap { record in
            switch record {
            case .span(let span), .stop(let span): span
            default: nil
            }
        }
    }

    /// What each record is called: `span job`, `start job`, `event saved`, `stop job`, `metric …`, `error …`.
    public var outline: [String] {
        map { record in
            switch record {
            case .span(let span): "span \(span.name)"
            case .start(let span): "start \(span.name)"
            case .stop(let span): "stop \(span.name)"
            case .event(let event): "event \(event.event.name)"
            case .typedEvent(let event): "typed event \(event.type)"
            case .metric(let point): "metric \(point.name)"
            case .telemetryDataError(let error): "error \(error.kind.rawValue)"
            }
        }
    }
}
