import Foundation
import OneLoggerCore
import OneLoggerText
import OneLoggerTestSupport
import Testing

@testable import ResourceTelemetry

private func fixture(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: "\(packageFolder)/Tests/ResourceTelemetryTests/Fixtures/\(name)")))
}

private func json(_ bytes: [UInt8]) throws -> JSONValue {
    var parser = JSONParser(bytes.span)
    return try parser.document()
}

@Suite struct MessagePackTests {
    private func read(_ bytes: [UInt8]) throws -> JSONValue {
        var reader = MessagePackReader(bytes)
        return try reader.value()
    }

    @Test(
        arguments: [
            ([0x7f], .int(127)), ([0xff], .int(-1)), ([0xc0], .null), ([0xc2], .bool(false)), ([0xc3], .bool(true)),
            ([0xcc, 0xff], .int(255)), ([0xcd, 1, 0], .int(256)), ([0xd0, 0x80], .int(-128)),
            ([0xd1, 0xff, 0xfe], .int(-2)),
            ([0xd2, 0xff, 0xff, 0xff, 0xfd], .int(-3)), ([0xcf] + Array(repeating: 255, count: 8), .int(.max)),
            ([0xd3] + Array(repeating: 255, count: 8), .int(-1)), ([0xca, 0x3f, 0x80, 0, 0], .double(1)),
            ([0xcb, 0x40, 0, 0, 0, 0, 0, 0, 0], .double(2)), ([0xa2, 104, 105], .string("hi")),
            ([0xd9, 1, 104], .string("h")), ([0xc4, 1, 104], .string("h")),
            ([0x92, 1, 2], .array([.int(1), .int(2)])),
            ([0xdc, 0, 1, 5], .array([.int(5)])), ([0x81, 0xa1, 97, 1], .object([.init(name: "a", value: .int(1))])),
            ([0xde, 0, 1, 0x92, 1, 2, 3], .object([.init(name: "[1,2]", value: .int(3))])),
            ([0xd4, 1, 104], .string("\u{1}h")), ([0xc7, 1, 1, 104], .string("\u{1}h")),
        ] as [([UInt8], JSONValue)])
    func `every kind of value is read`(bytes: [UInt8], value: JSONValue) throws {
        #expect(try read(bytes) == value)
    }

    @Test(
        arguments: [
            [], [0xc1], [0xa5, 104], [0xcd, 1], [0xdf, 255, 255, 255, 255], [0xdd, 255, 255, 255, 255],
            [0xdb, 255, 255, 255, 255, 1], Array(repeating: 0x91, count: 100),
        ] as [[UInt8]])
    func `bytes that nobody should send are refused`(bytes: [UInt8]) {
        #expect(throws: MessagePackReader.Problem.self) { try read(bytes) }
    }

    @Test func `what is passed over ends where it would end if it were read`() throws {
        let values: [[UInt8]] = [
            [0x7f], [0xff], [0xc0], [0xc3], [0xcc, 1], [0xcd, 1, 2], [0xce, 1, 2, 3, 4],
            [0xcf, 1, 2, 3, 4, 5, 6, 7, 8],
            [0xd0, 1], [0xd1, 1, 2], [0xd2, 1, 2, 3, 4], [0xd3, 1, 2, 3, 4, 5, 6, 7, 8], [0xca, 1, 2, 3, 4],
            [0xcb, 1, 2, 3, 4, 5, 6, 7, 8], [0xa2, 104, 105], [0xd9, 1, 104], [0xda, 0, 1, 104],
            [0xdb, 0, 0, 0, 1, 104],
            [0xc4, 1, 104], [0xc5, 0, 1, 104], [0xc6, 0, 0, 0, 1, 104], [0xd4, 1, 104],
            [0xd8, 1] + Array(repeating: 9, count: 16),
            [0xc7, 1, 1, 104], [0xc8, 0, 1, 1, 104], [0xc9, 0, 0, 0, 1, 1, 104], [0x92, 1, 0x91, 2], [0xdc, 0, 1, 5],
            [0xdd, 0, 0, 0, 1, 5], [0x81, 0xa1, 97, 0x90], [0xde, 0, 1, 0x92, 1, 2, 3], [0xdf, 0, 0, 0, 1, 1, 2],
        ]
        for value in values {
            let bytes: [UInt8] = [0x82, 0xa1, 120] + value + [0xa1, 121, 7]
            var reader = MessagePackReader(bytes, skipping: ["x"])
            #expect(try reader.value() == .object([.init(name: "y", value: .int(7))]), "\(value)")
            for count in 0..<bytes.count {
                var cut = MessagePackReader(Array(bytes[..<count]), skipping: ["x"])
                #expect(throws: MessagePackReader.Problem.self) { try cut.value() }
            }
        }
        // Lists in lists without end, and lengths that no memory holds.
        let bombs: [[UInt8]] = [
            Array(repeating: 0x91, count: 100_000), [0xdd, 255, 255, 255, 255], [0xdf, 255, 255, 255, 255], [0xc1],
        ]
        for bomb in bombs {
            var reader = MessagePackReader([0x81, 0xa1, 120] + bomb, skipping: ["x"])
            #expect(throws: MessagePackReader.Problem.self) { try reader.value() }
        }
    }

    @Test func `no prefix and no changed byte of a real answer stops the program`() throws {
        let bytes = Array(try fixture("dask_wire_identity_reply.bin").dropFirst(24))
        for count in 0..<bytes.count { _ = try? read(Array(bytes[..<count])) }
        for place in bytes.indices {
            var changed = bytes
            changed[place] ^= 0xff
            _ = try? read(changed)
        }
        #expect(try read(bytes)["n_workers"] == .int(2))
    }
}

@Suite struct DaskWorkersTests {
    @Test func `a worker is a node with its own time, and a heartbeat counts once`() throws {
        var workers = DaskWorkers()
        let identity = try json(try fixture("dask_identity_idle.json"))
        let samples = workers.samples(identity, backend: "dask")
        #expect(samples.map(\.node).sorted() == ["127.0.0.1/w1", "127.0.0.1/w2"])
        let second = try #require(samples.first { $0.node.hasSuffix("w2") })
        #expect(second.time == Timestamp(secondsSince1970: 1_795_220_397.922623))
        #expect(second.cpuPercent == 2)
        #expect(second.memoryPercent == 100 * 50_561_024.0 / 1e9)
        #expect(second.diskReadBytes == nil)
        #expect(workers.samples(identity, backend: "dask").isEmpty)
    }

    @Test func `rates become bytes by the time that passed on the worker`() throws {
        var workers = DaskWorkers()
        func identity(time: Double) throws -> JSONValue {
            try json(
                Array(
                    """
                    {"workers":{"tcp://h:1":{"host":"h","name":7,"nthreads":2,"memory_limit":0,"metrics":{"cpu":150.0,
                    "memory":5,"time":\(time),"host_disk_io":{"read_bps":100.0,"write_bps":-3.0},
                    "host_net_io":{"read_bps":10.0,"write_bps":NaN}}}}}
                    """.utf8))
        }
        _ = workers.samples(try identity(time: 1), backend: "dask")
        // A clock that was set makes no bytes; one that was put back begins anew.
        #expect(try #require(workers.samples(try identity(time: 1e9), backend: "dask").first).diskReadBytes == nil)
        #expect(workers.samples(try identity(time: 1000), backend: "dask").isEmpty)
        let sample = try #require(workers.samples(try identity(time: 1002.5), backend: "dask").first)
        #expect(sample.node == "h/7")
        #expect(sample.cpuPercent == 75)
        #expect(sample.memoryPercent == nil)
        #expect(sample.diskReadBytes == 250)
        #expect(sample.diskWriteBytes == 0)
        #expect(sample.netReceivedBytes == 25)
        #expect(sample.netSentBytes == nil)
        #expect(sample.attributes["dask.worker.cpu_cores"] == .double(1.5))
    }
}

@Suite struct DragonAdapterTests {
    /// Answers from captures, and remembers what was asked.
    private func source(_ asked: Asked) throws -> WebSource {
        let suggest = try fixture("dragon_api_suggest.json"), query = try fixture("dragon_api_query_response.json")
        return WebSource { question throws(ResourceError) in
            asked.note(question.url)
            return WebSource.Answer(status: 200, body: question.body == nil ? suggest : query)
        }
    }

    @Test func `the newest figures of each node arrive once, with their own time`() throws {
        let asked = Asked()
        var adapter = DragonAdapter(DragonAdapter.Options(url: "http://d:1/"), web: try source(asked))
        let samples = try adapter.sample(node: "ignored")
        #expect(samples.count == 1)
        let sample = try #require(samples.first)
        #expect(sample.node == "vm")
        #expect(sample.cpuPercent == 100)
        #expect(sample.memoryPercent == 7.8)
        #expect(sample.time == Timestamp(secondsSince1970: 1_795_220_940))
        #expect(sample.attributes["dragon.load_average"] != nil)
        #expect(try adapter.sample(node: "ignored").isEmpty)
        // Paths that end or restart the runtime are never asked.
        #expect(Set(asked.urls) == ["http://d:1/api/suggest", "http://d:1/api/query"])
    }

    @Test func `devices become samples of their own and the busiest is the node's`() throws {
        let answer = """
            [{"metric":"DeviceUtilization","tags":{"host":"a","gpu":"0"},"dps":{"5":10.0}},
             {"metric":"DeviceUtilization","tags":{"host":"a","gpu":1},"dps":{"5":60.0,"4":99.0}},
             {"metric":"DevicePowerUsage","tags":{"host":"a","gpu":1},"dps":{"5":200.0}},
             {"metric":"DeviceMemoryUtilization","tags":{"host":"a","gpu":1},"dps":{"5":33.0}},
             {"metric":"cpu_percent","tags":{"host":"a"},"dps":{"5":12.0}},
             {"metric":"x","tags":{},"dps":{"5":1}},{"metric":"y","tags":{"host":"a"},"dps":{}},7]
            """
        let web = WebSource { question throws(ResourceError) in
            WebSource.Answer(status: 200, body: Array((question.body == nil ? "[\"DeviceUtilization\"]" : answer).utf8))
        }
        var adapter = DragonAdapter(DragonAdapter.Options(), web: web)
        let samples = try adapter.sample(node: "")
        #expect(samples.map(\.gpu) == [nil, 0, 1])
        #expect(samples.map(\.gpuPercent) == [60, 10, 60])
        #expect(samples.last?.attributes == ["gpu.power_watts": .double(200), "gpu.memory_percent": .double(33)])
    }

    @Test func `devices are asked for by their tag, for otherwise the aggregator does not tell them apart`() throws {
        let bodies = Asked()
        let web = WebSource { question throws(ResourceError) in
            guard let body = question.body else {
                return WebSource.Answer(status: 200, body: Array("[\"cpu_percent\",\"DevicePowerUsage\"]".utf8))
            }
            bodies.note(body)
            return WebSource.Answer(status: 200, body: Array("[]".utf8))
        }
        var adapter = DragonAdapter(DragonAdapter.Options(), web: web)
        _ = try adapter.sample(node: "")
        let queries = try #require(try json(Array(bodies.urls[0].utf8))["queries"])
        #expect(
            queries.json
                == #"[{"metric":"cpu_percent"},{"metric":"DevicePowerUsage","filters":[{"type":"wildcard","tagk":"gpu","filter":"*"}]}]"#
        )
    }

    @Test func `nodes whose clocks differ by hours, or that lie about the time, are each told once`() throws {
        let answer = """
            [{"metric":"cpu_percent","tags":{"host":"late"},"dps":{"1000":10}},
             {"metric":"cpu_percent","tags":{"host":"early"},"dps":{"90000":20}},
             {"metric":"cpu_percent","tags":{"host":"liar"},"dps":{"9223372036854775807":1e300,"-9223372036854775808":1}}]
            """
        let web = WebSource { question throws(ResourceError) in
            WebSource.Answer(status: 200, body: Array((question.body == nil ? "[\"cpu_percent\"]" : answer).utf8))
        }
        var adapter = DragonAdapter(DragonAdapter.Options(), web: web)
        #expect(try adapter.sample(node: "").map(\.node) == ["early", "late", "liar"])
        for _ in 0..<3 { #expect(try adapter.sample(node: "").isEmpty) }
    }

    @Test func `names without end are cut between characters, odd ones are kept`() throws {
        let long = String(repeating: "ä", count: 5000), odd = "a\u{0}\n\"\u{202e}"
        #expect(cutName(long) == String(repeating: "ä", count: 128))
        #expect(cutName("x" + long).utf8.count == 255)
        #expect(cutName(odd) == odd)
        var workers = DaskWorkers()
        let worker = #"{"host":"\#(long)","name":"\#(long)","metrics":{"time":1}}"#
        let samples = workers.samples(try json(Array(#"{"workers":{"\#(long)":\#(worker)}}"#.utf8)), backend: "dask")
        #expect(samples.first.map { $0.node.utf8.count } == 256)
    }

    @Test(arguments: ["<html>", "{}", "{\"a\":", "", "[1"])
    func `an answer that is something else is an error that names the address`(text: String) {
        let web = WebSource { _ throws(ResourceError) in WebSource.Answer(status: 200, body: Array(text.utf8)) }
        var adapter = DragonAdapter(DragonAdapter.Options(), web: web)
        let error = #expect(throws: ResourceError.self) { try adapter.sample(node: "") }
        #expect(error?.description.contains("http://127.0.0.1:4242/api/suggest") == true)
    }
}

/// What was asked, from any thread.
private final class Asked: @unchecked Sendable {
    // Guarded by the lock: that is why it is `Sendable`.
    private let lock = NSLock()
    private var all: [String] = []
    func note(_ url: String) { lock.withLock { all.append(url) } }
    var urls: [String] { lock.withLock { all } }
}
