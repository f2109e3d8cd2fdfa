import OneLoggerCore
import OneLoggerTestSupport
import Testing

@testable import ResourceTelemetry

@Suite struct ControlGroupTests {
    /// The group of this process.
    private func group(_ root: String) -> ControlGroup? {
        SystemFile.bytes("\(root)/proc/self/cgroup").flatMap { ControlGroup(root: root, $0) }
    }

    private func reading(_ root: String) -> ControlGroupUse? {
        var text = [UInt8]()
        return group(root)?.read(&text)
    }

    /// A tree of version 2 as a container's kernel shows it: a job's group below a slice that is tighter in one respect.
    private func unified() -> TemporaryFolder {
        let folder = TemporaryFolder()
        folder.put("0::/slice/job\n", at: "proc/self/cgroup")
        let job = "sys/fs/cgroup/slice/job"
        folder.put("usage_usec 2500000\nuser_usec 2000000\nsystem_usec 500000\n", at: "\(job)/cpu.stat")
        folder.put("max 100000\n", at: "\(job)/cpu.max")
        folder.put("1073741824\n", at: "\(job)/memory.current")
        folder.put("4294967296\n", at: "\(job)/memory.max")
        folder.put("low 0\nhigh 0\nmax 3\noom 1\noom_kill 1\n", at: "\(job)/memory.events")
        folder.put("17\n", at: "\(job)/pids.current")
        folder.put("150000 100000\n", at: "sys/fs/cgroup/slice/cpu.max")
        folder.put("2147483648\n", at: "sys/fs/cgroup/slice/memory.max")
        folder.put("1\n", at: "sys/fs/cgroup/slice/memory.current")
        return folder
    }

    @Test func `version 2 gives usage of the group and the tightest limit above it`() throws {
        let folder = unified()
        let use = try #require(reading(folder.path))
        #expect(
            use
                == ControlGroupUse(
                    processorMicroseconds: 2_500_000, processorLimit: 1.5, memory: 1 << 30, memoryLimit: 2 << 30,
                    memoryKills: 1, tasks: 17))
    }

    @Test func `inside a container the mount itself is the group`() throws {
        let folder = TemporaryFolder()
        folder.put("0::/kubepods/pod1/abc\n", at: "proc/self/cgroup")
        folder.put("12345\n", at: "sys/fs/cgroup/memory.current")
        folder.put("max\n", at: "sys/fs/cgroup/memory.max")
        let use = try #require(reading(folder.path))
        #expect(use.memory == 12345)
        #expect(use.memoryLimit == nil)
    }

    @Test func `version 1 gives the same figures from its own files`() throws {
        let folder = TemporaryFolder()
        folder.put("4:memory:/job\n3:cpu,cpuacct:/job\n0::/\n", at: "proc/self/cgroup")
        folder.put("2000000000\n", at: "sys/fs/cgroup/cpuacct/job/cpuacct.usage")
        folder.put("50000\n", at: "sys/fs/cgroup/cpu/job/cpu.cfs_quota_us")
        folder.put("100000\n", at: "sys/fs/cgroup/cpu/job/cpu.cfs_period_us")
        folder.put("-1\n", at: "sys/fs/cgroup/cpu/cpu.cfs_quota_us")
        folder.put("100000\n", at: "sys/fs/cgroup/cpu/cpu.cfs_period_us")
        folder.put("4096\n", at: "sys/fs/cgroup/memory/job/memory.usage_in_bytes")
        folder.put("9223372036854771712\n", at: "sys/fs/cgroup/memory/job/memory.limit_in_bytes")
        let use = try #require(reading(folder.path))
        #expect(use.processorMicroseconds == 2_000_000)
        #expect(use.processorLimit == 0.5)
        #expect(use.memory == 4096)
        #expect(use.memoryLimit == nil)
    }

    @Test func `a machine without control groups has none`() {
        #expect(group(TemporaryFolder().path) == nil)
    }

    @Test func `a sample holds the job beside the host`() throws {
        let folder = unified()
        folder.putMachine()
        var adapter = HostAdapter(HostAdapter.Options(root: folder.path, process: nil))
        _ = try adapter.sample(node: "n")
        folder.put("usage_usec 3500000\n", at: "sys/fs/cgroup/slice/job/cpu.stat")
        let sample = try #require(try adapter.sample(node: "n").first)
        #expect(sample.attributes["job.memory_percent"] == .double(50))
        #expect(sample.attributes["job.cpu_limit_cores"] == .double(1.5))
        #expect(sample.attributes["job.oom_kills"] == .int(1))
        #expect(try #require(try sample.attributes.double("job.cpu_cores")) > 0)
    }

    @Test func `a job that is moved to another group is found there, and one whose group is gone does without`() throws
    {
        let folder = unified()
        var job = JobGroup(root: folder.path, process: "self"), text = [UInt8]()
        let start = SteadyTime.now
        var use = job.read(&text, start)
        #expect(use?.memory == 1 << 30)
        folder.put("0::/other\n", at: "proc/self/cgroup")
        folder.put("77\n", at: "sys/fs/cgroup/other/memory.current")
        folder.put("154\n", at: "sys/fs/cgroup/other/memory.max")
        use = job.read(&text, start.after(seconds: 1))
        #expect(use?.memory == 1 << 30)
        use = job.read(&text, start.after(seconds: 10))
        #expect(use?.memory == 77)
        #expect(use?.memoryLimit == 154)
        _ = try ChildProcess("rm", ["-r", folder("sys/fs/cgroup"), folder("proc/self/cgroup")]).end()
        // An open file of a real group says that it is gone; one of a folder may still be read.
        _ = job.read(&text, start.after(seconds: 11))
        use = job.read(&text, start.after(seconds: 20))
        #expect(use == nil)
    }

    @Test func `the real group of this process is read`() {
        // Which files a kernel has is its own affair; what there is must make sense.
        guard let use = reading("") else { return }
        #expect((use.memory ?? 1) > 0)
        #expect((use.processorMicroseconds ?? 0) >= 0)
    }
}
