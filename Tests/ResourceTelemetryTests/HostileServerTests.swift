import OneLogger
import OneLoggerCore
import OneLoggerTestSupport
import OneLoggerTesting
import Testing

@testable import ResourceTelemetry

/// Servers that are not what they should be, over real connections.
@Suite struct HostileServerTests {
    /// Runs `body` with the port of a server that does `job`.
    private func with<R>(_ job: String, _ body: (Int) throws -> R) throws -> R {
        let server = try ChildProcess(python, ["\(packageFolder)/Tests/Helpers/hostile_server.py", job])
        defer {
            server.kill(9)
            _ = server.end()
        }
        return try body(try #require(server.line().flatMap { Int($0) }))
    }

    @Test(
        arguments: [
            ("closes", "closed the connection after 0 of 16 bytes"), ("noise", "does not speak the protocol of Dask"),
            ("silent", "does not answer"), ("drip", "does not speak the protocol of Dask"),
            ("http-html", "does not speak the protocol of Dask"), ("dask-huge", "does not speak the protocol of Dask"),
            ("dask-many-frames", "does not speak the protocol of Dask"),
            ("dask-too-large", "its answer has 41943040 bytes, more than the 33554432 of 'max_answer_bytes'"),
            ("dask-large-greeting", "its answer has 1048576 bytes"),
            ("dask-long-lengths", "the bytes end within a map"),
            ("dask-drip", "it does not answer"), ("dask-lying-frames", "frames are longer than their message"),
            ("dask-truncated", "closed the connection after"), ("dask-deep", "values lie too deep in one another"),
            ("dask-many-values", "there are too many values"), ("dask-no-workers", "it names no workers"),
        ])
    func `a scheduler that is none, or lies, is an error that says what is wrong`(job: String, part: String) throws {
        try with(job) { port in
            let timeout: Duration = ["silent", "dask-drip"].contains(job) ? .milliseconds(300) : .seconds(20)
            var adapter = DaskAdapter(DaskAdapter.Options(host: "127.0.0.1", port: port, timeout: timeout))
            let error = #expect(throws: ResourceError.self) { try adapter.sample(node: "") }
            let text = error?.description ?? ""
            #expect(text.hasPrefix("dask tcp://127.0.0.1:\(port): error: ") && text.contains(part), "\(text)")
        }
    }

    @Test func `a scheduler that is nowhere is an error that names it`() throws {
        var adapter = DaskAdapter(DaskAdapter.Options(host: "127.0.0.1", port: freePort(), timeout: .seconds(20)))
        let error = #expect(throws: ResourceError.self) { try adapter.sample(node: "") }
        #expect(error?.description.contains("Connection refused") == true)
        var nameless = DaskAdapter(DaskAdapter.Options(host: "no-such-host.invalid", timeout: .seconds(20)))
        let second = #expect(throws: ResourceError.self) { try nameless.sample(node: "") }
        #expect(second?.description.contains("no-such-host.invalid cannot be looked up") == true)
    }

    @Test(
        arguments: [
            ("closes", ""), ("noise", ""), ("silent", ""), ("drip", ""), ("http-truncated", ""), ("http-huge", ""),
            ("http-endless", "the answer is longer than 33554432 bytes"), ("http-endless-header", ""),
            ("http-many-values", "it has more than the 4194304 values that 'max_answer_bytes' allows"),
            ("http-deep", "no JSON: "), ("http-html", "no JSON: byte 0"),
            ("http-error", "the server answers with status 500"),
        ])
    func `an aggregator that is none, or lies, is an error that names its address`(job: String, part: String) throws {
        try with(job) { port in
            let timeout: Duration = job == "silent" || job == "drip" ? .milliseconds(200) : .seconds(20)
            let url = "http://127.0.0.1:\(port)"
            var adapter = DragonAdapter(DragonAdapter.Options(url: url, timeout: timeout))
            let error = #expect(throws: ResourceError.self) { try adapter.sample(node: "") }
            let text = error?.description ?? ""
            #expect(text.hasPrefix("\(url)/api/suggest: error: ") && text.contains(part), "\(text)")
        }
    }

    @Test func `a scheduler that dies and comes back on its port is read again, and both is said once`() throws {
        let program = "\(packageFolder)/Tests/Helpers/large_cluster.py"
        func server(_ port: Int) throws -> (ChildProcess, Int) {
            let child = try ChildProcess(python, [program, "3", "\(port)"])
            let numbers = try #require(child.line()).split(separator: " ").compactMap { Int($0) }
            return (child, try #require(numbers.first))
        }
        func end(_ child: ChildProcess) {
            child.kill(9)
            _ = child.end()
        }
        let (first, port) = try server(0)
        var options = ResourceOptions()
        options.adapters = [.dask]
        options.interval = .milliseconds(10)
        options.dask = DaskAdapter.Options(host: "127.0.0.1", port: port, timeout: .seconds(20))
        let recording = Recording(options)
        func health() throws -> AdapterHealth { try #require(recording.plugin.health.first) }
        #expect(eventually { (try? health().polls) ?? 0 > 1 })
        end(first)
        #expect(eventually { recording.troubles == ["dask"] })
        let polls = try health().polls
        let (second, _) = try server(port)
        defer { end(second) }
        #expect(eventually { (try? health().polls) ?? 0 > polls })
        #expect(recording.troubles.isEmpty)
        try recording.end()
    }

    @Test func `with a scheduler that lies and an aggregator that is silent, the machine itself is recorded`() throws {
        try with("dask-huge") { scheduler in
            try with("silent") { aggregator in
                var options = ResourceOptions()
                options.adapters = [.host, .dask, .dragon]
                options.interval = .milliseconds(20)
                options.dask = DaskAdapter.Options(host: "127.0.0.1", port: scheduler)
                options.dragon.url = "http://127.0.0.1:\(aggregator)"
                options.dragon.timeout = .milliseconds(300)
                let recording = Recording(options)
                #expect(eventually { recording.events.count >= 3 && recording.troubles == ["dask", "dragon"] })
                #expect(Set(recording.events.map(\.backend)) == ["host"])
                let dask = try #require(recording.plugin.health.first { $0.name == "dask" })
                #expect(dask.polls == 0 && dask.failures > 0)
                try recording.end()
            }
        }
    }
}
