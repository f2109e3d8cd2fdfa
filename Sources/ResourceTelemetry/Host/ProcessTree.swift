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
///
/// Who is known not to descend from it is not read again, because nobody is adopted into a tree from outside; only a
/// process id that was given anew can be wrong, until all are read afresh.
struct ProcessTree: Sendable {
    let root: String
    let process: Int
    private let pageSize = max(1, sysconf(Int32(_SC_PAGESIZE)))
    /// Who is not of the tree.
    private var others: Set<Int> = []

    init(root: String, process: Int) {
        self.root = root
        self.process = process
    }

    /// Reads all that are of the tree or may be.
    ///
    /// - Parameters:
    ///   - text: Memory for the files' texts.
    ///   - isFresh: Whether nothing that is known from earlier is to be believed.
    /// - Returns: What they use together; nil when the process is not there.
    mutating func read(_ text: inout [UInt8], isFresh: Bool = false) -> ProcessTreeUse? {
        if isFresh { others = [] }
        var read: [Int: (parent: Int, use: ProcessTreeUse)] = [:], outside: Set<Int> = []
        SystemFile.forEachNumber(in: "\(root)/proc") { pid in
            if others.contains(pid) {
                outside.insert(pid)
            } else {
                read[pid] = self.read(pid, &text)
            }
        }
        var sum = ProcessTreeUse()
        for (pid, found) in read {
            switch descends(pid, read, outside) {
            case true?:
                sum.ticks = sum.ticks.plus(found.use.ticks)
                sum.memory = sum.memory.plus(found.use.memory)
                sum.processes += 1
                sum.threads = sum.threads.plus(found.use.threads)
            case false?: outside.insert(pid)
            case nil: break
            }
        }
        others = outside
        return read[process] == nil ? nil : sum
    }

    /// Nil when one of its forebears could not be seen, which may be a matter of the moment.
    private func descends(
        _ pid: Int, _ read: [Int: (parent: Int, use: ProcessTreeUse)], _ outside: Set<Int>
    ) -> Bool? {
        var pid = pid
        // The readings are not of one moment: a number that was given anew may make a circle.
        for _ in 0..<256 {
            if pid == process { return true }
            if pid <= 0 || outside.contains(pid) { return false }
            guard let parent = read[pid]?.parent else { return nil }
            pid = parent
        }
        return nil
    }

    private func read(_ pid: Int, _ memory: inout [UInt8]) -> (parent: Int, use: ProcessTreeUse)? {
        OpenFile("\(root)/proc/\(pid)/stat").scan(&memory, limit: 4096) { stat in
            // The name in parentheses may itself hold blanks and parentheses; the state follows.
            guard stat.skip(behindLast: 41), stat.word() != nil, let parent = stat.number() else { return nil }
            var use = ProcessTreeUse()
            stat.skipWords(9)
            // utime, stime and those of children that are over and were waited for.
            for _ in 0..<4 { use.ticks = use.ticks.plus(stat.amount() ?? 0) }
            stat.skipWords(2)
            use.threads = stat.amount() ?? 0
            stat.skipWords(3)
            guard let pages = stat.amount() else { return nil }
            use.memory = min(pages, 1 << 48) * pageSize
            return (parent, use)
        }
    }
}
