#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// What a process and everything that it has started use together.
struct ProcessTreeUse: Sendable, Hashable {
    /// Processor time since they began, with that of children that are over.
    ///
    /// Unit: clock ticks.
    var ticks = 0
    /// Memory that is not swapped out; what several share counts for each.
    ///
    /// Unit: bytes.
    var memory = 0
    var processes = 0
    var threads = 0
}

/// A process with all its descendants, found by the parents that `/proc/PID/stat` names.
struct ProcessTree: Sendable {
    let root: String
    let process: Int
    private let pageSize = max(1, sysconf(Int32(_SC_PAGESIZE)))

    init(root: String, process: Int) {
        self.root = root
        self.process = process
    }

    /// Reads them all; nil when the process is not there.
    func read() -> ProcessTreeUse? {
        var parents: [Int: Int] = [:], uses: [Int: ProcessTreeUse] = [:]
        for name in SystemFile.names(in: "\(root)/proc") {
            guard let pid = Int(name), let (parent, use) = read(pid) else { continue }
            parents[pid] = parent
            uses[pid] = use
        }
        guard uses[process] != nil else { return nil }
        var sum = ProcessTreeUse()
        for (pid, use) in uses where descends(pid, parents) {
            sum.ticks += use.ticks
            sum.memory += use.memory
            sum.processes += 1
            sum.threads += use.threads
        }
        return sum
    }

    private func descends(_ pid: Int, _ parents: [Int: Int]) -> Bool {
        var pid = pid
        // The readings are not of one moment: a number that was given anew may make a circle.
        for _ in 0..<256 {
            if pid == process { return true }
            guard let parent = parents[pid], parent > 0 else { return false }
            pid = parent
        }
        return false
    }

    private func read(_ pid: Int) -> (parent: Int, use: ProcessTreeUse)? {
        // The name in parentheses may itself hold blanks and parentheses.
        guard let bytes = SystemFile.bytes("\(root)/proc/\(pid)/stat", limit: 4096),
            let end = bytes.lastIndex(of: 41)
        else { return nil }
        let words = bytes[(end + 1)...].words
        guard words.count >= 22, let parent = words[1].number else { return nil }
        var use = ProcessTreeUse()
        // utime, stime and those of children that are over and were waited for.
        use.ticks = words[11...14].reduce(0) { $0 + max(0, $1.number ?? 0) }
        use.threads = words[17].number ?? 0
        use.memory = max(0, words[21].number ?? 0) * pageSize
        return (parent, use)
    }
}
