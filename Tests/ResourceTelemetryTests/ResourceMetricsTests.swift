import OneLogger
import OneLoggerCore
import OneLoggerTestSupport
import OneLoggerTesting
import Synchronization
import Testing
import WorkflowTelemetry

@testable import ResourceTelemetry

/// A clock that stands still until it is told otherwise.
private final class StillClock: Sendable {
    private let elapsed = Locked(Duration.zero)
    private let start = ContinuousClock.now

    var now: ContinuousClock.Instant { start + elapsed.withLock { $0 } }
    func advance(_ duration: Duration) { elapsed.withLock { $0 += duration } }
}

private func text(_ value: AttributeValue?) -> String {
    if case .string(let text) = value { text } else { "" }
}

@Suite struct ResourceMetricsTests {
    private let clock = StillClock()
    private let recorder = Recorder(exporters: [ExporterSlot(InMemoryExporter(InMemoryExporter.Store()))])

    /// For an interval of 10 s: what was not seen for 40 s is gone.
    private func metrics() -> ResourceMetrics {
        let clock = clock
        let metrics = ResourceMetrics(interval: .seconds(10)) { clock.now }
        metrics.register(on: recorder)
        return metrics
    }

    private func sample(_ node: String, cpu: Double?, gpu: Double? = nil) -> ResourceSample {
        var sample = ResourceSample(backend: "test", node: node, time: Timestamp(nanoseconds: 1))
        sample.cpuPercent = cpu
        sample.gpuPercent = gpu
        return sample
    }

    /// `NAME NODE` of each series that shows.
    private func series(_ names: String...) -> [String] {
        recorder.metrics().filter { names.contains($0.name) }.map { point in
            "\(point.name) \(text(point.attributes["node_id"] ?? point.attributes["host.name"]))"
        }.sorted()
    }

    @Test func `a node that is gone loses its series, and gets them back when it returns`() {
        let metrics = metrics(), names = ("node_cpu_utilization", "system.cpu.utilization")
        metrics.note(sample("a", cpu: 10), isTold: false)
        metrics.note(sample("b", cpu: 20), isTold: false)
        let all = ["\(names.0) a", "\(names.0) b", "\(names.1) a", "\(names.1) b"]
        #expect(series(names.0, names.1) == all)
        clock.advance(.seconds(30))
        metrics.note(sample("b", cpu: 30), isTold: false)
        #expect(series(names.0, names.1) == all)
        clock.advance(.seconds(30))
        #expect(series(names.0, names.1) == ["\(names.0) b", "\(names.1) b"])
        metrics.note(sample("a", cpu: 40), isTold: false)
        #expect(series(names.0, names.1) == all)
        clock.advance(.seconds(60))
        #expect(series(names.0, names.1) == [])
    }

    @Test func `a figure that a node no longer has is gone alone`() {
        let metrics = metrics()
        metrics.note(sample("a", cpu: 10, gpu: 90), isTold: false)
        clock.advance(.seconds(39))
        metrics.note(sample("a", cpu: 10), isTold: false)
        #expect(series("node_cpu_utilization", "node_gpu_utilization").count == 2)
        clock.advance(.seconds(2))
        #expect(series("node_cpu_utilization", "node_gpu_utilization") == ["node_cpu_utilization a"])
    }

    @Test func `what a session told of a node that is gone goes, too`() {
        let metrics = metrics()
        recorder.gauge("node_cpu_utilization", unit: "%").record(55, attributes: ["backend": "test", "node_id": "a"])
        metrics.note(sample("a", cpu: 55), isTold: true)
        #expect(series("node_cpu_utilization") == ["node_cpu_utilization a"])
        clock.advance(.seconds(41))
        #expect(series("node_cpu_utilization") == [])
    }

    @Test func `bytes add up for as long as a node is there`() {
        let metrics = metrics()
        for bytes in [100.0, 20, 3] {
            var sample = sample("a", cpu: nil)
            sample.diskReadBytes = bytes
            metrics.note(sample, isTold: false)
        }
        let points = recorder.metrics().filter { $0.name == "system.disk.io" }
        #expect(points.map(\.value) == [.sum(123)])
        #expect(points.first?.attributes["disk.io.direction"] == "read")
        #expect(points.first?.unit == "By")
    }

    @Test func `nodes with a new name each time do not fill the memory`() {
        let metrics = metrics()
        for number in 0..<10_050 { metrics.note(sample("n\(number)", cpu: 1), isTold: true) }
        #expect(series("system.cpu.utilization").count <= 10_000)
    }

    // MARK: beside a session

    private func gauges(_ recorder: Recorder) -> [String] {
        recorder.metrics().filter { $0.name.hasPrefix("node_") }.map { point in
            let labels = point.attributes.map { "\($0.key)=\(text($0.value))" }.joined(separator: ",")
            return "\(point.name) \(point.unit) \(labels) \(point.value)"
        }.sorted()
    }

    private static let expected = [
        "node_cpu_utilization % backend=test,node_id=n9 gauge(25.0)",
        "node_gpu_utilization % backend=test,gpu_id=1,node_id=n9 gauge(80.0)",
        "node_memory_utilization % backend=test,node_id=n9 gauge(50.0)",
    ]

    @Test func `a session that opens after the plug-in, and one before it, tell the same gauges, and nobody complains`()
        async throws
    {
        // given: without a session the plug-in tells
        let recording = Recording(BusyNode()), recorder = recording.recorder
        #expect(eventually { gauges(recorder) == Self.expected })
        // when a session opens on the same recorder, and ends
        let session = try WorkflowSession.start(id: "s", on: recorder)
        let before = recording.events.count
        #expect(eventually { recording.events.count > before + 2 })
        #expect(gauges(recorder) == Self.expected)
        #expect(session.summary().resources["test/n9"]?.gpus[1]?.gpuPercent == 80)
        await session.stop()
        // then the plug-in goes on
        let after = recording.events.count
        #expect(eventually { recording.events.count > after + 2 })
        #expect(gauges(recorder) == Self.expected)
        #expect(recorder.health.telemetryErrors == 0)
        try recording.end()

        // and the other way round
        let second = Recorder(exporters: [ExporterSlot(InMemoryExporter(InMemoryExporter.Store()))])
        let first = try WorkflowSession.start(id: "s", on: second)
        var options = ResourceOptions()
        options.adapters = []
        options.interval = .milliseconds(20)
        second.add(ResourceRecorder(options, adding: [BusyNode()], recorder: second))
        #expect(eventually { gauges(second) == Self.expected })
        #expect(second.health.telemetryErrors == 0)
        withExtendedLifetime(first) {}
        try second.shutdown(timeout: .seconds(10))
    }
}
