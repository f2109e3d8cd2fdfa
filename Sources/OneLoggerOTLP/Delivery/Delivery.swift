internal import OneLoggerCore
internal import OneLoggerHTTP

/// Sends messages, and again as long as that is allowed and worth while.
struct Delivery: ~Copyable {
    private var channels: [OTLPSignal: Channel] = [:]
    private let clients: [HTTPClient]
    private let retry: OTLPExporter.Retry
    private let limit: ShutdownLimit
    private var gzip = Gzip()
    private var body: [UInt8] = []

    /// How long to go on with messages that fail for now.
    enum Mode {
        /// As the options say.
        case patient
        /// One attempt, and none while an earlier failure makes us wait.
        case once
    }

    init(_ options: OTLPExporter.Options, _ limit: ShutdownLimit) throws(ExportError) {
        retry = options.retry
        self.limit = limit
        var clients: [HTTPConnection: HTTPClient] = [:]
        for signal in OTLPSignal.allCases {
            guard let destination = options[signal] else { continue }
            let connection = Channel.connection(destination)
            let client: HTTPClient
            if let known = clients[connection] { client = known } else { client = try Self.client(connection) }
            clients[connection] = client
            channels[signal] = Channel(signal, destination, client)
        }
        self.clients = Array(clients.values)
        let wakers = self.clients.map(\.waker)
        limit.notice.onNotice { wakers.forEach { $0.wake() } }
    }

    private static func client(_ connection: HTTPConnection) throws(ExportError) -> HTTPClient {
        do throws(HTTPFailure) {
            return try HTTPClient(connection)
        } catch {
            throw .unavailable(destination: "otlp", errno: error.errno, reason: error.reason)
        }
    }

    /// Lets go of the connections.
    consuming func close() { limit.notice.onNotice(nil) }

    /// True when the server was found to want none of what there is.
    var isRefusedAltogether: Bool { channels.values.allSatisfy { $0.refusal != nil } }

    /// True when the server does not want this kind.
    func isRefused(_ signal: OTLPSignal) -> Bool { channels[signal]?.refusal != nil }

    /// True when an attempt would be made now.
    func isReady(_ signal: OTLPSignal) -> Bool {
        !limit.isOver && channels[signal]?.next(after: .now) == nil
    }

    /// Sends messages in their order, each kind by itself; kinds that failed last time are tried after the others.
    mutating func deliver(_ messages: [OTLPMessage], _ mode: Mode) -> Outcome {
        var outcome = Outcome()
        let end = ContinuousClock.now + (mode == .patient ? retry.total : .zero)
        if mode == .patient { for signal in channels.keys { channels[signal]?.endRest() } }
        let isDown = { [channels] (message: OTLPMessage) in channels[message.signal]?.isDown ?? false }
        var waiting = messages.filter { !isDown($0) } + messages.filter(isDown)
        while true {
            waiting = attempt(waiting, mode, end, &outcome)
            if waiting.isEmpty { return outcome }
            guard let next = whenToGoOn(waiting, end, outcome) else { break }
            clients.first?.sleep(until: next)
        }
        for message in waiting { channels[message.signal]?.isDown = true }
        outcome.undelivered = waiting
        return outcome
    }

    /// One attempt for what may be tried now; what is left, in its order.
    private mutating func attempt(
        _ messages: [OTLPMessage], _ mode: Mode, _ end: ContinuousClock.Instant, _ outcome: inout Outcome
    ) -> [OTLPMessage] {
        var failed: [OTLPMessage] = []
        var stack = Array(messages.reversed())
        while let message = stack.popLast() {
            guard var channel = channels[message.signal] else {
                outcome.lose(message.recordCount, of: message.signal, .init("nobody wants this kind", "otlp"))
                continue
            }
            if let refusal = channel.refusal {
                outcome.loseSwitchedOff(message.recordCount, of: message.signal, .init(refusal, channel))
                continue
            }
            guard isReady(message.signal) else {
                let reason = limit.isOver ? "the shutdown left no more time" : "the server asked to wait"
                outcome.delayed(.init(reason, channel))
                failed.append(message)
                continue
            }
            let left = max(ContinuousClock.now.duration(to: end), .seconds(1))
            let longest = retry.total > .zero && mode == .patient ? left : channel.destination.timeout
            let verdict = channel.post(message, body: &body, gzip: &gzip, atMost: longest) { limit.moment }
            if let halves = settle(verdict, message, &channel, &outcome, &failed) { stack += halves }
            channels[message.signal] = channel
        }
        return failed
    }

    /// Takes the consequences; the halves of a message that was too large, the first one last.
    private func settle(
        _ verdict: Verdict, _ message: OTLPMessage, _ channel: inout Channel, _ outcome: inout Outcome,
        _ failed: inout [OTLPMessage]
    ) -> [OTLPMessage]? {
        switch verdict {
        case .accepted:
            outcome.delivered += 1
            channel.succeeded()
        case .partly(let lost, let reason):
            outcome.delivered += 1
            channel.succeeded()
            outcome.lose(min(lost, message.recordCount), of: message.signal, .init(reason, channel))
        case .later(let wait, let errno, let reason):
            channel.failed(asking: wait, retry)
            outcome.delayed(.init(reason, channel, errno: errno))
            failed.append(message)
        case .tooLarge(let reason):
            if let (first, second) = message.split() { return [second, first] }
            outcome.lose(message.recordCount, of: message.signal, .init(reason, channel), isRefused: true)
        case .refused(let reason):
            channel.succeeded()
            outcome.lose(message.recordCount, of: message.signal, .init(reason, channel), isRefused: true)
        case .signalRefused(let reason):
            let refusal = "\(reason); \(message.signal.rawValue) are switched off here"
            channel.refusal = refusal
            outcome.loseSwitchedOff(message.recordCount, of: message.signal, .init(refusal, channel))
        }
        return nil
    }

    /// When the next attempt is to be made; nil when there is to be none.
    private func whenToGoOn(
        _ waiting: [OTLPMessage], _ end: ContinuousClock.Instant, _ outcome: Outcome
    ) -> ContinuousClock.Instant? {
        let now = ContinuousClock.now
        let concerned = Set(waiting.map(\.signal)).compactMap { channels[$0] }
        // A kind that fails again and again while others get through is not waited for.
        if outcome.delivered > 0, concerned.allSatisfy(\.isDown) { return nil }
        let next = concerned.map { $0.next(after: now) ?? now }.min() ?? now
        return next < min(end, limit.moment) ? next : nil
    }
}
