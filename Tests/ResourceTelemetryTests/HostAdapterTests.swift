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
        var text = [UInt8](), all = NetworkCounters(root: folder.path, includesLoopback: true)
        _ = all.read(&text)
        #expect(all.interfaces.devices.count == 2)
        var others = NetworkCounters(root: folder.path, includesLoopback: false)
        _ = others.read(&text)
        #expect(others.interfaces.devices.map(\.name) == [Array("eth0".utf8)])
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

    private func times(_ text: String) -> ProcessorTimes? {
        let bytes = Array(text.utf8)
        var scanner = TextScanner(bytes.span)
        return ProcessorTimes(&scanner)
    }

    @Test func `guest time is not counted twice, waiting for disks is idle`() throws {
        let before = try #require(times("cpu  0 0 0 0 0 0 0 0 0 0\n"))
        let after = try #require(times("cpu  30 0 10 40 20 0 0 0 10 0\n"))
        // 30 user holds 10 of guest; 40 of 100 are busy, less the guest's 10 of both.
        #expect(after.percentBusy(since: before) == 100 * 30.0 / 90.0)
        #expect(before.percentBusy(since: before) == nil)
    }

    @Test(arguments: ["", "cpu", "cpu a b c d\n", "intr 1 2 3 4 5 6\n", "cpu  1 2\n"])
    func `a stat file that is no stat file is not believed`(text: String) {
        let times = times(text)
        #expect(times == nil || (0..<10).allSatisfy { times?.fields[$0] == 0 })
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
        for _ in 0..<2 {
            let samples = try? adapter.sample(node: "n1")
            #expect(samples?.first?.memoryPercent == nil)
        }
    }

    @Test func `numbers of any size and sign stop nothing, from one reading to the next`() throws {
        let folder = TemporaryFolder(), huge = "99999999999999999999", low = "-99999999999999999999"
        for sign in [low, huge, low, huge] {
            let row = String(repeating: "\(sign) ", count: 12)
            folder.put("cpu \(row)\n", at: "proc/stat")
            folder.put(
                "MemTotal: \(sign) kB\nMemFree: \(sign)\nCached: \(sign)\nBuffers: \(sign)\n", at: "proc/meminfo")
            folder.put("1 0 a \(row)\n1 0 b \(row)\n", at: "proc/diskstats")
            for disk in ["a", "b"] { folder.put("", at: "sys/block/\(disk)/dev") }
            folder.put("x\ny\na:\(row)\n b: \(row)\n", at: "proc/net/dev")
            folder.put("1 (p) S 1 \(row)\(row)\n", at: "proc/1/stat")
            folder.put("0::/\n", at: "proc/1/cgroup")
            folder.put("usage_usec \(sign)\n", at: "sys/fs/cgroup/cpu.stat")
            folder.put("\(sign)\n", at: "sys/fs/cgroup/memory.current")
            folder.put("\(sign)\n", at: "sys/fs/cgroup/memory.max")
            folder.put("\(sign) \(sign)\n", at: "sys/fs/cgroup/cpu.max")
        }
        var adapter = HostAdapter(HostAdapter.Options(root: folder.path, process: 1))
        for sign in [low, huge, low, huge] {
            let row = String(repeating: "\(sign) ", count: 12)
            folder.put("cpu \(row)\n", at: "proc/stat")
            folder.put("1 0 a \(row)\n1 0 b \(row)\n", at: "proc/diskstats")
            folder.put("x\ny\na:\(row)\n b: \(row)\n", at: "proc/net/dev")
            folder.put("usage_usec \(sign)\n", at: "sys/fs/cgroup/cpu.stat")
            let sample = try #require(try adapter.sample(node: "n").first)
            #expect((sample.diskReadBytes ?? 0) >= 0 && (sample.netSentBytes ?? 0) >= 0)
        }
    }

    @Test func `files that end anywhere stop nothing, and no share leaves its range`() throws {
        let folder = TemporaryFolder(), names = ["stat", "meminfo", "diskstats", "net/dev", "self/stat", "self/cgroup"]
        let texts = try names.map { try #require(SystemFile.bytes("/proc/\($0)")) }
        for name in names { folder.put("", at: "proc/\(name)") }
        var adapter = HostAdapter(HostAdapter.Options(root: folder.path))
        for length in stride(from: 0, through: 2500, by: 17) {
            for (name, text) in zip(names, texts) {
                folder.write(String(decoding: text.prefix(length), as: UTF8.self), to: "proc/\(name)")
            }
            guard let sample = try? adapter.sample(node: "n").first else { continue }
            for percent in [sample.cpuPercent, sample.memoryPercent] { #expect((0...100).contains(percent ?? 0)) }
            for bytes in [sample.diskReadBytes, sample.diskWriteBytes, sample.netSentBytes, sample.netReceivedBytes] {
                #expect((bytes ?? 0) >= 0)
            }
        }
    }

    @Test func `an interface is read by itself where its own files tell the same as the list`() throws {
        let folder = TemporaryFolder()
        func put(_ list: Int, _ own: Int) {
            folder.putMachine(received: list)
            for (file, factor) in [("rx_bytes", 1), ("tx_bytes", 3)] {
                folder.put("\(own * factor)\n", at: "sys/class/net/eth0/statistics/\(file)")
            }
        }
        var text = [UInt8](), network = NetworkCounters(root: folder.path, includesLoopback: false)
        let start = SteadyTime.now
        func read(_ now: SteadyTime) -> ByteCounters? {
            #expect(network.read(&text, now: now))
            return network.moved
        }
        put(5000, 5000)
        #expect(read(start) == nil)
        // Until the list is due, only the own files are looked at.
        put(5000, 5100)
        #expect(read(start.after(nanoseconds: 100_000_000)) == ByteCounters(incoming: 100, outgoing: 300))
        put(5130, 5130)
        #expect(read(start.after(nanoseconds: 1_100_000_000)) == ByteCounters(incoming: 30, outgoing: 90))
        // An interface that is gone is looked for in the list.
        folder.put("", at: "sys/class/net/eth0/statistics/rx_bytes")
        folder.putMachine(received: 5131)
        #expect(read(start.after(nanoseconds: 1_200_000_000)) == ByteCounters(incoming: 1, outgoing: 3))

        // Files of another network of that name are left alone.
        var other = NetworkCounters(root: folder.path, includesLoopback: false)
        put(9000, 8000)
        _ = other.read(&text, now: start)
        put(9001, 8500)
        _ = other.read(&text, now: start.after(nanoseconds: 100_000_000))
        #expect(other.moved == ByteCounters(incoming: 1, outgoing: 3))
    }

    @Test func `where few disks count, their own files are read, and one that comes later is found`() throws {
        let folder = TemporaryFolder()
        folder.putMachine()
        for disk in ["nvme0n1"] { folder.put("10 0 1000 5 20 0 2000 6 0 7 8\n", at: "sys/block/\(disk)/stat") }
        var disks = DiskCounters(root: folder.path), text = [UInt8]()
        let start = SteadyTime.now
        func read(_ now: SteadyTime) -> Bool { disks.read(&text, now: now) }
        #expect(read(start))
        #expect(disks.moved == nil)
        folder.put("10 0 1002 5 20 0 2001 6 0 7 8\n", at: "sys/block/nvme0n1/stat")
        #expect(read(start.after(nanoseconds: 100_000_000)))
        #expect(disks.moved == ByteCounters(incoming: 1024, outgoing: 512))
        // The list is of the same moment again a second later, and has another disk.
        folder.put("10 0 1003 5 20 0 2001 6 0 7 8\n", at: "sys/block/nvme0n1/stat")
        folder.put("", at: "sys/block/sda/dev")
        folder.put("9 0 1 5 20 0 1 6 0 7 8\n", at: "sys/block/sda/stat")
        folder.write(
            """
              259 0 nvme0n1 10 0 1003 5 20 0 2001 6 0 7 8
              7 0 loop0 10 0 9 5 20 0 9 6 0 7 8
              7 1 loop1 10 0 9 5 20 0 9 6 0 7 8
              7 2 loop2 10 0 9 5 20 0 9 6 0 7 8
              8 0 sda 9 0 1 5 20 0 1 6 0 7 8

            """, to: "proc/diskstats")
        #expect(read(start.after(nanoseconds: 1100_000_000)))
        #expect(disks.moved == ByteCounters(incoming: 512, outgoing: 0))
        folder.put("9 0 3 5 20 0 1 6 0 7 8\n", at: "sys/block/sda/stat")
        #expect(read(start.after(nanoseconds: 1200_000_000)))
        #expect(disks.moved == ByteCounters(incoming: 1024, outgoing: 0))
        // A disk that is pulled out: the list says what is left.
        folder.put("", at: "sys/block/sda/stat")
        folder.write("  259 0 nvme0n1 10 0 1005 5 20 0 2001 6 0 7 8\n", to: "proc/diskstats")
        #expect(read(start.after(nanoseconds: 1300_000_000)))
        #expect(disks.moved == ByteCounters(incoming: 1024, outgoing: 0))
        #expect(disks.disks.devices.map(\.name) == [Array("nvme0n1".utf8)])
    }

    @Test func `the process tree holds this process and its children`() throws {
        let child = try ChildProcess("cat", [])
        defer {
            child.kill(9)
            _ = child.end()
        }
        var text = [UInt8](), tree = ProcessTree(root: "", process: Int(getProcessID()))
        let whole = tree.read(&text), use = try #require(whole)
        #expect(use.processes >= 2)
        #expect(use.memory > 1 << 20)
        #expect(use.threads >= use.processes)
        var other = ProcessTree(root: "", process: Int(child.pid))
        let only = other.read(&text)
        #expect(only?.processes == 1)
    }

    @Test func `a process that begins later is found, although who is outside is not read again`() throws {
        let script = "echo a; read x; cat /dev/zero >/dev/null & echo b; read x; kill $!; wait $!; echo c; read x"
        let shell = try ChildProcess("sh", ["-c", script], input: true)
        defer {
            shell.kill(9)
            _ = shell.end()
        }
        var text = [UInt8](), tree = ProcessTree(root: "", process: Int(shell.pid))
        for (line, processes) in [("a", 1), ("b", 2), ("c", 1)] {
            #expect(shell.line() == line)
            let use = tree.read(&text)
            #expect(use?.processes == processes)
            shell.write("\n")
        }
    }

    @Test func `a process whose name holds blanks and parentheses is read`() throws {
        let folder = TemporaryFolder()
        let rest = "S 1 1 1 0 -1 0 0 0 0 0 10 20 30 40 20 0 3 0 100 5000 7"
        folder.put("12 (a b) S (c)) \(rest)\n", at: "proc/12/stat")
        var text = [UInt8](), tree = ProcessTree(root: folder.path, process: 12)
        let found = tree.read(&text), use = try #require(found)
        #expect(use.ticks == 100)
        #expect(use.threads == 3)
        #expect(use.memory == 7 * 4096)
    }
}
