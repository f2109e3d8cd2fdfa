import OneLogger
import OneLoggerCore
import OneLoggerTestSupport
import Synchronization
import Testing

@testable import ResourceTelemetry

@Suite struct TickerTests {
    @Test func `polls are due at whole intervals, however late each one is`() {
        var ticker = Ticker(start: 1000, interval: 100_000_000)
        #expect(ticker.next == 100_001_000)
        ticker.advance(now: 105_000_000)
        #expect(ticker.next == 200_001_000)
        ticker.advance(now: 299_000_000)
        #expect(ticker.next == 300_001_000)
        #expect(ticker.missed == 0)
        ticker.advance(now: 650_000_000)
        #expect(ticker.next == 700_001_000)
        #expect(ticker.missed == 3)
    }

    @Test func `with a long interval the first poll comes early, and counts as none`() {
        var ticker = Ticker(start: 0, interval: 5_000_000_000)
        #expect(ticker.next == 250_000_000)
        ticker.advance(now: 251_000_000)
        #expect(ticker.next == 5_000_000_000)
        #expect(ticker.missed == 0)
    }

    @Test func `ten minutes of polls that are each a little late do not drift`() {
        var ticker = Ticker(start: 7, interval: 100_000_000)
        for _ in 0..<6000 { ticker.advance(now: ticker.next + 3_000_000) }
        #expect(ticker.next == 7 + 6001 * 100_000_000)
        #expect(ticker.missed == 0)
    }
}

/// Gives what it is told to give.
private struct ScriptedAdapter: ResourceAdapter {
    var name: String
    var script: @Sendable (Int) throws(ResourceError) -> [ResourceSample]
    var calls = 0

    mutating func sample(node: String) throws(ResourceError) -> [ResourceSample] {
        calls += 1
        return try script(calls)
    }
}

@Suite struct ResourceSamplerTests {
    private final class Collected: Sendable {
        let samples = Locked<[[ResourceSample]]>([])
        let sentences = Locked<[String]>([])
    }

    private func outputs(_ collected: Collected) -> ResourceSampler.Outputs {
        ResourceSampler.Outputs(
            deliver: { samples in collected.samples.withLock { $0.append(samples) } },
            report: { text in collected.sentences.withLock { $0.append(text) } })
    }

    @Test func `an adapter that fails is said once, left out and tried again, while others go on`() throws {
        let collected = Collected()
        let good = ScriptedAdapter(name: "good") { _ throws(ResourceError) in
            [ResourceSample(backend: "good", node: "n", time: Timestamp(nanoseconds: 1))]
        }
        let bad = ScriptedAdapter(name: "bad") { call throws(ResourceError) in
            guard call > 3 else { throw .unavailable(source: "bad", reason: "away") }
            return [ResourceSample(backend: "bad", node: "n", gpu: 0, time: Timestamp(nanoseconds: 1))]
        }
        let sampler = ResourceSampler(
            local: [good, bad], node: "n", interval: .milliseconds(10), outputs: outputs(collected))
        try sampler.start()
        #expect(eventually { collected.samples.withLock { $0.contains { $0.count == 2 } } })
        #expect(sampler.stop(until: Monitor.now + 10_000_000_000))
        #expect(collected.sentences.withLock { $0 } == ["bad: error: away.", "bad: all of it can be read again."])
        #expect(collected.samples.withLock { $0.contains { $0.count == 1 } })
        let health = sampler.health
        #expect(health.map(\.name) == ["bad", "good"])
        #expect(health[0].failures == 3)
        #expect(health[1].failures == 0)
    }

    @Test func `what this machine's adapters know of the node becomes one sample`() throws {
        let collected = Collected()
        let host = ScriptedAdapter(name: "host") { _ throws(ResourceError) in
            var sample = ResourceSample(backend: "host", node: "n", time: Timestamp(nanoseconds: 1))
            sample.cpuPercent = 10
            return [sample]
        }
        let gpu = ScriptedAdapter(name: "nvidia") { _ throws(ResourceError) in
            var whole = ResourceSample(backend: "nvidia", node: "n", time: Timestamp(nanoseconds: 2))
            whole.gpuPercent = 80
            return [whole, ResourceSample(backend: "nvidia", node: "n", gpu: 0, time: Timestamp(nanoseconds: 2))]
        }
        let sampler = ResourceSampler(
            local: [host, gpu], node: "n", interval: .milliseconds(10), outputs: outputs(collected))
        try sampler.start()
        #expect(eventually { collected.samples.withLock { !$0.isEmpty } })
        #expect(sampler.stop(until: Monitor.now + 10_000_000_000))
        let samples = try #require(collected.samples.withLock { $0.first })
        #expect(samples.count == 2)
        #expect(samples[0].backend == "host")
        #expect(samples[0].cpuPercent == 10)
        #expect(samples[0].gpuPercent == 80)
        #expect(samples[1].gpu == 0)
    }

    @Test func `an adapter that does not answer holds up neither the others nor the end`() throws {
        let collected = Collected(), stuck = Monitor()
        let release = Locked(false)
        let never = ScriptedAdapter(name: "never") { _ throws(ResourceError) in
            stuck.withLock {
                while !release.withLock({ $0 }) { _ = stuck.wait(until: Monitor.now + 1_000_000_000) }
            }
            return []
        }
        let good = ScriptedAdapter(name: "good") { _ throws(ResourceError) in
            [ResourceSample(backend: "good", node: "n", time: Timestamp(nanoseconds: 1))]
        }
        let sampler = ResourceSampler(
            local: [good], remote: [never], node: "n", interval: .milliseconds(10), outputs: outputs(collected))
        try sampler.start()
        #expect(eventually { collected.samples.withLock { $0.count >= 2 } })
        // Until tomorrow, if it were waited for.
        #expect(!sampler.stop(until: Monitor.now + 86_400_000_000_000))
        release.withLock { $0 = true }
        stuck.withLock { stuck.signal() }
        #expect(sampler.stop(until: Monitor.now + 10_000_000_000))
    }

    @Test func `GPUs of two makers are one node, none of them lost`() throws {
        func adapter(_ name: String, _ percent: Double) -> ScriptedAdapter {
            ScriptedAdapter(name: name) { _ throws(ResourceError) in
                var whole = ResourceSample(
                    backend: name, node: "n", time: Timestamp(nanoseconds: 1), attributes: ["gpu.count": 1])
                whole.gpuPercent = percent
                return [whole, ResourceSample(backend: name, node: "n", gpu: 0, time: Timestamp(nanoseconds: 1))]
            }
        }
        let collected = Collected()
        let sampler = ResourceSampler(
            local: [adapter("nvidia", 10), adapter("amd", 70)], node: "n", interval: .milliseconds(10),
            outputs: outputs(collected))
        try sampler.start()
        #expect(eventually { collected.samples.withLock { !$0.isEmpty } })
        #expect(sampler.stop(until: Monitor.now + 10_000_000_000))
        let samples = try #require(collected.samples.withLock { $0.first })
        #expect(samples.map(\.backend) == ["nvidia", "nvidia", "amd"])
        #expect(samples[0].gpuPercent == 70)
        #expect(samples[0].attributes["gpu.count"] == 2)
    }

    @Test(
        arguments: [(1_000_000_000, 60), (5_000_000_000, 12), (10_000_000, 64), (86_400_000_000_000, 1)]
            as [(UInt64, Int)])
    func `however often it failed, a source is tried again within a minute or 64 polls`(interval: UInt64, most: Int) {
        let bad = ScriptedAdapter(name: "bad") { _ throws(ResourceError) in
            throw .unavailable(source: "bad", reason: "away")
        }
        var state = AdapterState(bad, interval: interval), longest = 0, since = 0
        for _ in 0..<1000 {
            let before = state.health.failures
            _ = state.poll(node: "n")
            since += 1
            if state.health.failures > before {
                longest = max(longest, since)
                since = 0
            }
        }
        #expect(longest == most)
    }

    @Test func `a library that is absent is one line, however often it is looked for`() throws {
        let collected = Collected()
        let host = ScriptedAdapter(name: "host") { _ throws(ResourceError) in
            [ResourceSample(backend: "host", node: "n", time: Timestamp(nanoseconds: 1))]
        }
        let sampler = ResourceSampler(
            local: [host, NVIDIAAdapter(library: "/nonexistent/libnvidia-ml.so.1")], node: "n",
            interval: .milliseconds(10), outputs: outputs(collected))
        try sampler.start()
        #expect(eventually { (sampler.health.first { $0.name == "nvidia" }?.failures ?? 0) >= 4 })
        #expect(sampler.stop(until: Monitor.now + 10_000_000_000))
        let sentences = collected.sentences.withLock { $0 }
        #expect(sentences.count == 1)
        #expect(sentences.first?.hasPrefix("nvidia: error: /nonexistent/libnvidia-ml.so.1: cannot open") == true)
    }

    @Test func `this machine has one thread for all its adapters and devices, another only who may have to wait`()
        throws
    {
        let collected = Collected(), threads = Locked<Set<UInt>>([]), remote = Locked<Set<UInt>>([])
        let local = (0..<8).map { number in
            ScriptedAdapter(name: "local\(number)") { _ throws(ResourceError) in
                threads.withLock { _ = $0.insert(thisThread()) }
                return (0..<8).map {
                    ResourceSample(backend: "local\(number)", node: "n", gpu: $0, time: Timestamp(nanoseconds: 1))
                }
            }
        }
        let other = ScriptedAdapter(name: "other") { _ throws(ResourceError) in
            remote.withLock { _ = $0.insert(thisThread()) }
            return []
        }
        let sampler = ResourceSampler(
            local: local, remote: [other], node: "n", interval: .milliseconds(10), outputs: outputs(collected))
        try sampler.start()
        #expect(
            eventually {
                collected.samples.withLock { $0.contains { $0.count == 64 } } && remote.withLock { !$0.isEmpty }
            })
        #expect(sampler.stop(until: Monitor.now + 10_000_000_000))
        #expect(threads.withLock { $0.count } == 1)
        #expect(remote.withLock { $0.count } == 1)
        #expect(threads.withLock { $0 }.isDisjoint(with: remote.withLock { $0 }))
    }
}
