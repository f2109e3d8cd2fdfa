import Foundation
import OneLogger
import OneLoggerPrometheus
import OneLoggerTestSupport
import Synchronization
import Testing

@Suite struct FileProblemTests {
    private let folder = TemporaryFolder()

    private func problem(_ body: () throws(ExportError) -> Void) -> String? {
        do throws(ExportError) { try body() } catch { return error.description }
        return nil
    }

    private func opening(_ path: String) -> String? {
        problem { () throws(ExportError) in _ = try PrometheusExporter(.init(path: path)) }
    }

    @Test func `what cannot be a file says so when it is opened`() {
        folder.write("", to: "plain")
        #expect(opening(folder.path) == "\(folder.path): error: is a directory, not a file: Is a directory (errno 21).")
        #expect(opening("/dev/null") == "/dev/null: error: is not a regular file.")
        #expect(
            opening(folder("plain/m.prom"))?.hasSuffix("can't be written in its directory: Not a directory (errno 20).")
                == true)
        #expect(opening("/proc/m.prom")?.hasPrefix("/proc/m.prom: error: ") ?? true, "root may think that it can")
    }

    @Test func `health sees a file that cannot be written, and works again when it can`() throws {
        let path = folder("sub/m.prom")
        folder.write("", to: "sub")
        var options = RecorderOptions()
        options.filter = .summarise(["step"])
        let slot = ExporterSlot(name: "prometheus") { (context: ExporterContext) throws(ExportError) in
            try PrometheusExporter(.init(path: path), context)
        }
        let recorder = Recorder(options, exporters: [slot])
        recorder.timedSpan("other") { _ in }
        try recorder.flush(timeout: .patience)
        #expect(recorder.health.exporters[0].lastError?.description.contains("Not a directory") == true)
        #expect(recorder.health.exporters[0].lost > 0)
        try FileManager.default.removeItem(atPath: folder("sub"))
        recorder.timedSpan("step") { _ in }
        try recorder.shutdown(timeout: .patience)
        #expect(folder.text("sub/m.prom").contains("span_duration_seconds_count"))
        #expect(folder.text("sub/m.prom").contains("\nonelogger_data_complete 0\n"), "the loss is told")
    }

    @Test func `a folder that is taken away is made again`() throws {
        var exporter = try PrometheusExporter(.init(path: folder("sub/m.prom")))
        try exporter.export(Batch(metrics: [.gauge("a", 1)]))
        try FileManager.default.removeItem(atPath: folder("sub"))
        try exporter.export(Batch(metrics: [.gauge("a", 2)]))
        #expect(folder.text("sub/m.prom").samples == ["a 2"])
        try exporter.close()
    }

    @Test func `what lies at the temporary name is not written through`() throws {
        folder.write("precious", to: "precious")
        try FileManager.default.createSymbolicLink(
            atPath: folder("m.prom.0.tmp"), withDestinationPath: folder("precious"))
        var exporter = try PrometheusExporter(.init(path: folder("m.prom")))
        try exporter.flush()
        #expect(folder.text("precious") == "precious")
        #expect(folder.names == ["m.prom", "precious"])
        try exporter.close()
    }

    @Test(.enabled(if: geteuid() == 0, "only root may mount"))
    func `a full disk and one that is read-only leave the last file whole`() throws {
        let mount = folder("mount")
        try FileManager.default.createDirectory(atPath: mount, withIntermediateDirectories: false)
        try #require(unsafe Glibc.mount("tmpfs", mount, "tmpfs", 0, "size=64k") == 0)
        defer { unsafe umount2(mount, Int32(MNT_DETACH)) }

        var exporter = try PrometheusExporter(.init(path: "\(mount)/m.prom"))
        try exporter.export(Batch(metrics: [.gauge("a", 1)]))
        let before = folder.text("mount/m.prom")
        let many = (0..<6000).map { MetricPoint.gauge("a", 2, ["number": .int($0)]) }
        for _ in 0..<2 {
            let said = problem { () throws(ExportError) in try exporter.export(Batch(metrics: many)) }
            #expect(said == "\(mount)/m.prom: error: can't be written: No space left on device (errno 28).")
            #expect(folder.text("mount/m.prom") == before)
            #expect(try FileManager.default.contentsOfDirectory(atPath: mount) == ["m.prom"])
        }

        try #require(unsafe Glibc.mount("tmpfs", mount, "tmpfs", UInt(MS_REMOUNT | MS_RDONLY), "") == 0)
        let said = problem { () throws(ExportError) in try exporter.flush() }
        #expect(said == "\(mount)/m.prom: error: can't be written: Read-only file system (errno 30).")
        #expect(folder.text("mount/m.prom") == before)
        #expect(
            opening("\(mount)/n.prom")?.hasSuffix(
                "can't be written in its directory: Read-only file system (errno 30).") == true)

        try #require(unsafe Glibc.mount("tmpfs", mount, "tmpfs", UInt(MS_REMOUNT), "size=4m") == 0)
        try exporter.close()
        #expect(folder.text("mount/m.prom").samples.count == 6001, "nothing was forgotten meanwhile")
    }

    @Test func `a reader that looks 10,000 times while the file is written never sees a part of it`() throws {
        let path = folder("m.prom")
        var exporter = try PrometheusExporter(.init(path: path))
        // One value for all series of a text, so that a mixture of two texts shows as well.
        func points(_ value: Int) -> [MetricPoint] {
            (0..<100).map { .gauge("a", Double(value), ["number": .int($0)]) }
        }
        try exporter.export(Batch(metrics: points(0)))
        let isDone = Atomic(false)
        let seen = Locked<(torn: Int, values: Set<Substring>)>((0, []))
        let thread = Thread {
            for _ in 0..<10_000 {
                let text = folder.text("m.prom")
                let samples = text.samples
                let values = Set(samples.map { $0.split(separator: " ")[1] })
                seen.withLock {
                    if samples.count != 100 || values.count != 1 || !text.hasSuffix("} 1\n") { $0.torn += 1 }
                    $0.values.formUnion(values)
                }
            }
            isDone.store(true, ordering: .releasing)
        }
        thread.start()
        var writes = 0
        while !isDone.load(ordering: .acquiring) {
            writes += 1
            try exporter.export(Batch(metrics: points(writes)))
        }
        try exporter.close()
        let result = seen.withLock { $0 }
        #expect(result.torn == 0)
        #expect(writes > 10 && result.values.count > 10)
    }
}
