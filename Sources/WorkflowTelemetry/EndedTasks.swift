/// Which steps tasks that have ended were seen to take, by the ids of their spans.
///
/// Every task has one of many buckets, and the eight that came last into a bucket are remembered, by 56 bits each. So
/// memory is bounded, by 16 MiB; of the last 65,536 tasks practically none is forgotten, of the last 500,000 less than
/// one in a thousand, of those that ended two million ago half.
struct EndedTasks {
    static let ways = 8, mostBuckets = 1 << 18

    /// Eight words per bucket, the latest first: the high 56 bits of the id and the steps; 0 where nobody is.
    private var words = [UInt64](repeating: 0, count: ways)
    private var buckets: Int { words.count / Self.ways }
    private var count = 0

    /// The steps that the task was seen to take; nil when it is not known to have ended.
    func steps(of id: UInt64) -> UInt8? { place(of: id).map { UInt8(truncatingIfNeeded: words[$0]) } }

    /// Notes what a task that is known was seen to take.
    mutating func update(_ id: UInt64, _ steps: UInt8) {
        if let place = place(of: id) { words[place] = id & ~0xff | UInt64(steps) }
    }

    /// Notes that a task has ended.
    mutating func insert(_ id: UInt64, _ steps: UInt8) {
        // One per bucket on average: then hardly any bucket is full. One that is would forget, while there is memory left.
        while buckets < Self.mostBuckets, count >= buckets || isFull(start(of: id)) { grow() }
        count += 1
        push(id & ~0xff | UInt64(steps))
    }

    private func isFull(_ start: Int) -> Bool { words[start + Self.ways - 1] != 0 }

    private mutating func push(_ word: UInt64) {
        let start = start(of: word)
        unsafe words.withUnsafeMutableBufferPointer { words in
            guard let bucket = unsafe words.baseAddress.map({ unsafe $0 + start }) else { return }
            unsafe (bucket + 1).update(from: bucket, count: Self.ways - 1)
            unsafe bucket.pointee = word
        }
    }

    private func place(of id: UInt64) -> Int? {
        let start = start(of: id)
        return unsafe words.withUnsafeBufferPointer { words in
            for place in start..<start + Self.ways where unsafe words[place] >> 8 == id >> 8 { return place }
            return nil
        }
    }

    /// By the highest bits, which every word has.
    private func start(of id: UInt64) -> Int {
        buckets == 1 ? 0 : Int(id >> UInt64(64 - buckets.trailingZeroBitCount)) * Self.ways
    }

    private mutating func grow() {
        let old = words
        words = Array(repeating: 0, count: old.count * 2)
        for start in stride(from: 0, to: old.count, by: Self.ways) {
            for word in old[start..<start + Self.ways].reversed() where word != 0 { push(word) }
        }
    }
}
