internal import OneLogger
internal import Synchronization

/// Keeps the errors of sinks away from the agent: each is counted, and the first ones of a sink are told.
final class SinkGuard: Sendable {
    struct Failures: Sendable {
        var count = 0
        var last: String?
    }

    /// How many failures of one sink and hook are told, one line each.
    static let told = 10
    private let failures = Locked<[String: Failures]>([:])

    /// Those that no manager holds, in scopes.
    static let shared = SinkGuard()

    /// Runs a hook of a sink.
    func attempt(_ sink: any RLMSink, _ hook: String, _ body: () throws -> Void) {
        do {
            try body()
        } catch {
            let text = String(describing: error)
            let count = failures.withLock { failures in
                failures[sink.name, default: Failures()].last = text
                failures[sink.name, default: Failures()].count += 1
                failures["\(sink.name)\u{0}\(hook)", default: Failures()].count += 1
                return failures["\(sink.name)\u{0}\(hook)"]?.count ?? 0
            }
            guard count <= Self.told else { return }
            Diagnostics.line("RLM sink '\(sink.name)': \(hook) failed: \(excerpt(text))")
        }
    }

    /// What went wrong with a sink of this name.
    func failures(of name: String) -> Failures { failures.withLock { $0[name] } ?? Failures() }

    func forget(_ name: String) {
        failures.withLock { failures in
            for key in failures.keys where key == name || key.hasPrefix("\(name)\u{0}") { failures[key] = nil }
        }
    }

    /// A sink's status, or a row that says why there is none; failures that were kept away count as dropped.
    func status(of sink: any RLMSink) -> RLMSinkStatus {
        let failures = failures(of: sink.name)
        var status: RLMSinkStatus
        do {
            status = try sink.status()
        } catch {
            let reason = "status failed: \(excerpt(String(describing: error)))"
            status = RLMSinkStatus(name: sink.name, isEnabled: true, isAvailable: false, detail: reason)
            status.lastError = reason
        }
        status.dropped += failures.count
        if let last = failures.last { status.lastError = last }
        return status
    }
}
