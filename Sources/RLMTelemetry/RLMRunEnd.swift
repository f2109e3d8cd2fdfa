public import OneLoggerCore

/// What came of a run.
public struct RLMRunEnd: Sendable, Hashable {
    /// Whether the run did what it was asked.
    public var isCompleted: Bool
    /// How many steps it took; nil means as many as were seen.
    public var steps: Int?
    /// What it earned; nil means the sum of the rewards that were seen.
    public var totalReward: Double?
    /// What the agent answered; nil or empty when it did not.
    public var finalAnswer: String?
    /// Why it did not complete.
    public var error: String?
    /// The file that the application itself keeps about the run.
    public var runPath: String?
    /// What the models were asked, all steps together.
    public var usage: RLMUsage?
    /// When it began, by the application's own clock; nil means when its start was seen.
    public var startedAt: Timestamp?
    /// When it ended; nil means now.
    public var finishedAt: Timestamp?
    /// The task, for sinks that did not see the start.
    public var task: String?
    /// The environment, for sinks that did not see the start.
    public var environment: String?
    /// What else is known; attributes under their own names.
    public var extras: Attributes
    /// The trace that the run is recorded in; an ``RLMSinkManager`` fills it in for sinks that write it.
    public var traceID: TraceID?

    /// Creates an end.
    public init(
        isCompleted: Bool, steps: Int? = nil, totalReward: Double? = nil, finalAnswer: String? = nil,
        error: String? = nil, runPath: String? = nil, usage: RLMUsage? = nil, startedAt: Timestamp? = nil,
        finishedAt: Timestamp? = nil, task: String? = nil, environment: String? = nil, extras: Attributes = [:],
        traceID: TraceID? = nil
    ) {
        self.isCompleted = isCompleted
        self.steps = steps
        self.totalReward = totalReward
        self.finalAnswer = finalAnswer
        self.error = error
        self.runPath = runPath
        self.usage = usage
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.task = task
        self.environment = environment
        self.extras = extras
        self.traceID = traceID
    }
}
