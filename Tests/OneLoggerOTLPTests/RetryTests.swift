import OneLoggerCore
import OneLoggerOTLP
import OneLoggerTestSupport
import Testing

#if canImport(Glibc)
import Glibc
#endif

/// What is sent again, and when.
@Suite(.timeLimit(.minutes(15))) struct RetryTests {
    typealias WireProtocol = OTLPExporter.WireProtocol

    @Test(arguments: [429, 502, 503, 504])
    func `a status that will pass is tried again until it does`(status: Int) throws {
        let probe = try Probe(script: #"[{"status":\#(status)},{"status":\#(status)}]"#)
        #expect(probe.run(spans(0..<2)) == [nil])
        #expect(probe.got { $0.count >= 3 }.map(\.names) == [names(0..<2), names(0..<2), names(0..<2)])
    }

    @Test(arguments: [400, 401, 403, 408, 409, 422, 500, 501, 505, 301])
    func `any other status is final for its batch, and the next batch is tried`(status: Int) throws {
        let probe = try Probe(
            script: #"[{"status":\#(status),"type":"application/json","body":"{\"message\":\"no way\"}"}]"#)
        let errors = probe.run(spans(0..<2), spans(2..<3))
        #expect(errors.count == 2 && errors[0]?.isRejected == true && errors[1] == nil)
        #expect(errors[0]?.description.contains("answers \(status)") == true)
        if status != 301 { #expect(errors[0]?.description.contains("no way") == true) }
        #expect(probe.got { $0.count >= 2 }.count == 2)
    }

    @Test(arguments: ["CANCELLED", "DEADLINE_EXCEEDED", "ABORTED", "OUT_OF_RANGE", "UNAVAILABLE", "DATA_LOSS"])
    func `a code of gRPC that will pass is tried again until it does`(code: String) throws {
        let probe = try Probe(.grpc, script: #"[{"code":"\#(code)"},{"code":"\#(code)"}]"#)
        #expect(probe.run(spans(0..<2)) == [nil])
        #expect(probe.got { $0.count >= 3 }.count == 3)
    }

    @Test(arguments: [
        "UNKNOWN", "INVALID_ARGUMENT", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "FAILED_PRECONDITION",
        "INTERNAL", "UNAUTHENTICATED", "RESOURCE_EXHAUSTED",
    ])
    func `any other code of gRPC is final for its batch, and the next batch is tried`(code: String) throws {
        let probe = try Probe(.grpc, script: #"[{"code":"\#(code)","message":"50% — no"}]"#)
        let errors = probe.run(spans(0..<2), spans(2..<3))
        #expect(errors.count == 2 && errors[0]?.isRejected == true && errors[1] == nil)
        #expect(errors[0]?.description.contains("\(code): \"50% — no\"") == true)
        #expect(probe.got { $0.count >= 2 }.count == 2)
    }

    @Test func `exhausted resources are tried again when the server says after how long`() throws {
        let probe = try Probe(.grpc, script: #"[{"code":"RESOURCE_EXHAUSTED","retry_info_s":0.3}]"#)
        #expect(probe.run(spans(0..<2)) == [nil])
        let requests = probe.got { $0.count >= 2 }
        #expect(requests.count == 2 && requests[1].at - requests[0].at >= 0.3)
    }

    @Test func `the wait that a server of gRPC asks for is obeyed, also by the next batch`() throws {
        var probe = try Probe(.grpc, script: #"[{"code":"UNAVAILABLE","retry_info_s":3}]"#)
        probe.options.retry.total = .zero
        var exporter = try OTLPExporter(probe.options, ExporterContext())
        #expect(throws: ExportError.self) { try exporter.export(spans(0..<1)) }
        #expect(throws: ExportError.self, "it asked to wait") { try exporter.export(spans(1..<2)) }
        #expect(probe.got { !$0.isEmpty }.count == 1)
        #expect(eventually { (try? exporter.export(spans(2..<3))) != nil })
        let requests = probe.got { $0.count >= 2 }
        #expect(requests.count == 2 && requests[1].names == names(2..<3) && requests[1].at - requests[0].at >= 3)
        try exporter.close()
    }

    @Test func `Retry-After is obeyed as a number of seconds and as a date`() throws {
        let probe = try Probe(script: #"[{"status":429,"headers":{"Retry-After":"1"}}]"#)
        #expect(probe.run(spans(0..<1)) == [nil])
        let requests = probe.got { $0.count >= 2 }
        #expect(requests.count == 2 && requests[1].at - requests[0].at >= 0.9)
        // A date is obeyed when nothing is sent before it, however late the first answer comes.
        var moment = time(nil) + 2
        var parts = unsafe tm()
        unsafe gmtime_r(&moment, &parts)
        var text = [CChar](repeating: 0, count: 64)
        unsafe strftime(&text, text.count, "%a, %d %b %Y %H:%M:%S GMT", &parts)
        let date = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        let dated = try Probe(script: #"[{"status":429,"headers":{"Retry-After":"\#(date)"}}]"#)
        #expect(dated.run(spans(0..<1)) == [nil])
        #expect(time(nil) >= moment, "\(date)")
        #expect(dated.got { $0.count >= 2 }.count == 2)
    }

    @Test func `a wait beyond the total time gives up at once`() throws {
        let probe = try Probe(script: #"[{"status":503,"headers":{"Retry-After":"3600"}}]"#)
        let errors = probe.run(spans(0..<1))
        #expect(errors.count == 1 && errors[0]?.isUnavailable == true)
        #expect(probe.got { !$0.isEmpty }.count == 1)
    }

    @Test func `waits become longer, and the total time is bounded`() throws {
        var probe = try Probe(always: #"{"status":503}"#)
        probe.options.retry.initial = .milliseconds(20)
        probe.options.retry.max = .milliseconds(80)
        probe.options.retry.total = .seconds(2)
        let errors = probe.run(spans(0..<1))
        #expect(errors.count == 1 && errors[0]?.isUnavailable == true)
        let times = probe.got { $0.count >= 5 }.map(\.at)
        let waits = zip(times, times.dropFirst()).map { $1 - $0 }
        // Each is at least half of what it would be without chance.
        #expect(waits.count >= 4 && waits[0] >= 0.01 && waits[1] >= 0.02)
        #expect(waits.dropFirst(2).allSatisfy { $0 >= 0.04 })
        #expect(times.count <= 52)
    }

    @Test(arguments: WireProtocol.allCases)
    func `a dropped connection is made again and the batch sent again`(wireProtocol: WireProtocol) throws {
        // given: a receiver that dies after the first batch and comes back on its ports
        let first = try Receiver()
        let probe = try Probe(wireProtocol, receiver: first)
        var exporter = try OTLPExporter(probe.options, ExporterContext())
        try exporter.export(spans(0..<1))
        first.stop()
        // when
        let second = try Receiver(http: first.http, grpc: first.grpc)
        defer { second.stop() }
        try exporter.export(spans(1..<2))
        try exporter.export(spans(2..<3))
        try exporter.close()
        // then
        #expect(second.names(probe.id, count: 2) == names(1..<3))
    }

    @Test func `a connection that ends before its answer, or within it, is made again`() throws {
        for script in [#"[{"drop":true}]"#, #"[{"missing":10,"body":"abc"}]"#] {
            let probe = try Probe(script: script)
            #expect(probe.run(spans(0..<2)) == [nil])
            #expect(probe.got { $0.count >= 2 }.count == 2, "\(script)")
        }
    }

    @Test(arguments: WireProtocol.allCases)
    func `a server that is too slow is tried again`(wireProtocol: WireProtocol) throws {
        var probe = try Probe(wireProtocol, script: #"[{"delay_s":20}]"#)
        probe.change { $0.timeout = .seconds(2) }
        #expect(probe.run(spans(0..<2)) == [nil])
        #expect(probe.got { $0.count >= 2 }.count == 2)
    }

    @Test func `nobody at the address is an error that names it and the reason`() throws {
        var probe = try Probe(port: freePort())
        probe.options.retry.total = .milliseconds(50)
        let error = try #require(probe.run(spans(0..<1)).first ?? nil)
        #expect(error.isUnavailable && error.description.contains("/v1/traces: error: "))
        #expect(error.description.contains("refused") || error.description.contains("connect"))
    }

    @Test func `a connection that is not made in time is given up`() throws {
        // given: a listener that takes no more connections, so that the next one hangs
        let full = try Listener(backlog: 0)
        let waiting = (0..<4).map { _ in full.connect() }
        defer { waiting.forEach { _ = close($0) } }
        var probe = try Probe(port: full.port)
        probe.options.retry.total = .zero
        probe.change {
            $0.connectTimeout = .milliseconds(200)
            $0.timeout = .seconds(600)
        }
        let error = try #require(probe.run(spans(0..<1)).first ?? nil)
        #expect(error.isUnavailable && error.description.lowercased().contains("time"), "\(error)")
    }

    @Test func `a kind that keeps failing does not keep the others waiting`() throws {
        let healthy = try Probe()
        var options = healthy.options
        options.logs?.headers = ["x-test": "\(healthy.id)-logs", "x-always": #"{"status":503}"#]
        // Long enough for any answer, as it also bounds how long one is waited for.
        options.retry.total = .seconds(3)
        options.retry.max = .milliseconds(500)
        var exporter = try OTLPExporter(options, ExporterContext())
        var errors: [ExportError] = []
        for _ in 0..<4 {
            do throws(ExportError) { try exporter.export(everyKind()) } catch { errors.append(error) }
        }
        try exporter.close()
        #expect(errors.map(\.lost) == [1, 1, 1, 1])
        let others = healthy.got { $0.count >= 8 }
        let traces = others.filter { $0.signal == "traces" }.map(\.at)
        try #require(others.count == 8 && traces.count == 4)
        // Several attempts for the first batch, and one for each of the others, after what gets through.
        let logs = healthy.receiver.got("\(healthy.id)-logs") { ($0.last?.at ?? 0) > traces[3] }.map(\.at)
        let perBatch = zip([0] + traces[1...], traces[1...] + [.infinity]).map { from, to in
            logs.count { from < $0 && $0 < to }
        }
        #expect(perBatch[0] > 1 && perBatch[1...] == [1, 1, 1])
    }
}

/// Ports that nobody listens on; all are held until all are known, so that they differ.
func freePorts(_ count: Int) throws -> [Int] { try (0..<count).map { _ in try Listener() }.map(\.port) }

/// A socket that listens and never answers: a black hole.
final class Listener: Sendable {
    let port: Int
    private let socket: Int32

    init(backlog: Int32 = 16) throws {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        _ = fcntl(socket, F_SETFD, FD_CLOEXEC)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let file = socket
        port = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe bind(file, address, size)
                listen(file, backlog)
                unsafe getsockname(file, address, &size)
            }
            return Int(unsafe UInt16(bigEndian: pointer.pointee.sin_port))
        }
        try #require(port > 0)
    }

    /// Begins a connection without waiting for it; its file.
    func connect() -> Int32 {
        let file = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        _ = fcntl(file, F_SETFD, FD_CLOEXEC)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        address.sin_port = UInt16(port).bigEndian
        unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                _ = unsafe Glibc.connect(file, address, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        return file
    }

    deinit { close(socket) }
}
