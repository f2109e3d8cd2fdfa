internal import OneLoggerCore

/// The tasks that have not ended, by the ids of their spans: those are hashes already, so that nothing is hashed here.
struct OpenTasks {
    // Slots of a power of two, at most half of them taken; no id is 0.
    private var ids = [UInt64](repeating: 0, count: 64)
    private var tasks = [TrackedTask?](repeating: nil, count: 64)
    private var count = 0

    subscript(_ id: UInt64) -> TrackedTask? {
        let slot = slot(of: id)
        return ids[slot] == id ? tasks[slot] : nil
    }

    /// All of them, in no order.
    var all: [TrackedTask] { tasks.compactMap { $0 } }

    /// Adds a task that is not there.
    mutating func insert(_ task: TrackedTask) {
        if (count + 1) * 2 > ids.count { resize(ids.count * 2) }
        place(task)
        count += 1
    }

    /// Takes a task out, if it is there.
    mutating func remove(_ id: UInt64) {
        var hole = slot(of: id), next = hole
        guard ids[hole] == id else { return }
        count -= 1
        // What was moved past the hole moves back.
        while true {
            next = (next + 1) & (ids.count - 1)
            guard ids[next] != 0 else { break }
            let wanted = Int(truncatingIfNeeded: ids[next]) & (ids.count - 1)
            guard (next &- wanted) & (ids.count - 1) >= (next &- hole) & (ids.count - 1) else { continue }
            ids[hole] = ids[next]
            tasks.swapAt(hole, next)
            hole = next
        }
        ids[hole] = 0
        tasks[hole] = nil
        if ids.count > 1024, count * 8 < ids.count { resize(ids.count / 2) }
    }

    /// Where the id is, or would be.
    private func slot(of id: UInt64) -> Int {
        var slot = Int(truncatingIfNeeded: id) & (ids.count - 1)
        while ids[slot] != 0, ids[slot] != id { slot = (slot + 1) & (ids.count - 1) }
        return slot
    }

    private mutating func place(_ task: TrackedTask) {
        let id = task.context.spanID.value, slot = slot(of: id)
        ids[slot] = id
        tasks[slot] = task
    }

    private mutating func resize(_ size: Int) {
        let old = tasks
        ids = Array(repeating: 0, count: size)
        tasks = Array(repeating: nil, count: size)
        for case let task? in old { place(task) }
    }
}
