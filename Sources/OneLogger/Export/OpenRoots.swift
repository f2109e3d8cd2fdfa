internal import OneLoggerCore

/// The roots that have said that they began, oldest first; closing and opening cost little, however many there are.
struct OpenRoots {
    private var roots: [SpanContext] = []
    /// Where the oldest one is; what stands before it is closed, and some of what stands behind it may be, too.
    private var first = 0
    private var limit = Self.leastLimit
    private static let leastLimit = 256

    /// The oldest that is open: usually the application's span.
    var oldest: SpanContext? { first < roots.count ? roots[first] : nil }

    /// A root has begun.
    mutating func add(_ root: SpanContext, isOpen: (UInt64) -> Bool) {
        if roots.count >= limit {
            // A root that stays open for ever must not keep all that came after it.
            roots = roots[first...].filter { isOpen($0.spanID.value) }
            first = 0
            limit = max(Self.leastLimit, roots.count * 2)
        }
        roots.append(root)
    }

    /// A span is over.
    mutating func close(_ id: UInt64, isOpen: (UInt64) -> Bool) {
        guard oldest?.spanID.value == id else { return }
        while first < roots.count, !isOpen(roots[first].spanID.value) { first += 1 }
    }
}
