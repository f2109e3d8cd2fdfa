internal import OneLoggerCore

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// This machine: processors, memory, disks and network, and beside them what the job itself uses and may use.
///
/// Reads `/proc`, `/sys` and the job's control group. The attributes that it adds: `host.memory_bytes`,
/// `host.memory_limit_bytes`, `job.cpu_cores` (how many processors were busy for the control group), `job.cpu_limit_cores`,
/// `job.memory_bytes`, `job.memory_limit_bytes`, `job.memory_percent`, `job.oom_kills`, `job.tasks`, and for this process
/// with everything that it has started `process_tree.cpu_cores`, `process_tree.memory_bytes`, `process_tree.processes`,
/// `process_tree.threads`.
public struct HostAdapter: ResourceAdapter {
    /// What is read, and where.
    public struct Options: Sendable, Hashable {
        /// What stands before `/proc` and `/sys`: empty, or the folder under which a container sees its host's.
        public var root = ""
        /// Whether what the machine sends to itself counts as network.
        public var includesLoopback = false
        /// Whether the process tree is read.
        public var processTree = true
        /// The process whose tree and control group are read; nil means this one.
        public var process: Int?

        /// Creates options.
        public init(root: String = "", includesLoopback: Bool = false, processTree: Bool = true, process: Int? = nil) {
            self.root = root
            self.includesLoopback = includesLoopback
            self.processTree = processTree
            self.process = process
        }
    }

    /// `host`.
    public var name: String { "host" }
    /// Which files could not be read.
    public private(set) var troubles: [String] = []

    private struct Reading {
        var moment: SteadyTime
        var processors: ProcessorTimes?
        var job: ControlGroupUse?
    }

    private let options: Options
    private let processors, memory: OpenFile
    private var disks: DiskCounters
    private var network: NetworkCounters
    private var job: JobGroup
    private var tree: JobTree
    private var before: Reading?
    /// Memory for the texts of all files.
    private var text = [UInt8](repeating: 0, count: 8192)

    /// Creates an adapter; reads nothing yet.
    public init(_ options: Options = Options()) {
        self.options = options
        processors = OpenFile("\(options.root)/proc/stat")
        memory = OpenFile("\(options.root)/proc/meminfo")
        disks = DiskCounters(root: options.root)
        network = NetworkCounters(root: options.root, includesLoopback: options.includesLoopback)
        job = JobGroup(root: options.root, process: options.process.map { "\($0)" } ?? "self")
        tree = JobTree(root: options.root, process: options.process ?? Int(getpid()))
    }

    /// Reads the machine once; what is counted since the sample before is nil the first time.
    ///
    /// - Throws: ``ResourceError/unavailable(source:reason:)`` when there is no `/proc`.
    public mutating func sample(node: String) throws(ResourceError) -> [ResourceSample] {
        let moment = SteadyTime.now
        let times = processors.scan(&text, limit: 1024) { ProcessorTimes(&$0) }
        let use = memory.scan(&text, limit: 8192) { MemoryUse(&$0) }
        let hasDisks = disks.read(&text, now: moment), hasNetwork = network.read(&text, now: moment)
        let now = Reading(moment: moment, processors: times, job: job.read(&text, moment))
        var sample = ResourceSample(backend: name, node: node, time: .now)
        try note(times != nil, use != nil, hasDisks, hasNetwork)

        sample.attributes.reserve(16)
        if let use {
            sample.memoryPercent = use.percent
            sample.attributes.add("host.memory_bytes", .int(use.total - use.available))
            sample.attributes.add("host.memory_limit_bytes", .int(use.total))
        }
        if let before { compare(now, before, &sample) }
        if let job = now.job { describe(job, &sample) }
        if options.processTree { tree.add(to: &sample.attributes, &text, moment) }
        before = now
        return [sample]
    }

    /// Notes which files could not be read.
    private mutating func note(
        _ hasTimes: Bool, _ hasMemory: Bool, _ hasDisks: Bool, _ hasNetwork: Bool
    ) throws(ResourceError) {
        if hasTimes, hasMemory, hasDisks, hasNetwork { return troubles = [] }
        guard hasTimes || hasMemory || hasDisks || hasNetwork else {
            throw .unavailable(
                source: "\(options.root)/proc", reason: "none of stat, meminfo, diskstats and net/dev can be read")
        }
        troubles = [("stat", hasTimes), ("meminfo", hasMemory), ("diskstats", hasDisks), ("net/dev", hasNetwork)]
            .filter { !$0.1 }.map { "\(options.root)/proc/\($0.0) cannot be read" }
    }

    private func compare(_ now: Reading, _ before: Reading, _ sample: inout ResourceSample) {
        if let processors = now.processors, let earlier = before.processors {
            sample.cpuPercent = processors.percentBusy(since: earlier)
        }
        if let moved = disks.moved {
            sample.diskReadBytes = Double(moved.incoming)
            sample.diskWriteBytes = Double(moved.outgoing)
        }
        if let moved = network.moved {
            sample.netSentBytes = Double(moved.outgoing)
            sample.netReceivedBytes = Double(moved.incoming)
        }
        let seconds = now.moment.seconds(since: before.moment)
        if let used = now.job?.processorMicroseconds, let earlier = before.job?.processorMicroseconds, seconds > 0 {
            sample.attributes.add("job.cpu_cores", .double(Double(max(0, used - earlier)) / 1e6 / seconds))
        }
    }

    private func describe(_ job: ControlGroupUse, _ sample: inout ResourceSample) {
        if let limit = job.processorLimit { sample.attributes.add("job.cpu_limit_cores", .double(limit)) }
        if let memory = job.memory {
            sample.attributes.add("job.memory_bytes", .int(memory))
            if let limit = job.memoryLimit, limit > 0 {
                sample.attributes.add("job.memory_limit_bytes", .int(limit))
                sample.attributes.add("job.memory_percent", .double(100 * Double(memory) / Double(limit)))
            }
        }
        if let kills = job.memoryKills { sample.attributes.add("job.oom_kills", .int(kills)) }
        if let tasks = job.tasks { sample.attributes.add("job.tasks", .int(tasks)) }
    }
}
