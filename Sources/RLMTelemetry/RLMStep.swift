public import OneLoggerCore

/// One step of a run: what was done, and what came of it.
///
/// Everything may be left out. In a scoped step the body fills it in.
public struct RLMStep: Sendable, Hashable {
    /// Which one it is; steps in a scope count from 1.
    public var number: Int?
    /// What kind of action was taken, such as `run_code`.
    public var action: String?
    /// The program that was run.
    public var code: String?
    /// What it printed or returned.
    public var output: String?
    /// Why it failed.
    public var error: String?
    /// Whether it did what it should; nil when nobody can say.
    public var isSuccess: Bool?
    /// What the step earned.
    public var reward: Double?
    /// What the run has earned so far; nil means the sum of the rewards that were seen.
    public var cumulativeReward: Double?
    /// What the models were asked.
    public var usage: RLMUsage?
    /// How deep the run is nested, from 0.
    public var depth: Int?
    /// Which of several candidates was taken.
    public var branch: RLMBranch?
    /// When it began; nil means when the step before it ended, or the run began.
    public var startedAt: Timestamp?
    /// When it ended; nil means now.
    public var finishedAt: Timestamp?
    /// What else is known; attributes under their own names.
    public var extras: Attributes
    /// The trace that the run is recorded in; an ``RLMSinkManager`` fills it in for sinks that write it.
    public var traceID: TraceID?
    /// True when the task of a scoped step was cancelled, which is no failure.
    var isCancelled = false
    /// The type of what the body of a scoped step threw.
    var errorType: String?

    /// Creates a step.
    public init(
        _ number: Int? = nil, action: String? = nil, code: String? = nil, output: String? = nil, error: String? = nil,
        isSuccess: Bool? = nil, reward: Double? = nil, cumulativeReward: Double? = nil, usage: RLMUsage? = nil,
        depth: Int? = nil, branch: RLMBranch? = nil, startedAt: Timestamp? = nil, finishedAt: Timestamp? = nil,
        extras: Attributes = [:], traceID: TraceID? = nil
    ) {
        self.number = number
        self.action = action
        self.code = code
        self.output = output
        self.error = error
        self.isSuccess = isSuccess
        self.reward = reward
        self.cumulativeReward = cumulativeReward
        self.usage = usage
        self.depth = depth
        self.branch = branch
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.extras = extras
        self.traceID = traceID
    }

    /// What the span says about the end.
    func status(_ error: String?) -> SpanStatus {
        if isCancelled { return .cancelled }
        if isSuccess == true { return .ok }
        guard let error, !error.isEmpty else { return .unset }
        return .error(error)
    }

    /// What a body that returned, or threw, leaves to be said.
    mutating func complete(_ thrown: (any Error)?) {
        guard let thrown else {
            if isSuccess == nil { isSuccess = error == nil || error == "" }
            return
        }
        isSuccess = false
        isCancelled = thrown is CancellationError
        errorType = String(describing: type(of: thrown))
        if error == nil { error = String(describing: thrown) }
    }
}

/// What language models were asked during a step or a run.
public struct RLMUsage: Sendable, Hashable {
    /// How many calls were made.
    public var calls: Int
    /// What they were given.
    ///
    /// Unit: tokens.
    public var promptTokens: Int
    /// What they answered.
    ///
    /// Unit: tokens.
    public var completionTokens: Int

    /// Creates a sum of calls and tokens.
    public init(calls: Int, promptTokens: Int, completionTokens: Int) {
        self.calls = calls
        self.promptTokens = promptTokens
        self.completionTokens = completionTokens
    }
}

/// Which of several candidates a step took.
public struct RLMBranch: Sendable, Hashable {
    /// How many there were.
    public var width: Int
    /// Which one was taken, from 0.
    public var selected: Int

    /// Creates a choice.
    public init(width: Int, selected: Int) {
        self.width = width
        self.selected = selected
    }
}
