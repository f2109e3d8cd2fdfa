public import OneLoggerCore

/// What is known when a run begins.
public struct RLMRunStart: Sendable, Hashable {
    /// The run's id, such as `run_20260801_120000_000001`; unique among the runs that are open.
    public var id: String
    /// What the agent is asked to do.
    public var task: String
    /// Where it acts, such as `grid_world`.
    public var environment: String
    /// After how many steps the run is stopped; nil when that is in ``parameters`` or unknown.
    public var maxSteps: Int?
    /// Which model decides; nil when that is in ``parameters`` or unknown.
    public var model: String?
    /// How the run is set up; each becomes an attribute `rlm.params.NAME`.
    ///
    /// `max_steps`, `model`, `parent_run_id` and `depth` count as the properties of that meaning where these are nil.
    public var parameters: Attributes
    /// The run that delegated this one; nil when none did.
    public var parentRun: String?
    /// How deep this run is nested, from 0; nil when unknown.
    public var depth: Int?
    /// When it began; nil means now.
    public var startedAt: Timestamp?
    /// What else is known; attributes under their own names.
    public var extras: Attributes

    /// Creates a start.
    public init(
        _ id: String, task: String, environment: String, maxSteps: Int? = nil, model: String? = nil,
        parameters: Attributes = [:], parentRun: String? = nil, depth: Int? = nil, startedAt: Timestamp? = nil,
        extras: Attributes = [:]
    ) {
        self.id = id
        self.task = task
        self.environment = environment
        self.maxSteps = maxSteps
        self.model = model
        self.parameters = parameters
        self.parentRun = parentRun
        self.depth = depth
        self.startedAt = startedAt
        self.extras = extras
    }

    /// The run under which this one hangs, wherever that was said.
    var effectiveParent: String? {
        if let parentRun { return parentRun }
        guard case .string(let id)? = parameters["parent_run_id"], !id.isEmpty else { return nil }
        return id
    }

    /// An integer that was given typed, or else among the parameters.
    func integer(_ typed: Int?, _ key: String) -> Int? {
        if let typed { return typed }
        guard case .int(let number)? = parameters[key] else { return nil }
        return number
    }

    /// A text that was given typed, or else among the parameters.
    func text(_ typed: String?, _ key: String) -> String? {
        if let typed { return typed }
        guard case .string(let text)? = parameters[key] else { return nil }
        return text
    }

    /// Parameters that say the same as a property.
    static let typedParameters: Set<String> = ["max_steps", "model", "parent_run_id", "depth"]
}
