import OneLoggerCore
import OneLoggerTestSupport
import Testing

@testable import ResourceTelemetry

@Suite struct HostAdapterTests {
    @Test func `the first reading knows the memory and nothing that needs two`() throws {
        let folder = TemporaryFolder()
        folder.putMachine()
        var adapter = HostAdapter(HostAdapter.Options(root: folder.path))
        let sample = try #require(try adapter.sample(node: "n1").first)
        #expect(sample.node == "n1")
        #expect(sample.gpu == nil)
        #expect(sample.memoryPercent == 75)
        #expect(sample.cpuPercent == nil)
        #expect(sample.diskReadBytes == nil)
        #expect(sample.netSentBytes == nil)
    }

    @Test func `bytes count once, whole disks only, loopback left out`() throws {
        let folder = TemporaryFolder()
        folder.putMachine()
        var adapter = HostAdapter(HostAdapter.Options(root: folder.path))
        _ = try adapter.sample(node: "n1")
        folder.putMachine(sectors: 1008, received: 5100, ticks: (125, 975))
        let sample = try #require(try adapter.sample(node: "n1").first)
        #expect(sample.cpuPercent == 25)
        #expect(sample.diskReadBytes == 4096.0)
        #expect(sample.diskWriteBytes == 8192.0)
        #expect(sample.netReceivedBytes == 100)
        #expect(sample.netSentBytes == 300)
    }

    @Test func `loopback counts when asked for`() throws {
        let folder = TemporaryFolder()
        folder.putMachine()
        let counters = try #require(NetworkCounters(root: folder.path, includesLoopback: true).read())
        #expect(counters.count == 2)
        #expect(try #require(NetworkCounters(root: folder.path, includesLoopback: false).read()).count == 1)
    }

    @Test func `a counter that went backwards is never negative`() throws {
        let folder = TemporaryFolder()
        folder.putMachine(sectors: 2000, received: 9000, ticks: (500, 500))
        var adapter = HostAdapter(HostAdapter.Options(root: folder.path))
        _ = try adapter.sample(node: "n1")
        folder.putMachine(sectors: 1, received: 1, ticks: (1, 600))
        let sample = try #require(try adapter.sample(node: "n1").first)
        #expect(sample.diskReadBytes == 0)
        #expect(sample.netSentBytes == 0)
        #expect(sample.cpuPercent == 0)
    }

    @Test func `guest time is not counted twice, waiting for disks is idle`() throws {
        let before = try #require(ProcessorTimes(Array("cpu  0 0 0 0 0 0 0 0 0 0\n".utf8)))
        let after = try #require(ProcessorTimes(Array("cpu  30 0 10 40 20 0 0 0 10 0\n".utf8)))
        // 30 user holds 10 of guest; 40 of 100 are busy, less the guest's 10 of both.
        #expect(after.percentBusy(since: before) == 100 * 30.0 / 90.0)
        #expect(before.percentBusy(since: before) == nil)
    }

    @Test(arguments: ["", "cpu", "cpu a b c d\n", "intr 1 2 3 4 5 6\n", "cpu  1 2\n"])
    func `a stat file that is no stat file is not believed`(text: String) {
        let times = ProcessorTimes(Array(text.utf8))
        #expect(times == nil || times?.fields.allSatisfy { $0 == 0 } == true)
    }

    @Test func `a machine without proc is an error, one missing file a trouble`() throws {
        let folder = TemporaryFolder()
        var nothing = HostAdapter(HostAdapter.Options(root: folder.path))
        #expect(throws: ResourceError.self) { try nothing.sample(node: "n1") }
        folder.putMachine()
        _ = try ChildProcess("rm", [folder("proc/diskstats")]).end()
        var adapter = HostAdapter(HostAdapter.Options(root: folder.path))
        let sample = try #require(try adapter.sample(node: "n1").first)
        #expect(sample.memoryPercent == 75)
        #expect(sample.diskReadBytes == nil)
        #expect(adapter.troubles == ["\(folder.path)/proc/diskstats cannot be read"])
    }

    @Test func `garbage in every file gives no figure and does not stop the program`() throws {
        let folder = TemporaryFolder()
        for file in ["stat", "meminfo", "diskstats", "net/dev"] {
            folder.put(
                "\u{0} : : 9999999999999999999999 -1 x\n\n\(String(repeating: "9 ", count: 5000))\n", at: "proc/\(file)"
            )
        }
        var adapter = HostAdapter(HostAdapter.Options(root: folder.path))
        let samples = try? adapter.sample(node: "n1")
        #expect(samples?.first?.memoryPercent == nil)
    }

    @Test func `the process tree holds this process and its children`() throws {
        let child = try ChildProcess("cat", [])
        defer {
            child.kill(9)
            _ = child.end()
        }
        let use = try #require(ProcessTree(root: "", process: Int(getProcessID())).read())
        #expect(use.processes >= 2)
        #expect(use.memory > 1 << 20)
        #expect(use.threads >= use.processes)
        let only = try #require(ProcessTree(root: "", process: Int(child.pid)).read())
        #expect(only.processes == 1)
    }

    @Test func `a process whose name holds blanks and parentheses is read`() throws {
        let folder = TemporaryFolder()
        let rest = "S 1 1 1 0 -1 0 0 0 0 0 10 20 30 40 20 0 3 0 100 5000 7"
        folder.put("12 (a b) S (c)) \(rest)\n", at: "proc/12/stat")
        let use = try #require(ProcessTree(root: folder.path, process: 12).read())
        #expect(use.ticks == 100)
        #expect(use.threads == 3)
        #expect(use.memory == 7 * 4096)
    }
}
