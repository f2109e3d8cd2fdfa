public import OneLoggerCore

/// Somebody who wants to know what runs and steps an agent makes.
///
/// Every hook may be called from any thread, for several runs at once, and must not block. What one throws is noted
/// once and never reaches the agent when the sink stands in an ``RLMSinkManager`` or is used through a scope.
public protocol RLMSink: Sendable {
    /// What tells it from others, such as `local-jsonl`.
    var name: String { get }

    /// The sink whose recorder times scoped steps; nil when this one records no spans. Nil unless implemented.
    var tracing: RLMRunSink? { get }

    /// A run begins; called once, before its first step.
    func runStarted(_ run: RLMRunStart) throws

    /// A step of a run is over.
    func stepFinished(_ run: String, _ step: RLMStep) throws

    /// A run is over; called once.
    func runEnded(_ run: String, _ end: RLMRunEnd) throws

    /// How the sink fares.
    func status() throws -> RLMSinkStatus
}

extension RLMSink {
    /// None: only a sink that writes into a recorder has one.
    public var tracing: RLMRunSink? { nil }

    /// A run begins.
    ///
    /// - Parameters:
    ///   - id: The run's id.
    ///   - task: What the agent is asked to do.
    ///   - environment: Where it acts.
    ///   - maxSteps: After how many steps the run is stopped.
    ///   - model: Which model decides.
    ///   - parameters: How the run is set up.
    ///   - parent: The id of the run that delegated this one.
    /// - Throws: What the sink throws.
    public func runStarted(
        _ id: String, task: String, environment: String, maxSteps: Int? = nil, model: String? = nil,
        parameters: Attributes = [:], parent: String? = nil
    ) throws {
        try runStarted(
            RLMRunStart(
                id, task: task, environment: environment, maxSteps: maxSteps, model: model, parameters: parameters,
                parentRun: parent))
    }
}

/// How a sink fares.
public struct RLMSinkStatus: Sendable, Hashable {
    /// The sink's name.
    public var name: String
    /// True when somebody asked for it.
    public var isEnabled: Bool
    /// True when it can do its work and the last thing that it delivered got through.
    public var isAvailable: Bool
    /// Where it delivers, or why it does not.
    public var detail: String
    /// The service under which it exports; nil when it exports none.
    public var serviceName: String?
    /// Whether it records metrics; nil when it cannot.
    public var hasMetrics: Bool?
    /// Records or lines that got through.
    public var exported: Int
    /// Records or lines that are known to be lost.
    public var dropped: Int
    /// What went wrong last; nil when nothing did.
    public var lastError: String?

    /// Creates a status.
    public init(
        name: String, isEnabled: Bool, isAvailable: Bool, detail: String, serviceName: String? = nil,
        hasMetrics: Bool? = nil, exported: Int = 0, dropped: Int = 0, lastError: String? = nil
    ) {
        self.name = name
        self.isEnabled = isEnabled
        self.isAvailable = isAvailable
        self.detail = detail
        self.serviceName = serviceName
        self.hasMetrics = hasMetrics
        self.exported = exported
        self.dropped = dropped
        self.lastError = lastError
    }

    /// The same under the documented names: `name`, `enabled`, `available`, `detail`, `service_name`,
    /// `metrics_enabled`, `exported`, `dropped`, `last_error`.
    ///
    /// What is nil is left out.
    public var attributes: Attributes {
        var all: Attributes = [
            "name": .string(name), "enabled": .bool(isEnabled), "available": .bool(isAvailable),
            "detail": .string(detail),
        ]
        if let serviceName { all["service_name"] = .string(serviceName) }
        if let hasMetrics { all["metrics_enabled"] = .bool(hasMetrics) }
        all["exported"] = .int(exported)
        all["dropped"] = .int(dropped)
        if let lastError { all["last_error"] = .string(lastError) }
        return all
    }
}
