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

    @Test func `a cluster of two thousand busy workers is read, in either way`() throws {
        let server = try ChildProcess(python, ["\(packageFolder)/Tests/Helpers/large_cluster.py", "2000"])
        defer {
            server.kill(9)
            _ = server.end()
        }
        let numbers = try #require(server.line()).split(separator: " ").compactMap { Int($0) }
        try #require(numbers.count == 4)
        // More than what anybody else may answer.
        #expect(numbers[2] > 10 << 20 && numbers[3] > 2 << 20)
        var options = DaskAdapter.Options(
            host: "127.0.0.1", port: numbers[0], dashboard: "http://127.0.0.1:\(numbers[1])", timeout: .seconds(60))
        var adapter = DaskAdapter(options)
        let samples = try adapter.sample(node: "")
        #expect(samples.count == 2000)
        #expect(samples.allSatisfy { $0.cpuPercent == 50 && $0.memoryPercent == 25 })
        #expect(Set(samples.map(\.node)).count == 2000)
        #expect(adapter.troubles.isEmpty)
        options.port = 1
        var web = DaskAdapter(options)
        #expect(try web.sample(node: "").count == 2000)
        // What is too much is said, with the number that would do.
        options.port = numbers[0]
        options.dashboard = nil
        options.maxAnswerBytes = 1 << 20
        var small = DaskAdapter(options)
        let error = #expect(throws: ResourceError.self) { try small.sample(node: "") }
        #expect(error?.description.contains("more than the 1048576 of 'max_answer_bytes'") == true)
    }

    @Test(.enabled(if: SystemFile.exists("\(packageFolder)/.build/venv/bin/dragon")))
    func `a real Dragon runtime is read, its devices apart from its node`() throws {
        let runtime = try ChildProcess(
            python, ["\(packageFolder)/Tests/Helpers/dragon_runtime.py", "300"], input: true)
        defer {
            runtime.kill(15)
            _ = runtime.end()
        }
        let line = try #require(runtime.line()), port = try #require(Int(line), "\(line)")
        var options = DragonAdapter.Options(url: "http://127.0.0.1:\(port)", timeout: .seconds(30))
        options.window = .seconds(240)
        var adapter = DragonAdapter(options), found: [Int?: ResourceSample] = [:]
        let limit = ContinuousClock.now + .seconds(120)
        while found.count < 3 || found[nil]?.cpuPercent == nil, ContinuousClock.now < limit {
            for sample in try adapter.sample(node: "") { found[sample.gpu] = sample }
        }
        let node = try #require(found[nil])
        #expect((0...100).contains(try #require(node.cpuPercent)))
        #expect((0...100).contains(try #require(node.memoryPercent)))
        #expect(node.attributes["dragon.num_running_processes"] != nil)
        #expect(found[0]?.gpuPercent == 1 && found[1]?.gpuPercent == 11)
        #expect(found[1]?.attributes == ["gpu.memory_percent": .double(12), "gpu.power_watts": .double(13)])
        #expect(Set(found.values.map(\.node)).count == 1)
        #expect(try #require(found[1]?.time) <= .now)
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

    /// psutil beside this process: each line asks it once.
    private static let psutil = """
        import psutil, sys
        while sys.stdin.readline():
            m, t = psutil.virtual_memory(), psutil.cpu_times()
            n = [v for k, v in psutil.net_io_counters(pernic=True).items() if k != 'lo']
            d = [v for k, v in psutil.disk_io_counters(perdisk=True).items()
                 if k in sys.argv[1:]]
            print(m.total, m.total - m.available, sum(v.bytes_recv for v in n), sum(v.bytes_sent for v in n),
                  sum(v.read_bytes for v in d), sum(v.write_bytes for v in d),
                  round(100 * (t.idle + t.iowait)), round(100 * (sum(t) - t.guest - t.guest_nice)), flush=True)
        """

    @Test func `the figures of this machine are those of psutil, which reads them just before and just after`() throws {
        var disks = DiskCounters(root: ""), text = [UInt8]()
        _ = disks.read(&text)
        let names = disks.disks.devices.filter(\.counts).map { String(decoding: $0.name, as: UTF8.self) }
        let other = try ChildProcess(python, ["-c", Self.psutil] + names, input: true)
        defer {
            other.kill(9)
            _ = other.end()
        }
        func figures() throws -> [Int] {
            other.write("\n")
            let numbers = try #require(other.line()).split(separator: " ").compactMap { Int($0) }
            try #require(numbers.count == 8)
            return numbers
        }
        /// What lies between two readings of psutil: the least and the most that a third one in between may say.
        func isBetween(_ value: Int, _ place: Int, _ before: [Int], _ after: [Int], slack: Int = 0) -> Bool {
            (min(before[place], after[place]) - slack...max(before[place], after[place]) + slack).contains(value)
        }
        // Memory goes up and down between two readings, so one try of many must fit to a few MiB.
        var adapter = HostAdapter()
        let fits = try (0..<200).contains { _ in
            let before = try figures(), sample = try #require(try adapter.sample(node: "n").first)
            let after = try figures(), used = try #require(try sample.attributes.int("host.memory_bytes"))
            #expect(sample.attributes["host.memory_limit_bytes"] == .int(before[0]))
            return isBetween(used, 1, before, after, slack: 4 << 20)
        }
        #expect(fits)
        // Counters only grow, so every try must fit.
        var network = NetworkCounters(root: "", includesLoopback: false)
        let before = try figures()
        let isRead = (network.read(&text), disks.read(&text))
        try #require(isRead == (true, true))
        let interfaces = network.interfaces.devices.map(\.counters)
        let blocks = disks.disks.devices.filter(\.counts).map(\.counters)
        let stat = OpenFile("/proc/stat").scan(&text) { ProcessorTimes(&$0) }
        let times = try #require(stat).fields
        let after = try figures()
        // Twice: from the list of disks, and from their own files.
        _ = disks.read(&text)
        let again = disks.disks.devices.filter(\.counts).map(\.counters), last = try figures()
        #expect(isBetween(again.reduce(0) { $0 + $1.incoming }, 4, after, last))
        let second = try figures(), isReadAgain = network.read(&text)
        let through = network.interfaces.devices.map(\.counters), third = try figures()
        #expect(isReadAgain)
        #expect(isBetween(through.reduce(0) { $0 + $1.incoming }, 2, second, third))
        #expect(isBetween(through.reduce(0) { $0 + $1.outgoing }, 3, second, third))
        #expect(isBetween(again.reduce(0) { $0 + $1.outgoing }, 5, after, last))
        #expect(isBetween(interfaces.reduce(0) { $0 + $1.incoming }, 2, before, after))
        #expect(isBetween(interfaces.reduce(0) { $0 + $1.outgoing }, 3, before, after))
        #expect(isBetween(blocks.reduce(0) { $0 + $1.incoming }, 4, before, after))
        #expect(isBetween(blocks.reduce(0) { $0 + $1.outgoing }, 5, before, after))
        #expect(isBetween(times[3] + times[4], 6, before, after, slack: 1))
        #expect(isBetween((0..<8).reduce(0) { $0 + times[$1] }, 7, before, after, slack: 1))
    }

    @Test func `the share of busy processors is psutil's over the same stretch`() throws {
        let other = try ChildProcess(python, ["-c", Self.psutil], input: true)
        defer {
            other.kill(9)
            _ = other.end()
        }
        func times() throws -> (idle: Int, all: Int) {
            other.write("\n")
            let numbers = try #require(other.line()).split(separator: " ").compactMap { Int($0) }
            try #require(numbers.count == 8)
            return (numbers[6], numbers[7])
        }
        var adapter = HostAdapter()
        // A stretch of at least 200 ticks, so that what lies between the two readings of an end matters little.
        _ = try adapter.sample(node: "n")
        let start = try times()
        var end = start, percent = 0.0
        while end.all - start.all < 200 {
            end = try times()
        }
        percent = try #require(try adapter.sample(node: "n").first?.cpuPercent)
        let theirs = 100 * (1 - Double(end.idle - start.idle) / Double(end.all - start.all))
        #expect(abs(percent - theirs) < 10, "\(percent) and \(theirs)")
    }
}
