import Glibc
import OneLoggerCore
import OneLoggerJSONL
import OneLoggerTestSupport
import Testing

@Suite struct JSONLExporterTests {
    private func batch(_ range: Range<Int>, resource: Resource = Resource(pid: 1)) -> Batch {
        Batch(spans: range.map { .numbered($0) }, resource: resource)
    }

    @Test func `a file begins with a header that names the resource`() throws {
        let folder = TemporaryFolder()
        let resource = Resource(
            serviceName: "s", host: "h", pid: 7, rank: 3, localRank: 1, worldSize: 8, sessionTag: "t",
            customMetadata: ["team": "x"])
        #expect(JSONLExporter.run([batch(0..<2, resource: resource)], .init(path: folder("f"))) == nil)

        var reader = try JSONLReader(path: folder("f"))
        let first = try #require(try reader.next())
        guard case .header(let header) = first.content else {
            Issue.record("no header")
            return
        }
        #expect(header.resource == resource)
        #expect(header.version == 1)
        #expect(header.time.nanoseconds > 1_600_000_000_000_000_000)
        #expect([first.count, first.pid] == [1, 7])
        #expect(try reader.next()?.count == 2)
        #expect(try reader.next()?.count == 3)
        #expect(try reader.next() == nil)
    }

    @Test func `the numbers of the lines go on from batch to batch`() throws {
        let folder = TemporaryFolder()
        #expect(JSONLExporter.run([batch(0..<3), batch(3..<5), batch(5..<6)], .init(path: folder("f"))) == nil)
        let counts = read(folder("f")).split(separator: "\n").map {
            $0.suffix(18).split(separator: ":").dropFirst().first
        }
        #expect(counts.map { $0?.prefix { $0.isNumber } } == ["1", "2", "3", "4", "5", "6", "7"])
        #expect(indices(try JSONLReader.contents(ofFile: folder("f"))) == Array(0..<6))
    }

    @Test func `placeholders in the path are filled in and folders are made`() {
        let folder = TemporaryFolder()
        let resource = Resource(pid: 42, rank: 3, sessionTag: "a/b")
        let options = JSONLExporter.Options(path: folder("new/{session}/{rank}-{pid}.jsonl"))
        #expect(JSONLExporter.run([batch(0..<1)], options, ExporterContext(resource: resource)) == nil)
        #expect(exists(folder("new/a_b/3-42.jsonl")))
    }

    @Test func `append keeps what is there, truncate does not, and reopening never truncates`() throws {
        let folder = TemporaryFolder(), path = folder("f")
        func add(_ range: Range<Int>, _ mode: JSONLExporter.Mode, reopening: Bool = false) throws -> [Int] {
            let context = ExporterContext(isReopening: reopening)
            #expect(JSONLExporter.run([batch(range)], .init(path: path, mode: mode), context) == nil)
            let contents = try JSONLReader.contents(ofFile: path)
            #expect(contents.problems == [])
            return indices(contents)
        }
        #expect(try add(0..<2, .append) == [0, 1])
        #expect(try add(2..<3, .append) == [0, 1, 2])
        #expect(try add(3..<4, .truncate) == [3])
        #expect(try add(4..<5, .truncate, reopening: true) == [3, 4])
    }

    @Test func `a new file has the mode that was asked for`() {
        let folder = TemporaryFolder()
        let before = umask(0)
        defer { umask(before) }
        #expect(JSONLExporter.run([], .init(path: folder("f"), fileMode: 0o640)) == nil)
        var status = stat()
        _ = unsafe stat(folder("f"), &status)
        #expect(status.st_mode & 0o777 == 0o640)
    }

    @Test func `a line that a killed writer left unfinished stays alone`() throws {
        let folder = TemporaryFolder()
        write("{\"type\":\"complete\",\"id\":\"00", to: folder("f"))
        #expect(JSONLExporter.run([batch(0..<2)], .init(path: folder("f"))) == nil)
        let contents = try JSONLReader.contents(ofFile: folder("f"))
        #expect(indices(contents) == [0, 1])
        #expect(contents.problems.map(\.line) == [1])
        #expect(contents.headers.count == 1)
    }

    @Test(arguments: ["file", "folder", "replaced", "emptied"])
    func `a file that is taken away is begun anew with the next batch`(what: String) throws {
        let folder = TemporaryFolder(), path = folder("sub/f")
        var exporter = try JSONLExporter(.init(path: path))
        try exporter.export(batch(0..<3))
        switch what {
        case "file": remove(path)
        case "folder": _ = run(["rm", "-r", folder("sub")])
        case "replaced":
            remove(path)
            write("{\"type\":\"other\"}\n", to: path)
        default: write("", to: path)
        }
        try exporter.export(batch(3..<5))
        try exporter.close()

        let contents = try JSONLReader.contents(ofFile: path)
        #expect(indices(contents) == [3, 4])
        #expect(contents.headers.count == 1)
        #expect(contents.problems == [])
        #expect(contents.unknown == (what == "replaced" ? ["other": 1] : [:]))
    }

    @Test func `a file that cannot be begun anew is a failure, until it can`() throws {
        let folder = TemporaryFolder(), path = folder("sub/f")
        var exporter = try JSONLExporter(.init(path: path))
        try exporter.export(batch(0..<1))

        // given a file where the folder was
        _ = run(["rm", "-r", folder("sub")])
        write("", to: folder("sub"))
        for _ in 0..<2 {
            #expect(
                throws: ExportError.unavailable(
                    destination: path, errno: ENOTDIR, reason: "can't be opened: Not a directory")
            ) {
                try exporter.export(batch(1..<2))
            }
        }

        // when the folder can be made again
        remove(folder("sub"))
        try exporter.export(batch(2..<3))
        try exporter.close()
        #expect(indices(try JSONLReader.contents(ofFile: path)) == [2])
    }

    @Test func `a device that is full fails with the system's number, each time`() throws {
        var exporter = try JSONLExporter(.init(path: "/dev/full"))
        for _ in 0..<2 {
            #expect(
                throws: ExportError.unavailable(
                    destination: "/dev/full", errno: ENOSPC, reason: "can't be written: No space left on device")
            ) { try exporter.export(batch(0..<1)) }
        }
        try exporter.close()
    }

    @Test func `what cannot be opened says why`() {
        let folder = TemporaryFolder()
        #expect(
            JSONLExporter.run([], .init(path: folder.path))?.description.hasSuffix("Is a directory (errno 21).") == true
        )
        _ = unsafe mkfifo(folder("fifo"), 0o600)
        #expect(JSONLExporter.run([], .init(path: folder("fifo"))) != nil, "opening it would wait for a reader")
        write("", to: folder("plain"))
        #expect(JSONLExporter.run([], .init(path: folder("plain/f")))?.description.contains("Not a directory") == true)
    }

    @Test func `syncing follows its interval`() throws {
        let folder = TemporaryFolder()
        func syncs(_ interval: Duration?) throws -> [Int] {
            var exporter = try JSONLExporter(.init(path: folder("f"), syncInterval: interval))
            try exporter.export(batch(0..<1))
            try exporter.export(batch(1..<2))
            let exported = exporter.syncCount
            try exporter.flush()
            try exporter.flush()
            return [exported, exporter.syncCount]
        }
        #expect(try syncs(nil) == [0, 0])
        #expect(try syncs(.zero) == [2, 2])
        #expect(try syncs(.seconds(3600)) == [0, 1])
    }

    @Test func `nothing is written for an empty batch`() throws {
        let folder = TemporaryFolder()
        #expect(JSONLExporter.run([Batch()], .init(path: folder("f"))) == nil)
        #expect(read(folder("f")) == "")
    }

    @Test func `another process gets a header of its own`() throws {
        let folder = TemporaryFolder()
        let batches = [batch(0..<2), batch(2..<4, resource: Resource(pid: 2))]
        #expect(JSONLExporter.run(batches, .init(path: folder("f"))) == nil)
        let contents = try JSONLReader.contents(ofFile: folder("f"))
        #expect(contents.headers.map(\.resource.pid) == [1, 2])
        #expect(contents.problems == [])
    }

    @Test func `a batch of several megabytes is whole and in order`() throws {
        let folder = TemporaryFolder()
        var spans = (0..<400).map { SpanRecord.numbered($0) }
        for place in spans.indices {
            spans[place].attributes["text"] = .string(String(repeating: "\u{1}", count: 3000))
        }
        #expect(JSONLExporter.run([Batch(spans: spans)], .init(path: folder("f"))) == nil)
        #expect(indices(try JSONLReader.contents(ofFile: folder("f"))) == Array(0..<400))
    }
}
