import OneLoggerCore
import OneLoggerTestSupport
import Testing

@testable import ResourceTelemetry

/// Sources that are not made up.
@Suite struct RealSourceTests {
    @Test func `a busy Dask cluster is read in its own protocol and by its dashboard`() throws {
        let cluster = try ChildProcess(python, ["\(packageFolder)/Tests/Helpers/dask_cluster.py"], input: true)
        defer {
            cluster.kill(15)
            _ = cluster.end()
        }
        let ports = try #require(cluster.line()).split(separator: " ").compactMap { Int($0) }
        try #require(ports.count == 2)
        var adapter = DaskAdapter(DaskAdapter.Options(host: "127.0.0.1", port: ports[0], timeout: .seconds(20)))
        let first = try adapter.sample(node: "")
        #expect(first.map(\.node).sorted() == ["127.0.0.1/w1", "127.0.0.1/w2"])
        #expect(first.allSatisfy { ($0.memoryPercent ?? 0) > 1 && $0.cpuPercent != nil })
        // The second heartbeat of a worker brings bytes.
        var later: [ResourceSample] = []
        let limit = ContinuousClock.now + .seconds(60)
        while later.isEmpty, ContinuousClock.now < limit { later = try adapter.sample(node: "") }
        let sample = try #require(later.first)
        #expect(sample.netReceivedBytes != nil)
        #expect(first.contains { $0.node == sample.node && $0.time < sample.time })

        var web = DaskAdapter(
            DaskAdapter.Options(
                host: "127.0.0.1", port: 1, dashboard: "http://127.0.0.1:\(ports[1])/", timeout: .seconds(20)))
        let answered = try web.sample(node: "")
        #expect(web.troubles.count == 1)
        // A busy scheduler may refuse its identity over HTTP; then its counts stand in.
        #expect(answered.count == 2 || answered.first?.attributes["dask.workers"] == .int(2))
    }

    @Test func `a port that speaks something else is an error, and soon`() throws {
        let folder = "\(packageFolder)/Tests/ResourceTelemetryTests/Fixtures"
        let server = try ChildProcess(python, ["\(packageFolder)/Tests/Helpers/dragon_aggregator.py", folder])
        defer {
            server.kill(9)
            _ = server.end()
        }
        let port = try #require(server.line().flatMap { Int($0) })
        var adapter = DaskAdapter(DaskAdapter.Options(host: "127.0.0.1", port: port, timeout: .milliseconds(300)))
        let error = #expect(throws: ResourceError.self) { try adapter.sample(node: "") }
        #expect(error?.description.hasPrefix("dask tcp://127.0.0.1:\(port): error: ") == true)
    }

    @Test func `an aggregator of Dragon is asked over HTTP, and only what does no harm`() throws {
        let folder = "\(packageFolder)/Tests/ResourceTelemetryTests/Fixtures"
        let server = try ChildProcess(python, ["\(packageFolder)/Tests/Helpers/dragon_aggregator.py", folder])
        defer {
            server.kill(9)
            _ = server.end()
        }
        let port = try #require(server.line())
        var adapter = DragonAdapter(DragonAdapter.Options(url: "http://127.0.0.1:\(port)", timeout: .seconds(20)))
        #expect(try adapter.sample(node: "").first?.cpuPercent == 100)
        #expect(server.line() == "GET /api/suggest")
        #expect(server.line() == "POST /api/query")
        var lost = DragonAdapter(
            DragonAdapter.Options(url: "http://127.0.0.1:\(port)/elsewhere", timeout: .seconds(20)))
        let error = #expect(throws: ResourceError.self) { try lost.sample(node: "") }
        #expect(error?.description.contains("status 404") == true)
    }

    @Test func `the figures of this machine are those of psutil`() throws {
        let program = """
            import psutil, sys
            while sys.stdin.readline():
                m = psutil.virtual_memory()
                n = psutil.net_io_counters(pernic=True)
                d = psutil.disk_io_counters(perdisk=True)
                t = psutil.cpu_times()
                print(m.total, m.total - m.available, sum(v.bytes_recv for k, v in n.items() if k != 'lo'),
                      round(t.idle * 100), flush=True)
            """
        let other = try ChildProcess(python, ["-c", program], input: true)
        defer {
            other.kill(9)
            _ = other.end()
        }
        func figures() throws -> [Int] {
            other.write("\n")
            return try #require(other.line()).split(separator: " ").compactMap { Int($0) }
        }
        var adapter = HostAdapter()
        _ = try adapter.sample(node: "n")
        let before = try figures()
        let sample = try #require(try adapter.sample(node: "n").first)
        let after = try figures()
        #expect(sample.attributes["host.memory_limit_bytes"] == .int(before[0]))
        let used = try #require(try sample.attributes.int("host.memory_bytes"))
        // Other processes go on between two readings.
        #expect(abs(used - before[1]) < 1 << 30)
        #expect(after[2] >= before[2])
        let counters = try #require(NetworkCounters(root: "", includesLoopback: false).read())
        #expect(counters.values.reduce(0) { $0 + $1.incoming } >= after[2])
        let idle = try #require(SystemFile.bytes("/proc/stat").flatMap(ProcessorTimes.init)).fields[3]
        #expect(idle >= after[3])
    }
}
