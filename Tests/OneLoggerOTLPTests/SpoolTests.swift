import Foundation
import OneLoggerCore
import OneLoggerOTLP
import OneLoggerTestSupport
import Testing

/// What waits on disk while the server is away.
@Suite(.timeLimit(.minutes(15))) struct SpoolTests {
    typealias WireProtocol = OTLPExporter.WireProtocol
    private let folder = TemporaryFolder()

    /// A probe whose server is away, and the same with the server there.
    private func probes(_ wireProtocol: WireProtocol = .httpProtobuf, maxBytes: Int = 1 << 20) throws -> (
        away: Probe, there: Probe
    ) {
        var there = try Probe(wireProtocol)
        there.options.spool = .init(directory: folder("spool"))
        there.options.spool?.maxBytes = maxBytes
        var away = there
        let port = freePort()
        away.change {
            $0.url = $0.url.replacingOccurrences(of: ":\(there.receiver.port(wireProtocol))/", with: ":\(port)/")
        }
        return (away, there)
    }

    private var files: [String] {
        let all = FileManager.default.enumerator(atPath: folder("spool"))?.compactMap { $0 as? String } ?? []
        return all.filter { $0.hasSuffix("traces") }.sorted()
    }

    @Test(arguments: WireProtocol.allCases)
    func `what could not be sent is sent by the next process, oldest first, before what is new`(
        wireProtocol: WireProtocol
    ) throws {
        let (away, there) = try probes(wireProtocol)
        #expect(away.run(spans(0..<3), spans(3..<5), spans(5..<6)) == [nil, nil, nil], "kept is not lost")
        #expect(files.count == 3)
        #expect(there.run(spans(6..<7)) == [nil])
        #expect(there.receiver.names(there.id, count: 7) == names(0..<7))
        #expect(files == [])
        #expect(FileManager.default.subpaths(atPath: folder("spool")) == [], "nothing is left behind")
    }

    @Test func `what could not be sent is sent by the same process when the server is back`() throws {
        let first = try Receiver()
        var probe = try Probe(receiver: first)
        probe.options.spool = .init(directory: folder("spool"))
        first.stop()
        var exporter = try OTLPExporter(probe.options, ExporterContext())
        for number in 0..<5 { try exporter.export(spans(number..<number + 1)) }
        #expect(files.count == 5)
        let second = try Receiver(http: first.http, grpc: first.grpc)
        defer { second.stop() }
        let limit = ContinuousClock.now + .patience
        while !files.isEmpty, ContinuousClock.now < limit { try exporter.flush() }
        try exporter.export(spans(5..<6))
        try exporter.close()
        #expect(second.names(probe.id, count: 6) == names(0..<6))
    }

    @Test func `damaged files are skipped and counted, and the others are sent`() throws {
        let (away, there) = try probes()
        #expect(away.run(spans(0..<1), spans(1..<2), spans(2..<3), spans(3..<4)) == [nil, nil, nil, nil])
        // given: one file is cut off, one has a flipped bit, one is nonsense
        let paths = files.map { folder("spool/\($0)") }
        try #require(paths.count == 4)
        var bytes = try Data(contentsOf: URL(fileURLWithPath: paths[0]))
        try bytes.dropLast(3).write(to: URL(fileURLWithPath: paths[0]))
        bytes = try Data(contentsOf: URL(fileURLWithPath: paths[1]))
        bytes[30] ^= 1
        try bytes.write(to: URL(fileURLWithPath: paths[1]))
        try Data("nonsense".utf8).write(to: URL(fileURLWithPath: paths[3]))
        // when
        let errors = there.run(spans(4..<5))
        // then
        #expect(errors.count == 1 && errors[0]?.lost == 0, "another process had recorded them")
        #expect(errors[0]?.description.contains("damaged") == true, "\(errors)")
        #expect(there.receiver.names(there.id, count: 2) == ["span 2", "span 4"])
        #expect(files == [])
    }

    @Test func `what is no file is not read, and a file beyond the bound neither`() throws {
        let (away, there) = try probes()
        #expect(away.run(spans(0..<1), spans(1..<2)) == [nil, nil])
        let owner = try #require(files.first).split(separator: "/")[0]
        let pipe = folder("spool/\(owner)/00000000000000000000-1-000000000.traces")
        let made = unsafe mkfifo(pipe, 0o600)
        let large = folder("spool/\(owner)/00000000000000000001-1-000000000.traces")
        try Data().write(to: URL(fileURLWithPath: large))
        let cut = unsafe truncate(large, 1 << 40)
        #expect(made == 0 && cut == 0)
        let errors = there.run(spans(2..<3))
        #expect(errors.count == 1 && errors[0]?.description.contains("damaged") == true, "\(errors)")
        #expect(there.receiver.names(there.id, count: 3) == names(0..<3))
        #expect(files == [])
    }

    @Test func `a folder that somebody removes is made again, and what was in it counts as lost`() throws {
        let (away, there) = try probes()
        var exporter = try OTLPExporter(away.options, ExporterContext())
        try exporter.export(spans(0..<2))
        try FileManager.default.removeItem(atPath: folder("spool"))
        // Whoever wants to send the old file finds it missing, and says so once.
        var lost = 0
        for number in 2..<6 {
            do throws(ExportError) { try exporter.export(spans(number..<number + 1)) } catch {
                lost += error.lost ?? 99
            }
        }
        let limit = ContinuousClock.now + .patience
        while lost == 0, ContinuousClock.now < limit {
            do throws(ExportError) { try exporter.flush() } catch { lost += error.lost ?? 99 }
        }
        #expect(lost == 2 && files.count == 4)
        try exporter.close()
        #expect(there.run(spans(6..<7)) == [nil])
        #expect(there.receiver.names(there.id, count: 5) == names(2..<7))
    }

    @Test func `a full spool drops its oldest messages and counts them`() throws {
        let (away, there) = try probes(maxBytes: 70_000)
        var exporter = try OTLPExporter(away.options, ExporterContext())
        var lost = 0
        for number in 0..<20 {
            do throws(ExportError) {
                try exporter.export(spans(number * 100..<(number + 1) * 100))
            } catch {
                #expect(error.description.contains("the spool is full"), "\(error)")
                lost += error.lost ?? -1_000_000
            }
        }
        try exporter.close()
        #expect(lost > 0 && lost % 100 == 0 && lost < 2000)
        let kept = files.reduce(0) { sum, name in
            sum + ((try? FileManager.default.attributesOfItem(atPath: folder("spool/\(name)")))?[.size] as? Int ?? 0)
        }
        #expect(kept > 0 && kept <= 70_000)
        #expect(there.run(spans(2000..<2001)) == [nil])
        #expect(there.receiver.names(there.id, count: 2001 - lost) == names(lost..<2001))
    }

    @Test func `two exporters with one folder send everything once, each its own`() throws {
        let (away, there) = try probes()
        var a = try OTLPExporter(away.options, ExporterContext()), b = try OTLPExporter(away.options, ExporterContext())
        for number in 0..<10 {
            try a.export(spans(number..<number + 1))
            try b.export(spans(100 + number..<101 + number))
        }
        #expect(files.count == 20)
        // A third one that starts meanwhile takes nothing from those that live.
        #expect(there.run(spans(50..<51)) == [nil])
        #expect(there.receiver.names(there.id, count: 1) == names(50..<51) && files.count == 20)
        try a.close()
        try b.close()
        #expect(there.run(spans(51..<52)) == [nil])
        let found = there.receiver.names(there.id, count: 22)
        #expect(found.sorted() == (names(0..<10) + names(100..<110) + names(50..<52)).sorted())
    }

    @Test func `a message that the server refuses does not block those behind it`() throws {
        let (away, there) = try probes()
        #expect(away.run(spans(0..<1), spans(1..<2)) == [nil, nil])
        var refusing = there
        refusing.change { $0.headers["x-script"] = #"[{"status":400}]"# }
        let errors = refusing.run(spans(2..<3))
        #expect(errors.count == 1 && errors[0]?.lost == 0)
        #expect(there.receiver.names(there.id, count: 3) == names(0..<3) && files == [])
    }

    @Test func `a folder that cannot be made is said, with the reason`() throws {
        var (_, there) = try probes()
        there.options.spool = .init(directory: "/proc/nowhere/spool")
        let error = try #require(there.run(spans(0..<1)).first ?? nil)
        #expect(error.isUnavailable && error.description.contains("/proc/nowhere/spool: error: no spool"))
    }

    @Test func `files are for their owner only`() throws {
        let (away, _) = try probes()
        #expect(away.run(spans(0..<1)) == [nil])
        let path = folder("spool/\(try #require(files.first))")
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    @Test func `a shutdown with a black hole keeps everything on disk`() throws {
        let hole = try Listener()
        var (away, there) = try probes()
        away.change {
            $0.url = "http://127.0.0.1:\(hole.port)/v1/traces"
            $0.timeout = .seconds(600)
        }
        let notice = ShutdownNotice()
        notice.give(until: .now + .milliseconds(400))
        #expect(away.run(spans(0..<1), spans(1..<2), context: ExporterContext(shutdown: notice)) == [nil, nil])
        #expect(files.count == 2)
        #expect(there.run(spans(2..<3)) == [nil])
        #expect(there.receiver.names(there.id, count: 3) == names(0..<3))
    }
}
