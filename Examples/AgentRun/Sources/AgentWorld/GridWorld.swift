/// A square grid with walls, in which somebody looks for the goal.
public struct GridWorld: Sendable {
    /// A field; `x` grows to the east, `y` to the south.
    public struct Place: Hashable, Sendable {
        /// From the west.
        ///
        /// Unit: fields.
        public var x: Int
        /// From the north.
        ///
        /// Unit: fields.
        public var y: Int

        /// Creates a place.
        public init(_ x: Int, _ y: Int) {
            self.x = x
            self.y = y
        }
    }

    /// Where one can go.
    public enum Direction: String, CaseIterable, Sendable {
        /// To smaller `y`.
        case north
        /// To larger `y`.
        case south
        /// To larger `x`.
        case east
        /// To smaller `x`.
        case west

        /// The field beside `place`.
        public func neighbour(of place: Place) -> Place {
            switch self {
            case .north: Place(place.x, place.y - 1)
            case .south: Place(place.x, place.y + 1)
            case .east: Place(place.x + 1, place.y)
            case .west: Place(place.x - 1, place.y)
            }
        }
    }

    /// How many fields a side has.
    public let size: Int
    /// The fields that nobody can enter.
    public let walls: Set<Place>
    /// Where one wants to be: the south-eastern corner.
    public let goal: Place
    /// Where one is; at first the north-western corner.
    public private(set) var place = Place(0, 0)

    /// Creates a grid of 2 to 100 fields a side; walls on the start and the goal are left out.
    public init(size: Int, walls: Set<Place> = []) {
        self.size = min(max(size, 2), 100)
        goal = Place(self.size - 1, self.size - 1)
        self.walls = walls.subtracting([Place(0, 0), goal])
    }

    /// True when one is where one wants to be.
    public var isSolved: Bool { place == goal }

    /// What a move came to.
    public struct Outcome: Hashable, Sendable {
        /// Whether one could go there.
        public var isFree: Bool
        /// What it earned: 1 at the goal, -0.5 at a wall, else -0.05.
        public var reward: Double
    }

    /// Moves by one field, or bumps into a wall or the edge and stays.
    public mutating func move(_ direction: Direction) -> Outcome {
        let target = direction.neighbour(of: place), range = 0..<size
        guard range.contains(target.x), range.contains(target.y), !walls.contains(target) else {
            return Outcome(isFree: false, reward: -0.5)
        }
        place = target
        return Outcome(isFree: true, reward: isSolved ? 1 : -0.05)
    }
}
