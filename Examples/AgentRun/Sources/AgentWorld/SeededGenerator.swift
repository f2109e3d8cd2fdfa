/// Random numbers that a seed decides: SplitMix64.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// Creates a generator.
    public init(seed: UInt64) { state = seed }

    /// The next number.
    public mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
        return z ^ z >> 31
    }
}

extension GridWorld {
    /// A grid with walls on about a fifth of its fields, decided by a seed; the way along the edge stays free.
    public static func random(size: Int, seed: UInt64) -> GridWorld {
        var generator = SeededGenerator(seed: seed), walls: Set<Place> = []
        for x in 0..<size - 1 {
            for y in 1..<size where Int.random(in: 0..<5, using: &generator) == 0 { walls.insert(Place(x, y)) }
        }
        return GridWorld(size: size, walls: walls)
    }
}
