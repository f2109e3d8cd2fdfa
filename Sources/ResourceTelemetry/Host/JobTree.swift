internal import OneLoggerCore

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// What the job's process tree uses, read as seldom as it costs much.
struct JobTree: Sendable {
    private var tree: ProcessTree
    private let ticksPerSecond = Double(max(1, sysconf(Int32(_SC_CLK_TCK))))
    private var before: (moment: SteadyTime, use: ProcessTreeUse)?
    private var cores: Double?
    private var due, freshDue: SteadyTime?

    init(root: String, process: Int) { tree = ProcessTree(root: root, process: process) }

    /// Adds the latest figures; reads them at most once a second, and so that it costs a twenty-thousandth of a processor.
    mutating func add(to attributes: inout Attributes, _ text: inout [UInt8], _ now: SteadyTime) {
        if due.map({ $0 <= now }) ?? true { read(&text, now) }
        guard let use = before?.use else { return }
        attributes.add("process_tree.memory_bytes", .int(use.memory))
        attributes.add("process_tree.processes", .int(use.processes))
        attributes.add("process_tree.threads", .int(use.threads))
        if let cores { attributes.add("process_tree.cpu_cores", .double(cores)) }
    }

    private mutating func read(_ text: inout [UInt8], _ now: SteadyTime) {
        let isFresh = freshDue.map { $0 <= now } ?? true, start = SteadyTime.used
        let use = tree.read(&text, isFresh: isFresh)
        let pause = max(1_000_000_000, (SteadyTime.used &- start) * 20_000)
        // Reading all processes anew takes longer, and delays only the next time that all are read.
        if isFresh { freshDue = now.after(nanoseconds: max(30_000_000_000, pause)) }
        due = now.after(nanoseconds: isFresh ? 1_000_000_000 : pause)
        cores = nil
        if let use, let before {
            let seconds = now.seconds(since: before.moment), ticks = Double(max(0, use.ticks - before.use.ticks))
            if seconds > 0 { cores = ticks / ticksPerSecond / seconds }
        }
        before = use.map { (now, $0) }
    }
}
