import OneLogger
import OneLoggerCore
import OneLoggerTestSupport
import OneLoggerTesting
import Testing

@testable import ResourceTelemetry

@Suite struct ResourceOptionsTests {
    private func options(_ node: SettingsNode) throws(SettingsError) -> ResourceOptions {
        var settings = Settings(node)
        return try ResourceOptions(&settings)
    }

    @Test func `every key is read`() throws {
        let read = try options([
            "interval_s": 0.5, "adapters": ["host", "nvidia", "dask", "dragon"], "node": "here", "metrics": false,
            "host": ["include_loopback": true, "process_tree": false, "root": "/host"],
            "nvidia": ["library": "/x.so"],
            "dask": ["scheduler": "tcp://[::1]:8786", "dashboard": "http://h:1", "timeout_s": 3],
            "dragon": ["url": "https://d", "timeout_s": 4],
        ])
        #expect(read.interval == .milliseconds(500))
        #expect(read.adapters == [.host, .nvidia, .dask, .dragon])
        #expect(read.node == "here")
        #expect(!read.metrics)
        #expect(read.host == HostAdapter.Options(root: "/host", includesLoopback: true, processTree: false))
        #expect(read.library == "/x.so")
        #expect(
            read.dask == DaskAdapter.Options(host: "::1", port: 8786, dashboard: "http://h:1", timeout: .seconds(3)))
        #expect(read.dragon.url == "https://d")
        #expect(read.dragon.timeout == .seconds(4))
    }

    @Test(
        arguments: [
            (["interval_s": 0.001], "interval_s"), (["adapters": ["hots"]], "Perhaps you meant 'host'"),
            (["adapters": ["host", "host"]], "twice"), (["adapters": ["dask"]], "scheduler"),
            (["adapters": ["dask"], "dask": ["scheduler": "tls://h:1"]], "tls:// are not supported"),
            (["adapters": ["dask"], "dask": ["scheduler": "tcp://h"]], "no address of a scheduler"),
            (["adapters": ["dask"], "dask": ["scheduler": "tcp://h:99999"]], "no address of a scheduler"),
            (["adapters": ["dragon"], "dragon": ["url": "ftp://x"]], "no address"),
            (["dask": ["scheduler": "tcp://h:1"]], "means nothing while 'adapters'"),
            (["node": ""], "is empty"), (["intervall_s": 1], "interval_s"),
        ] as [(SettingsNode, String)])
    func `a mistake is named with what to write instead`(node: SettingsNode, part: String) {
        let error = #expect(throws: SettingsError.self) { try options(node) }
        #expect(error?.description.contains(part) == true, "\(String(describing: error))")
    }
}

@Suite struct ResourceRecorderTests {
    /// What a recorder with the plug-in exported until its shutdown.
    private func record(_ options: ResourceOptions, adding others: [any ResourceAdapter] = []) throws -> Recording {
        let recording = Recording(options, adding: others)
        #expect(eventually { !recording.events.isEmpty })
        try recording.end()
        return recording
    }

    @Test func `each sample is an event with the source's own time and everything that it knows`() throws {
        var options = ResourceOptions()
        options.adapters = []
        options.interval = .milliseconds(20)
        let events = try record(options, adding: [BusyNode()]).events
        let whole = try #require(events.first { ResourceUpdate($0)?.gpuID == nil })
        #expect(whole.type == "ResourceUpdate")
        #expect(whole.nodeID == "n9")
        #expect(whole.backend == "test")
        #expect(whole.time == Timestamp(secondsSince1970: 1e9))
        #expect(whole.attributes == ["job.tasks": 3])
        let update = try #require(ResourceUpdate(whole))
        #expect(update.cpuPercent == 25)
        #expect(update.netSentBytes == nil)
        #expect(update.resourceScope == "per_node")
        let gpu = try #require(events.first { ResourceUpdate($0)?.gpuID == 1 })
        #expect(ResourceUpdate(gpu)?.resourceScope == "per_gpu")
        #expect(ResourceUpdate(gpu)?.cpuPercent == nil)
    }

    @Test func `samples are metrics under the documented names and those of the conventions`() throws {
        var options = ResourceOptions()
        options.adapters = []
        options.interval = .milliseconds(20)
        let store = try record(options, adding: [BusyNode()]).store
        func point(_ name: String, _ labels: Attributes) -> MetricPoint.Value? {
            store.metrics.last { $0.name == name && $0.attributes == labels }?.value
        }
        #expect(point("node_cpu_utilization", ["backend": "test", "node_id": "n9"]) == .gauge(25))
        #expect(point("node_gpu_utilization", ["backend": "test", "node_id": "n9", "gpu_id": "1"]) == .gauge(80))
        #expect(point("system.cpu.utilization", ["host.name": "n9", "onelogger.backend": "test"]) == .gauge(0.25))
        let gpu: Attributes = ["host.name": "n9", "onelogger.backend": "test", "hw.id": "GPU-7", "hw.type": "gpu"]
        #expect(point("hw.gpu.utilization", gpu) == .gauge(0.8))
        #expect(point("hw.power", gpu) == .gauge(70.5))
        let disk = point(
            "system.disk.io", ["host.name": "n9", "onelogger.backend": "test", "disk.io.direction": "read"])
        guard case .sum(let bytes) = disk else {
            Issue.record("system.disk.io is missing")
            return
        }
        #expect(bytes >= 100)
        #expect(!store.metrics.contains { $0.name == "system.network.io" })
    }

    @Test func `two adapters on one node do not overwrite each other`() throws {
        var options = ResourceOptions()
        options.adapters = [.host]
        options.interval = .milliseconds(20)
        options.node = "n9"
        let recording = Recording(options, adding: [BusyNode()])
        #expect(eventually { Set(recording.events.map(\.backend)) == ["host", "test"] })
        try recording.end()
        let points = recording.store.metrics.filter { $0.name == "node_memory_utilization" }
        #expect(Set(points.map { $0.attributes["backend"] }) == [.string("host"), .string("test")])
        #expect(points.allSatisfy { $0.attributes["node_id"] == "n9" })
        let test = points.filter { $0.attributes["backend"] == "test" }
        #expect(test.allSatisfy { $0.value == .gauge(50) })
    }

    @Test func `a machine without the library says so in one line and records the rest`() throws {
        var options = ResourceOptions()
        options.adapters = [.host, .nvidia]
        options.library = "/nonexistent/libnvidia-ml.so.1"
        options.interval = .milliseconds(20)
        let recording = try record(options)
        let update = try #require(recording.events.compactMap { ResourceUpdate($0) }.first)
        #expect(update.memoryPercent != nil)
        #expect(update.gpuPercent == nil)
    }
}
