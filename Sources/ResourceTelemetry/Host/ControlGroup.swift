/// What the job's own control group says: how much it uses, and how much it may.
struct ControlGroupUse: Sendable, Hashable {
    /// Processor time since the group was made.
    ///
    /// Unit: microseconds.
    var processorMicroseconds: Int?
    /// How many processors it may use.
    var processorLimit: Double?
    /// Unit: bytes.
    var memory: Int?
    /// Unit: bytes.
    var memoryLimit: Int?
    /// How often the kernel has ended a process of the group for want of memory.
    var memoryKills: Int?
    /// How many processes and threads it has.
    var tasks: Int?
}

/// The control group in which this process runs, version 2 or 1.
///
/// The tightest limit on the way to the root counts, because each of them holds.
struct ControlGroup: Sendable {
    /// How much the group uses; of version 2 or else of version 1.
    private var usage, memory, kills, tasks: OpenFile?
    /// True when ``usage`` is in nanoseconds: version 1.
    private var isOld = false
    /// From the job's own group up to the root.
    private var memoryLimits: [OpenFile] = [], quotas: [OpenFile] = []
    /// Version 1 has the period of a quota in a file of its own.
    private var oldQuotas: [(quota: OpenFile, period: OpenFile)] = []

    /// Finds the group of a process.
    ///
    /// - Parameters:
    ///   - root: Before `/proc` and `/sys`; empty on a real system.
    ///   - process: A process id, or `self`.
    init?(root: String, process: String = "self") {
        guard let bytes = SystemFile.bytes("\(root)/proc/\(process)/cgroup") else { return nil }
        let mount = "\(root)/sys/fs/cgroup"
        var unified: [String] = [], processor: [String] = [], accounting: [String] = [], old: [String] = []
        for line in bytes[...].lines {
            let parts = line.split(separator: 58, maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { continue }
            let path = parts[2].text
            if parts[0].isEqual(to: "0"), parts[1].isEmpty {
                unified = Self.folders(mount, path, "memory.current", "cpu.stat")
                continue
            }
            for controller in parts[1].split(separator: 44) {
                if controller.isEqual(to: "memory") {
                    old = Self.folders("\(mount)/memory", path, "memory.usage_in_bytes")
                }
                if controller.isEqual(to: "cpu") { processor = Self.folders("\(mount)/cpu", path, "cpu.cfs_quota_us") }
                if controller.isEqual(to: "cpuacct") {
                    accounting = Self.folders("\(mount)/cpuacct", path, "cpuacct.usage")
                }
            }
        }
        if unified.isEmpty, processor.isEmpty, accounting.isEmpty, old.isEmpty { return nil }
        open(unified)
        open(processor, accounting, old)
    }

    private static func file(_ folder: String, _ name: String) -> OpenFile? {
        SystemFile.exists("\(folder)/\(name)") ? OpenFile("\(folder)/\(name)") : nil
    }

    /// Version 2: every controller in one folder.
    private mutating func open(_ folders: [String]) {
        guard let own = folders.first else { return }
        usage = Self.file(own, "cpu.stat")
        memory = Self.file(own, "memory.current")
        kills = Self.file(own, "memory.events")
        tasks = Self.file(own, "pids.current")
        memoryLimits = folders.compactMap { Self.file($0, "memory.max") }
        quotas = folders.compactMap { Self.file($0, "cpu.max") }
    }

    /// Version 1: a tree per controller; what version 2 has is not asked of it.
    private mutating func open(_ processor: [String], _ accounting: [String], _ old: [String]) {
        if usage == nil, let own = accounting.first {
            usage = Self.file(own, "cpuacct.usage")
            isOld = true
        }
        if quotas.isEmpty {
            oldQuotas = processor.compactMap { folder in
                guard let quota = Self.file(folder, "cpu.cfs_quota_us"),
                    let period = Self.file(folder, "cpu.cfs_period_us")
                else { return nil }
                return (quota, period)
            }
        }
        if memory == nil, let own = old.first {
            memory = Self.file(own, "memory.usage_in_bytes")
            kills = Self.file(own, "memory.oom_control")
            memoryLimits = old.compactMap { Self.file($0, "memory.limit_in_bytes") }
        }
    }

    /// The folders from the group up to the mount that hold one of the files.
    ///
    /// Inside a container the path is often the host's, and the container's own group is the mount itself.
    private static func folders(_ mount: String, _ path: String, _ files: String...) -> [String] {
        var parts = path.split(separator: "/"), result: [String] = []
        while true {
            let folder = parts.isEmpty ? mount : "\(mount)/\(parts.joined(separator: "/"))"
            if files.contains(where: { SystemFile.exists("\(folder)/\($0)") }) { result.append(folder) }
            guard !parts.isEmpty else { return result }
            parts.removeLast()
        }
    }

    /// Reads the usage, and the limits unless they are known from an earlier reading.
    func read(limitsOf earlier: ControlGroupUse? = nil) -> ControlGroupUse {
        var use = ControlGroupUse()
        use.processorMicroseconds = isOld ? usage?.number().map { $0 / 1000 } : usage?.number(of: "usage_usec")
        use.memory = memory?.number()
        use.memoryKills = kills?.number(of: "oom_kill")
        use.tasks = tasks?.number()
        if let earlier {
            use.memoryLimit = earlier.memoryLimit
            use.processorLimit = earlier.processorLimit
            return use
        }
        // Version 1 writes the largest number of pages for "no limit", version 2 a word.
        use.memoryLimit = memoryLimits.compactMap { $0.number() }.filter { $0 < 1 << 60 }.min()
        let limits = quotas.compactMap(Self.quota) + oldQuotas.compactMap { Self.share($0.number(), $1.number()) }
        use.processorLimit = limits.min()
        return use
    }

    /// `200000 100000` is two processors; `max 100000` no limit.
    private static func quota(_ file: OpenFile) -> Double? {
        guard let bytes = file.bytes(limit: 64) else { return nil }
        var scanner = TextScanner(bytes)
        let quota = scanner.number()
        return share(quota, scanner.number())
    }

    private static func share(_ quota: Int?, _ period: Int?) -> Double? {
        guard let quota, let period, quota > 0, period > 0 else { return nil }
        return Double(quota) / Double(period)
    }
}
