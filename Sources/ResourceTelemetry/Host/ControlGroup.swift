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
    ///   - root: Before `/sys`; empty on a real system.
    ///   - place: What `/proc/PID/cgroup` says.
    init?(root: String, _ place: [UInt8]) {
        let mount = "\(root)/sys/fs/cgroup"
        var unified: [String] = [], processor: [String] = [], accounting: [String] = [], old: [String] = []
        for line in place[...].lines {
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

    /// Reads the usage, and what seldom changes unless it is known from an earlier reading.
    ///
    /// - Parameters:
    ///   - earlier: A reading whose limits and kills still count.
    ///   - text: Memory for the files' texts.
    /// - Returns: What could be read.
    func read(limitsOf earlier: ControlGroupUse? = nil, _ text: inout [UInt8]) -> ControlGroupUse {
        var use = ControlGroupUse()
        use.processorMicroseconds =
            isOld ? usage?.number(&text).map { $0 / 1000 } : usage?.number(of: "usage_usec", &text)
        use.memory = memory?.number(&text)
        use.tasks = tasks?.number(&text)
        if let earlier {
            use.memoryKills = earlier.memoryKills
            use.memoryLimit = earlier.memoryLimit
            use.processorLimit = earlier.processorLimit
            return use
        }
        use.memoryKills = kills?.number(of: "oom_kill", &text)
        for file in memoryLimits {
            // Version 1 writes the largest number of pages for "no limit", version 2 a word.
            guard let limit = file.number(&text), limit < 1 << 60 else { continue }
            use.memoryLimit = min(limit, use.memoryLimit ?? limit)
        }
        for file in quotas {
            tighten(&use, file.scan(&text, limit: 64) { text in Self.share(text.number(), text.number()) })
        }
        for file in oldQuotas { tighten(&use, Self.share(file.quota.number(&text), file.period.number(&text))) }
        return use
    }

    private func tighten(_ use: inout ControlGroupUse, _ limit: Double?) {
        if let limit { use.processorLimit = min(limit, use.processorLimit ?? limit) }
    }

    /// `200000 100000` is two processors; `max 100000` no limit.
    private static func share(_ quota: Int?, _ period: Int?) -> Double? {
        guard let quota, let period, quota > 0, period > 0 else { return nil }
        return Double(quota) / Double(period)
    }
}
