/// Lets a few work at a time, in the order in which they came.
actor WorkerPool {
    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(size: Int) { free = size }

    private func take() async {
        if free > 0 {
            free -= 1
        } else {
            await withCheckedContinuation { waiting.append($0) }
        }
    }

    private func give() {
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
    }

    /// Runs `body` as soon as a worker is free.
    func run<R: Sendable>(_ body: @Sendable () async throws -> R) async throws -> R {
        await take()
        defer { give() }
        return try await body()
    }
}
