internal import OneLogger
internal import Synchronization

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// Polls adapters at a fixed rate and hands on what they read.
///
/// Adapters of this machine share a thread, and their samples of the node become one. An adapter that asks over a network
/// has a thread of its own, so that one that does not answer delays nobody.
///
/// Everything that changes is guarded by the monitor: that is why it is `Sendable`.
@safe
final class ResourceSampler: Sendable {
    /// What a sampler needs from outside.
    struct Outputs: Sendable {
        /// Takes the samples of one poll.
        var deliver: @Sendable ([ResourceSample]) -> Void
        /// Takes a sentence for people: something cannot be read, or can be read again.
        var report: @Sendable (String) -> Void
    }

    private let groups: [[any ResourceAdapter]]
    /// Whether the first group is this machine's.
    private let hasLocal: Bool
    private let node: String
    private let interval: UInt64
    private let outputs: Outputs
    private let monitor = Monitor()
    /// The process that polls: a forked child has none of the threads, and perhaps a lock that nobody gives up.
    private let owner = Atomic<Int32>(0)
    nonisolated(unsafe) private var isStopping = false
    /// Threads that have not ended: those of this machine's adapters, of which there is at most one, and the others.
    nonisolated(unsafe) private var local = 0, remote = 0
    /// By group and place in it.
    nonisolated(unsafe) private var adapters: [[AdapterHealth]]

    /// How long a stretch must be for its processor time to mean something: the kernel counts in hundredths of a second.
    private static let shortest: UInt64 = 50_000_000
    /// How long the end waits for who asks over a network.
    private static let patience: UInt64 = 500_000_000

    /// Creates a sampler that does nothing yet.
    ///
    /// - Parameters:
    ///   - local: Adapters that read files and libraries of this machine.
    ///   - remote: Adapters that may have to wait.
    ///   - node: What this machine is called.
    ///   - interval: From poll to poll, at least 10 ms.
    ///   - outputs: Where everything goes; called on the sampler's threads.
    init(
        local: [any ResourceAdapter], remote: [any ResourceAdapter] = [], node: String, interval: Duration,
        outputs: Outputs
    ) {
        groups = (local.isEmpty ? [] : [local]) + remote.map { [$0] }
        hasLocal = !local.isEmpty
        unsafe adapters = groups.map { $0.map { AdapterHealth(name: $0.name) } }
        self.node = node
        self.interval = UInt64(max(10_000_000, interval.clampedNanoseconds))
        self.outputs = outputs
    }

    /// How each adapter fares, by its name.
    var health: [AdapterHealth] {
        guard isOwn else { return groups.flatMap(\.self).map { AdapterHealth(name: $0.name) } }
        let all = monitor.withLock { unsafe adapters.flatMap(\.self) }
        return all.sorted { $0.name < $1.name }
    }

    /// False in a forked child.
    var isOwn: Bool { [0, getpid()].contains(owner.load(ordering: .relaxed)) }

    /// Starts the threads.
    ///
    /// - Throws: ``ResourceError/unavailable(source:reason:)`` when the system refuses one; those that were started end.
    func start() throws(ResourceError) {
        owner.store(getpid(), ordering: .relaxed)
        for (place, group) in groups.enumerated() {
            count(place, 1)
            if isLocal(place) { ForkPause.begin() }
            let isStarted = startThread(isMuted: false) {
                self.run(group, place)
                self.count(place, -1)
            }
            guard isStarted else {
                count(place, -1)
                if isLocal(place) { ForkPause.end() }
                stop(until: Monitor.now)
                throw .unavailable(source: "resources", reason: "the system refuses another thread")
            }
        }
    }

    private func isLocal(_ place: Int) -> Bool { hasLocal && place == 0 }

    private func count(_ place: Int, _ change: Int) {
        monitor.withLock {
            if isLocal(place) { unsafe local += change } else { unsafe remote += change }
            monitor.signal()
        }
    }

    /// Polls everything a last time and ends the threads.
    ///
    /// - Parameter deadline: In nanoseconds of the monotonic clock; what has not answered by then is left alone, and who
    ///   asks over a network after half a second already.
    /// - Returns: False when a thread is still in a poll. In a forked child nothing polls.
    @discardableResult
    func stop(until deadline: UInt64) -> Bool {
        guard isOwn else { return true }
        return monitor.withLock {
            unsafe isStopping = true
            monitor.signal()
            let patience = min(deadline, Monitor.now &+ Self.patience)
            while unsafe local + remote > 0 {
                let limit = unsafe local > 0 ? deadline : patience
                guard Monitor.now < limit else { return false }
                _ = monitor.wait(until: limit)
            }
            return true
        }
    }

    private func run(_ group: [any ResourceAdapter], _ place: Int) {
        var states = group.map { AdapterState($0, interval: interval) }
        var ticker = Ticker(start: Monitor.now, interval: interval)
        // The baseline: what is counted between two readings has no meaning yet, so nothing is handed on.
        _ = poll(&states, place)
        if isLocal(place) { ForkPause.end() }  // What runs from now on has run before.
        var last = Monitor.now
        while wait(until: ticker.next) {
            outputs.deliver(poll(&states, place))
            last = Monitor.now
            ticker.advance(now: last)
        }
        // Who asks over a network and got no answer the last time would only keep the shutdown waiting.
        let isWorthIt = isLocal(place) || states.allSatisfy { $0.health.consecutiveFailures == 0 }
        if isWorthIt, Monitor.now &- last >= Self.shortest { outputs.deliver(poll(&states, place)) }
        for index in states.indices { states[index].adapter.stop() }
    }

    /// False when the sampler is to stop.
    private func wait(until due: UInt64) -> Bool {
        monitor.withLock {
            while unsafe !isStopping, Monitor.now < due { _ = monitor.wait(until: due) }
            return unsafe !isStopping
        }
    }

    private func poll(_ states: inout [AdapterState], _ place: Int) -> [ResourceSample] {
        var samples: [ResourceSample] = []
        for index in states.indices {
            let outcome = states[index].poll(node: node)
            for sentence in outcome.news { outputs.report(sentence) }
            for sample in outcome.samples { add(sample, to: &samples, isShared: states.count > 1) }
        }
        monitor.withLock { for index in states.indices { unsafe adapters[place][index] = states[index].health } }
        return samples
    }

    /// Samples that several adapters of this machine have of the node become one, under the first one's name.
    private func add(_ sample: ResourceSample, to samples: inout [ResourceSample], isShared: Bool) {
        if isShared, sample.gpu == nil,
            let place = samples.firstIndex(where: { $0.gpu == nil && $0.node == sample.node })
        {
            samples[place] = samples[place].filled(from: sample)
        } else {
            samples.append(sample)
        }
    }
}
