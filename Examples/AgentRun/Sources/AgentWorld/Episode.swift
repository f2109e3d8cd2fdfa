public import OneLogger
public import RLMTelemetry

/// One run of an agent in a grid.
public struct Episode: Sendable {
    /// What came of it.
    public struct Result: Sendable, Hashable {
        /// The run's id.
        public var id: String
        /// Whether the goal was reached.
        public var isSolved: Bool
        /// How many steps it took.
        public var steps: Int
        /// What it earned.
        public var reward: Double
        /// The trace that it is recorded in; nil when it is not.
        public var traceID: TraceID?
    }

    private let id: String
    private let maxSteps: Int
    private let mistakeEvery: Int
    private let world: GridWorld
    private let recorder: Recorder

    /// Prepares a run.
    ///
    /// - Parameters:
    ///   - id: The run's id.
    ///   - world: The grid.
    ///   - maxSteps: After how many steps it gives up.
    ///   - mistakeEvery: Every so many decisions the agent writes nonsense; 0 means never.
    ///   - recorder: Where the evaluation of programs is timed.
    public init(_ id: String, in world: GridWorld, maxSteps: Int, mistakeEvery: Int, recorder: Recorder) {
        self.id = id
        self.world = world
        self.maxSteps = maxSteps
        self.mistakeEvery = mistakeEvery
        self.recorder = recorder
    }

    /// Runs the agent until it is there or gives up.
    public func run(_ sink: any RLMSink) -> Result {
        let start = RLMRunStart(
            id, task: "Go from (0, 0) to (\(world.goal.x), \(world.goal.y))", environment: "grid_world",
            maxSteps: maxSteps, model: "greedy-arithmetic",
            parameters: ["size": .int(world.size), "walls": .int(world.walls.count)])
        return sink.withRun(start) { run in
            look(sink)
            var world = world, agent = Agent(mistakeEvery: mistakeEvery), steps = 0, reward = 0.0
            while !world.isSolved, steps < maxSteps {
                steps += 1
                reward += run.withStep("run_code", number: steps) { step in move(&agent, in: &world, &step) }
            }
            let path = "\(steps) steps to (\(world.place.x), \(world.place.y))"
            run.conclude(
                RLMRunEnd(
                    isCompleted: world.isSolved, totalReward: reward, finalAnswer: world.isSolved ? path : nil,
                    error: world.isSolved ? nil : "gave up after \(path)", runPath: "out/\(id)"))
            return Result(id: id, isSolved: world.isSolved, steps: steps, reward: reward, traceID: run.traceID)
        }
    }

    /// Lets somebody else count the walls: a run below this one.
    private func look(_ sink: any RLMSink) {
        let start = RLMRunStart(
            "\(id)-survey", task: "Count the walls", environment: "grid_world", maxSteps: 1, parentRun: id, depth: 1)
        sink.withRun(start) { run in
            run.withStep("count") { step in
                step.output = "\(world.walls.count)"
                step.reward = 0
            }
            run.conclude(RLMRunEnd(isCompleted: true, finalAnswer: "\(world.walls.count) walls"))
        }
    }

    private func move(_ agent: inout Agent, in world: inout GridWorld, _ step: inout RLMStep) -> Double {
        let programs = agent.programs(in: world)
        step.code = programs.map { "\($0.direction.rawValue) = \($0.text)" }.joined(separator: "\n")
        step.branch = RLMBranch(width: programs.count, selected: 0)
        let reward: Double
        do throws(Expression.Problem) {
            let (values, best) = try recorder.timedSpan("evaluate") { (span) throws(Expression.Problem) in
                span["programs"] = programs.count
                return try agent.choose(programs)
            }
            step.branch?.selected = programs.firstIndex { $0.direction == best } ?? 0
            let place = world.place, outcome = world.move(best)
            agent.learn(best, from: place, wasFree: outcome.isFree)
            step.output = zip(programs, values).map { "\($0.direction.rawValue): \($1)" }.joined(separator: ", ")
            if !outcome.isFree { step.error = "\(best.rawValue) of (\(place.x), \(place.y)) is a wall" }
            reward = outcome.reward
        } catch {
            step.error = "the program has no value: \(error)"
            reward = -1
        }
        step.reward = reward
        return reward
    }
}
