internal import OneLoggerCore

/// What became of some messages.
struct Outcome {
    /// Spans and log records on one side, points of metrics, which nobody accounts for, on the other.
    struct Losses: Equatable {
        var records = 0
        var points = 0

        mutating func add(_ count: Int, of signal: OTLPSignal) {
            if signal == .metrics { points += count } else { records += count }
        }
        static func += (losses: inout Losses, other: Losses) {
            losses.records += other.records
            losses.points += other.points
        }
        var isEmpty: Bool { records == 0 && points == 0 }
    }

    /// A sentence and where it arose.
    struct Note {
        var text: String
        var destination: String
        var errno: Int32 = 0

        init(_ text: String, _ channel: Channel, errno: Int32 = 0) {
            self.init(text, channel.destination.shownURL, errno: errno)
        }

        init(_ text: String, _ destination: String, errno: Int32 = 0) {
            self.text = text
            self.destination = destination
            self.errno = errno
        }
    }

    /// Messages that got through, also those of which the server refused a part.
    var delivered = 0
    /// Messages that were given up for now.
    var undelivered: [OTLPMessage] = []
    /// What is lost.
    private(set) var losses = Losses()
    /// What of it belongs to kinds that are switched off.
    private(set) var switchedOff = Losses()
    /// What was counted as exported before, and is lost now.
    private(set) var earlier = 0
    /// True when something was refused for good.
    private(set) var isRefused = false
    /// The first reason for a loss, or a warning.
    private(set) var note: Note?
    /// Why something did not get through at first.
    private var delay: Note?

    mutating func delayed(_ note: Note) { delay = delay ?? note }

    mutating func warned(_ note: Note) { self.note = self.note ?? note }

    mutating func lose(_ count: Int, of signal: OTLPSignal, _ note: Note, isRefused: Bool = false) {
        warned(note)
        losses.add(count, of: signal)
        self.isRefused = self.isRefused || isRefused
    }

    mutating func loseSwitchedOff(_ count: Int, of signal: OTLPSignal, _ note: Note) {
        lose(count, of: signal, note, isRefused: true)
        switchedOff.add(count, of: signal)
    }

    /// Counts what was given up as lost.
    mutating func loseUndelivered() {
        for message in undelivered {
            lose(message.recordCount, of: message.signal, delay ?? Note("it was given up", "otlp"))
        }
        undelivered = []
    }

    /// Counts what had been kept on disk; what another process recorded is only said.
    mutating func loseEarlier(_ count: Int, of signal: OTLPSignal, isOwn: Bool, _ note: Note) {
        warned(note)
        if isOwn, signal != .metrics { earlier += count }
    }

    /// Adds what became of other messages.
    mutating func add(_ other: Outcome) {
        delivered += other.delivered
        undelivered += other.undelivered
        losses += other.losses
        switchedOff += other.switchedOff
        earlier += other.earlier
        isRefused = isRefused || other.isRefused
        note = note ?? other.note
        delay = delay ?? other.delay
    }

    /// The error that says it all.
    ///
    /// - Parameters:
    ///   - count: How many records the batch has.
    ///   - notices: How many of the log records are not among them, where all log records are lost.
    ///   - isOver: Whether the server wants nothing at all any more.
    /// - Returns: Nil when nothing is lost and nothing is to be said.
    func error(batchOf count: Int, notices: Int, isOver: Bool) -> ExportError? {
        guard let note else { return nil }
        let lost = max(0, min(losses.records - notices, count)) + earlier
        let isTotal = delivered == 0 && earlier == 0 && (losses != switchedOff || isOver)
        if isTotal, !losses.isEmpty {
            return isRefused
                ? .rejected(destination: note.destination, reason: note.text)
                : .unavailable(destination: note.destination, errno: note.errno, reason: note.text)
        }
        // Of a kind that is switched off only notices were lost, which is known.
        if lost == 0, losses.points == 0, !switchedOff.isEmpty { return nil }
        let points = losses.points > 0 ? "; \(losses.points) points of metrics are lost" : ""
        return .partial(destination: note.destination, lost: lost, reason: note.text + points)
    }
}
