import Glibc
import OneLoggerCore
import OneLoggerJSONL
import OneLoggerTestSupport
import Testing

/// A small file system of its own, so that it can be full or read-only.
private final class SmallDisk: Sendable {
    let folder = TemporaryFolder()

    init(_ options: String = "size=64k", readOnly: Bool = false) {
        _ = unsafe mount("tmpfs", folder.path, "tmpfs", readOnly ? UInt(MS_RDONLY) : 0, options)
    }

    deinit { _ = unsafe umount2(folder.path, Int32(MNT_DETACH)) }
}

@Suite struct SharedFileTests {
    @Test func `a line that another process is still writing is not cut off by an empty one`() throws {
        let folder = TemporaryFolder(), path = folder("f")
        write("{\"type\":\"other\"", to: path)
        // Somebody who writes slowly, as a process does that the system lets wait.
        let other = unsafe open(path, O_WRONLY | O_APPEND)
        var thread = pthread_t()
        let argument = unsafe UnsafeMutableRawPointer(bitPattern: Int(other))
        unsafe pthread_create(
            &thread, nil,
            { raw in
                let file = Int32(Int(bitPattern: raw))
                for _ in 0..<10 {
                    usleep(1000)
                    _ = unsafe Glibc.write(file, " ", 1)
                }
                _ = unsafe Glibc.write(file, "}\n", 2)
                return nil
            }, argument)
        var exporter = try JSONLExporter(.init(path: path))
        pthread_join(thread, nil)
        _ = close(other)
        try exporter.export(Batch(spans: [.numbered(0)], resource: Resource(pid: 1)))
        try exporter.close()
        #expect(!read(path).contains("\n\n") && read(path).split(separator: "\n").count == 3)
    }
}

@Suite(.enabled(if: geteuid() == 0, "only root may mount a small disk"))
struct DiskFullTests {
    private func batch(_ range: Range<Int>) -> Batch {
        Batch(spans: range.map { .numbered($0) }, resource: Resource(pid: 1))
    }

    @Test(arguments: [400, 7])
    func `a full disk fails the batch, tears no line, and writing goes on when there is room`(size: Int) throws {
        let disk = SmallDisk(), path = disk.folder("f")
        write(String(repeating: "x", count: 20_000), to: disk.folder("filler"))
        var exporter = try JSONLExporter(.init(path: path))

        // when batches come until the disk is full, and one more
        var next = 0, failures = 0, lost = 0
        while failures < 2, next < 10_000 {
            do throws(ExportError) {
                try exporter.export(batch(next..<next + size))
            } catch {
                let reason = "can't be written: No space left on device"
                switch error {
                case .partial(path, let count, reason): lost += count
                default:
                    #expect(error == .unavailable(destination: path, errno: ENOSPC, reason: reason))
                    lost += size
                    failures += 1
                }
            }
            next += size
        }
        #expect(failures == 2)

        // then what is there is whole lines in order
        let text = read(path)
        #expect(text.hasSuffix("}\n"))
        let before = try JSONLReader.contents(ofFile: path)
        #expect(before.problems == [])
        #expect(indices(before) == Array(0..<indices(before).count))
        #expect(indices(before).count == next - lost, "what is in the file does not count as lost")
        #expect(indices(before).count > 40)

        // and with some room the next batch follows, without a gap in the numbers
        remove(disk.folder("filler"))
        try exporter.export(batch(next..<next + 3))
        try exporter.close()
        let after = try JSONLReader.contents(ofFile: path)
        #expect(after.problems == [])
        #expect(indices(after) == indices(before) + Array(next..<next + 3))
        #expect(pythonAccepts(path))
    }

    @Test func `a full disk during rotation loses nothing that was written`() throws {
        let disk = SmallDisk(), path = disk.folder("f")
        var exporter = try JSONLExporter(.init(path: path, maxBytes: 10_000, maxFiles: 100))
        var next = 0, lost = 0, isFull = false
        while !isFull, next < 10_000 {
            do throws(ExportError) {
                try exporter.export(batch(next..<next + 5))
            } catch {
                isFull = true
                if case .partial(_, let count, _) = error { lost = count } else { lost = 5 }
            }
            next += 5
        }
        #expect(isFull)
        var all: [Int] = []
        for number in (0..<20).reversed() {
            let file = number == 0 ? path : "\(path).\(number)"
            guard exists(file) else { continue }
            let contents = try JSONLReader.contents(ofFile: file)
            #expect(contents.problems == [])
            all += indices(contents)
        }
        #expect(all == Array(0..<all.count))
        #expect(all.count == next - lost, "what is in a file does not count as lost")
        try exporter.close()
    }

    @Test func `a read-only folder is a failure at the start`() {
        let disk = SmallDisk(readOnly: true)
        let error = JSONLExporter.run([], .init(path: disk.folder("f")))
        #expect(
            error
                == .unavailable(
                    destination: disk.folder("f"), errno: EROFS, reason: "can't be opened: Read-only file system"))
    }

    @Test func `a folder that is read-only for a while is a failure only so long`() throws {
        let disk = SmallDisk(), path = disk.folder("f")
        var exporter = try JSONLExporter(.init(path: path))
        try exporter.export(batch(0..<1))
        _ = unsafe mount("tmpfs", disk.folder.path, "tmpfs", UInt(MS_RDONLY), "")
        #expect(
            throws: ExportError.unavailable(
                destination: path, errno: EROFS, reason: "can't be opened: Read-only file system")
        ) { try exporter.export(batch(1..<2)) }
        _ = unsafe umount2(disk.folder.path, Int32(MNT_DETACH))
        try exporter.export(batch(2..<3))
        try exporter.close()
        let contents = try JSONLReader.contents(ofFile: path)
        #expect(indices(contents) == [0, 2])
        #expect(contents.problems == [])
    }
}
