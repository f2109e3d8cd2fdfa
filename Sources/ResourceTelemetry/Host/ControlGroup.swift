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
struct ControlGroup: Sendable, Hashable {
    /// The folders from the job's own group up to the root, of version 2; empty when there is none.
    private var unified: [String] = []
    private var processor: [String] = [], accounting: [String] = [], memory: [String] = []

    /// Finds the group of a process.
    ///
    /// - Parameters:
    ///   - root: Before `/proc` and `/sys`; empty on a real system.
    ///   - process: A process id, or `self`.
    init?(root: String, process: String = "self") {
        guard let bytes = SystemFile.bytes("\(root)/proc/\(process)/cgroup") else { return nil }
        let mount = "\(root)/sys/fs/cgroup"
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
                    memory = Self.folders("\(mount)/memory", path, "memory.usage_in_bytes")
                }
                if controller.isEqual(to: "cpu") { processor = Self.folders("\(mount)/cpu", path, "cpu.cfs_quota_us") }
                if controller.isEqual(to: "cpuacct") {
                    accounting = Self.folders("\(mount)/cpuacct", path, "cpuacct.usage")
                }
            }
        }
        if unified.isEmpty, processor.isEmpty, accounting.isEmpty, memory.isEmpty { return nil }
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

    /// Reads usage and limits.
    func read() -> ControlGroupUse {
        var use = ControlGroupUse()
        if let own = unified.first {
            use.processorMicroseconds = field("usage_usec", of: "\(own)/cpu.stat")
            use.memory = SystemFile.number("\(own)/memory.current")
            use.memoryKills = field("oom_kill", of: "\(own)/memory.events")
            use.tasks = SystemFile.number("\(own)/pids.current")
            use.memoryLimit = unified.compactMap { SystemFile.number("\($0)/memory.max") }.min()
            use.processorLimit = unified.compactMap { Self.quota(SystemFile.bytes("\($0)/cpu.max", limit: 64)) }.min()
        }
        if use.processorMicroseconds == nil, let own = accounting.first {
            use.processorMicroseconds = SystemFile.number("\(own)/cpuacct.usage").map { $0 / 1000 }
        }
        if use.processorLimit == nil {
            use.processorLimit = processor.compactMap { folder in
                guard let quota = SystemFile.number("\(folder)/cpu.cfs_quota_us"), quota > 0,
                    let period = SystemFile.number("\(folder)/cpu.cfs_period_us"), period > 0
                else { return nil }
                return Double(quota) / Double(period)
            }.min()
        }
        if use.memory == nil, let own = memory.first {
            use.memory = SystemFile.number("\(own)/memory.usage_in_bytes")
            use.memoryKills = field("oom_kill", of: "\(own)/memory.oom_control")
            // Version 1 writes the largest number of pages for "no limit".
            use.memoryLimit = memory.compactMap { SystemFile.number("\($0)/memory.limit_in_bytes") }
                .filter { $0 < 1 << 60 }.min()
        }
        return use
    }

    /// `200000 100000` is two processors; `max 100000` no limit.
    private static func quota(_ bytes: [UInt8]?) -> Double? {
        guard let words = bytes?[...].words, words.count >= 2, let quota = words[0].number,
            let period = words[1].number, period > 0, quota > 0
        else { return nil }
        return Double(quota) / Double(period)
    }

    private func field(_ name: StaticString, of path: String) -> Int? {
        guard let bytes = SystemFile.bytes(path, limit: 8192) else { return nil }
        for line in bytes[...].lines {
            let words = line.words
            if words.count == 2, words[0].isEqual(to: name) { return words[1].number }
        }
        return nil
    }
}
