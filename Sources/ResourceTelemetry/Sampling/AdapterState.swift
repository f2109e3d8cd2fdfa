internal import OneLoggerCore

/// How an adapter fares.
public struct AdapterHealth: Sendable, Hashable {
    /// The adapter's name.
    public var name: String
    /// How many polls gave samples.
    public var polls = 0
    /// How many polls failed as a whole.
    public var failures = 0
    /// How many polls failed in a row until now.
    public var consecutiveFailures = 0
    /// What went wrong last, as one sentence; nil while everything can be read.
    public var trouble: String?
}

/// An adapter with what its thread knows about it.
struct AdapterState {
    var adapter: any ResourceAdapter
    var health: AdapterHealth
    /// After a failure: how many polls are left out before the next try.
    private var pause = 0

    /// The longest pause after failures, in polls: 64 of them, but not more than a minute.
    private let longestPause: Int

    init(_ adapter: any ResourceAdapter, interval: UInt64) {
        self.adapter = adapter
        longestPause = max(1, min(64, Int(60_000_000_000 / max(1, interval))))
        health = AdapterHealth(name: adapter.name)
    }

    /// What a poll brought: samples, and what to say about it, if anything.
    struct Outcome {
        var samples: [ResourceSample] = []
        /// What went wrong, or that it works again; each is said once.
        var news: [String] = []
    }

    /// Polls the adapter, unless it has failed and is to be left alone for a while.
    mutating func poll(node: String) -> Outcome {
        guard pause == 0 else {
            pause -= 1
            return Outcome()
        }
        do throws(ResourceError) {
            let samples = try adapter.sample(node: node)
            health.polls += 1
            health.consecutiveFailures = 0
            return Outcome(samples: samples, news: note(adapter.troubles))
        } catch {
            health.failures += 1
            health.consecutiveFailures += 1
            pause = min(longestPause, 1 << min(health.consecutiveFailures - 1, 6)) - 1
            return Outcome(news: note([error.description]))
        }
    }

    /// An incident is said when it begins and when it is over, not at every poll.
    private mutating func note(_ troubles: [String]) -> [String] {
        if troubles.isEmpty, health.trouble == nil { return [] }
        let new = troubles.isEmpty ? nil : troubles.joined(separator: "; ")
        defer { health.trouble = new }
        switch (health.trouble, new) {
        case (nil, let now?): return [now]
        case (.some, nil): return ["\(health.name): all of it can be read again."]
        // Another error of a source that is away anyway, such as "refused" after "timed out", is no news.
        default: return []
        }
    }
}
