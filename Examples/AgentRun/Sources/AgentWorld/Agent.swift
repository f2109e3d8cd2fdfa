/// Chooses where to go by writing an arithmetic program per direction and taking the one of the largest value.
public struct Agent: Sendable {
    /// A program and where it votes for.
    public struct Program: Sendable, Hashable {
        /// The direction.
        public var direction: GridWorld.Direction
        /// The arithmetic.
        public var text: String
    }

    private var visits: [GridWorld.Place: Int] = [:]
    private var bumps: Set<GridWorld.Place> = []
    /// Every so many decisions one program is nonsense; 0 means never.
    private let mistakeEvery: Int
    private var decisions = 0

    /// Creates an agent that knows nothing.
    public init(mistakeEvery: Int = 0) { self.mistakeEvery = mistakeEvery }

    /// The programs for the next move: how much nearer it leads, less for fields that were seen, and nothing for walls.
    public mutating func programs(in world: GridWorld) -> [Program] {
        decisions += 1
        let isMistaken = mistakeEvery > 0 && decisions.isMultiple(of: mistakeEvery)
        return GridWorld.Direction.allCases.map { direction in
            let next = direction.neighbour(of: world.place)
            let (before, after) = (distance(world.place, world), distance(next, world))
            let wall = bumps.contains(next) ? 1 : 0
            let text =
                isMistaken && direction == .east
                ? "\(before) / (\(after) - \(after))"
                : "(\(before) - \(after)) - 2 * \(visits[next, default: 0]) - 100 * \(wall)"
            return Program(direction: direction, text: text)
        }
    }

    /// Evaluates the programs.
    ///
    /// - Returns: The values in order, and the direction of the largest.
    /// - Throws: The problem of the first program that has no value.
    public func choose(_ programs: [Program]) throws(Expression.Problem) -> (values: [Int], best: GridWorld.Direction) {
        var values: [Int] = [], best = (value: Int.min, direction: GridWorld.Direction.north)
        for program in programs {
            let value = try Expression.value(of: program.text)
            if value > best.value { best = (value, program.direction) }
            values.append(value)
        }
        return (values, best.direction)
    }

    /// Learns from a move.
    public mutating func learn(_ direction: GridWorld.Direction, from place: GridWorld.Place, wasFree: Bool) {
        let target = direction.neighbour(of: place)
        if wasFree { visits[target, default: 0] += 1 } else { bumps.insert(target) }
    }

    private func distance(_ place: GridWorld.Place, _ world: GridWorld) -> Int {
        abs(world.goal.x - place.x) + abs(world.goal.y - place.y)
    }
}
