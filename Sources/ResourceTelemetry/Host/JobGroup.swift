/// The control group of the job, which may be given another one while it runs.
struct JobGroup: Sendable {
    private let root: String
    private let process: String
    private var group: ControlGroup?
    /// The last reading of what seldom changes.
    private var known: ControlGroupUse?
    /// When limits are read again, and when the group is looked for again.
    private var limitsDue, groupDue: SteadyTime?
    /// What `/proc/PID/cgroup` said.
    private var place: [UInt8]?

    init(root: String, process: String) {
        self.root = root
        self.process = process
    }

    /// Reads how much the group uses, and once a second its limits; nil without control groups.
    mutating func read(_ text: inout [UInt8], _ now: SteadyTime) -> ControlGroupUse? {
        if groupDue.map({ $0 <= now }) ?? true {
            groupDue = now.after(seconds: 10)
            find()
        }
        guard let group else { return nil }
        let areLimitsDue = limitsDue.map { $0 <= now } ?? true
        if areLimitsDue { limitsDue = now.after(seconds: 1) }
        let use = group.read(limitsOf: areLimitsDue ? nil : known, &text)
        known = use
        return use
    }

    private mutating func find() {
        let now = SystemFile.bytes("\(root)/proc/\(process)/cgroup")
        guard now != place || group == nil else { return }
        place = now
        group = now.flatMap { ControlGroup(root: root, $0) }
        known = nil
        limitsDue = nil
    }
}
