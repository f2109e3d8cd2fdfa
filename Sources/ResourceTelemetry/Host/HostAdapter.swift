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
        var moment: ContinuousClock.Instant
        var processors: ProcessorTimes?
        var disks: [ArraySlice<UInt8>: ByteCounters]?
        var network: [ArraySlice<UInt8>: ByteCounters]?
        var job: ControlGroupUse?
    }

    private let options: Options
    private let processors, memory: OpenFile
    private var disks: DiskCounters
    private let network: NetworkCounters
    private let group: ControlGroup?
    private let tree: ProcessTree
    private let ticksPerSecond = Double(max(1, sysconf(Int32(_SC_CLK_TCK))))
    private var before: Reading?
    /// When the limits of the control group are read again, which seldom change.
    private var limitsDue: ContinuousClock.Instant?
    private var treeBefore: (moment: ContinuousClock.Instant, use: ProcessTreeUse)?
    private var treeAttributes: Attributes = [:]
    private var treeDue: ContinuousClock.Instant?

    /// Creates an adapter; reads nothing yet.
    public init(_ options: Options = Options()) {
        self.options = options
        processors = OpenFile("\(options.root)/proc/stat")
        memory = OpenFile("\(options.root)/proc/meminfo")
        disks = DiskCounters(root: options.root)
        network = NetworkCounters(root: options.root, includesLoopback: options.includesLoopback)
        let process = options.process ?? Int(getpid())
        group = ControlGroup(root: options.root, process: options.process.map { "\($0)" } ?? "self")
        tree = ProcessTree(root: options.root, process: process)
    }

    /// Reads the machine once; what is counted since the sample before is nil the first time.
    ///
    /// - Throws: ``ResourceError/unavailable(source:reason:)`` when there is no `/proc`.
    public mutating func sample(node: String) throws(ResourceError) -> [ResourceSample] {
        let moment = ContinuousClock.now, areLimitsDue = limitsDue.map { $0 <= moment } ?? true
        if areLimitsDue { limitsDue = moment + .seconds(1) }
        let now = Reading(
            moment: moment,
            processors: self.processors.bytes(limit: 1024).flatMap(ProcessorTimes.init),
            disks: disks.read(), network: network.read(), job: group?.read(limitsOf: areLimitsDue ? nil : before?.job))
        var sample = ResourceSample(backend: name, node: node, time: .now)
        let memory = self.memory.bytes(limit: 8192).flatMap(MemoryUse.init)
        guard now.processors != nil || memory != nil || now.disks != nil || now.network != nil else {
            throw .unavailable(
                source: "\(options.root)/proc", reason: "none of stat, meminfo, diskstats and net/dev can be read")
        }
        troubles = [
            ("stat", now.processors == nil), ("meminfo", memory == nil), ("diskstats", now.disks == nil),
            ("net/dev", now.network == nil),
        ].filter(\.1).map { "\(options.root)/proc/\($0.0) cannot be read" }

        if let memory {
            sample.memoryPercent = memory.percent
            sample.attributes["host.memory_bytes"] = .int(memory.total - memory.available)
            sample.attributes["host.memory_limit_bytes"] = .int(memory.total)
        }
        if let before { compare(now, before, &sample) }
        if let job = now.job { describe(job, memory, &sample) }
        if options.processTree { sample.attributes = sample.attributes.merging(readTree(now.moment)) }
        before = now
        return [sample]
    }

    private func compare(_ now: Reading, _ before: Reading, _ sample: inout ResourceSample) {
        if let processors = now.processors, let earlier = before.processors {
            sample.cpuPercent = processors.percentBusy(since: earlier)
        }
        if let disks = now.disks, let earlier = before.disks {
            let moved = disks.moved(since: earlier)
            sample.diskReadBytes = Double(moved.incoming)
            sample.diskWriteBytes = Double(moved.outgoing)
        }
        if let network = now.network, let earlier = before.network {
            let moved = network.moved(since: earlier)
            sample.netSentBytes = Double(moved.outgoing)
            sample.netReceivedBytes = Double(moved.incoming)
        }
        let seconds = (now.moment - before.moment) / .seconds(1)
        if let used = now.job?.processorMicroseconds, let earlier = before.job?.processorMicroseconds, seconds > 0 {
            sample.attributes["job.cpu_cores"] = .double(Double(max(0, used - earlier)) / 1e6 / seconds)
        }
    }

    private func describe(_ job: ControlGroupUse, _ host: MemoryUse?, _ sample: inout ResourceSample) {
        if let limit = job.processorLimit { sample.attributes["job.cpu_limit_cores"] = .double(limit) }
        if let memory = job.memory {
            sample.attributes["job.memory_bytes"] = .int(memory)
            if let limit = job.memoryLimit, limit > 0 {
                sample.attributes["job.memory_limit_bytes"] = .int(limit)
                sample.attributes["job.memory_percent"] = .double(100 * Double(memory) / Double(limit))
            }
        }
        if let kills = job.memoryKills { sample.attributes["job.oom_kills"] = .int(kills) }
        if let tasks = job.tasks { sample.attributes["job.tasks"] = .int(tasks) }
    }

    /// Looks through all processes at most once a second, and so seldom that it costs a four-thousandth of a processor.
    private mutating func readTree(_ now: ContinuousClock.Instant) -> Attributes {
        if let treeDue, now < treeDue { return treeAttributes }
        let start = ContinuousClock.now, use = tree.read(), cost = ContinuousClock.now - start
        treeDue = now + max(.seconds(1), cost * 4000)
        guard let use else {
            treeAttributes = [:]
            treeBefore = nil
            return treeAttributes
        }
        treeAttributes = [
            "process_tree.memory_bytes": .int(use.memory), "process_tree.processes": .int(use.processes),
            "process_tree.threads": .int(use.threads),
        ]
        if let treeBefore {
            let seconds = (now - treeBefore.moment) / .seconds(1)
            let ticks = Double(max(0, use.ticks - treeBefore.use.ticks))
            if seconds > 0 { treeAttributes["process_tree.cpu_cores"] = .double(ticks / ticksPerSecond / seconds) }
        }
        treeBefore = (now, use)
        return treeAttributes
    }
}
