internal import OneLoggerCore

/// One metric that is made of samples, as the guide lists it.
struct ResourceInstrument: Sendable {
    /// How its values add up.
    enum Kind: String, Sendable {
        /// Told, not asked, because an open session tells it, too.
        case told = "gauge"
        case gauge = "observable gauge"
        case upDownCounter = "observable up-down counter"
        case counter = "observable counter"
    }

    var name: String, unit: String, kind: Kind, meaning: String
    /// What its series carry beside the labels of all.
    var label: (key: String, value: String)?
    /// Its value in a sample: what a counter adds; nil when the sample does not say.
    var value: @Sendable (ResourceSample) -> Double?

    init(
        _ name: String, _ unit: String, _ kind: Kind, _ meaning: String,
        label: (key: String, value: String)? = nil, _ value: @escaping @Sendable (ResourceSample) -> Double?
    ) {
        self.name = name
        self.unit = unit
        self.kind = kind
        self.meaning = meaning
        self.label = label
        self.value = value
    }

    /// The attributes of the series that a sample belongs to.
    func attributes(_ sample: ResourceSample) -> Attributes {
        var result = kind == .told ? Self.documented(sample) : Self.conventional(sample)
        if let label { result[label.key] = .string(label.value) }
        return result
    }

    private static func documented(_ sample: ResourceSample) -> Attributes {
        var result: Attributes = ["backend": .string(sample.backend), "node_id": .string(sample.node)]
        if let gpu = sample.gpu { result["gpu_id"] = .string("\(gpu)") }
        return result
    }

    private static func conventional(_ sample: ResourceSample) -> Attributes {
        var result: Attributes = ["host.name": .string(sample.node), "onelogger.backend": .string(sample.backend)]
        if let gpu = sample.gpu {
            result["hw.id"] = sample.attributes["gpu.uuid"] ?? .string("\(gpu)")
            result["hw.type"] = "gpu"
            if let model = sample.attributes["gpu.name"] { result["hw.name"] = model }
        }
        return result
    }

    /// Percentages by backend and node, then shares, sizes and totals under the names of OpenTelemetry's semantic
    /// conventions: https://opentelemetry.io/docs/specs/semconv/system/system-metrics/ and `hardware/gpu`.
    static let all: [ResourceInstrument] = documented + host + traffic + devices
    /// How many of them, from the first on, a sample of a node may have a value for.
    static let ofNodes = all.count - devices.count

    private static let documented = [
        ResourceInstrument(
            "node_cpu_utilization", "%", .told, "How busy the processors of a machine are", \.cpuPercent),
        ResourceInstrument(
            "node_memory_utilization", "%", .told, "How much of a machine's memory is used", \.memoryPercent),
        ResourceInstrument(
            "node_gpu_utilization", "%", .told, "How busy a GPU is; without gpu_id the busiest one of the machine",
            \.gpuPercent),
    ]

    private static let used = (key: "system.memory.state", value: "used")
    private static let host = [
        ResourceInstrument(
            "system.cpu.utilization", "1", .gauge, "How busy the processors are", { $0.cpuPercent.map { $0 / 100 } }),
        ResourceInstrument(
            "system.memory.utilization", "1", .gauge, "How much of the memory is in use", label: used,
            { $0.memoryPercent.map { $0 / 100 } }),
        ResourceInstrument(
            "system.memory.usage", "By", .upDownCounter, "Memory in use", label: used,
            { $0.number("host.memory_bytes") }),
        ResourceInstrument(
            "system.memory.limit", "By", .upDownCounter, "Memory in all", { $0.number("host.memory_limit_bytes") }),
    ]

    private static let traffic = [
        ResourceInstrument(
            "system.disk.io", "By", .counter, "What went to and from disks", label: ("disk.io.direction", "read"),
            \.diskReadBytes),
        ResourceInstrument(
            "system.disk.io", "By", .counter, "What went to and from disks", label: ("disk.io.direction", "write"),
            \.diskWriteBytes),
        ResourceInstrument(
            "system.network.io", "By", .counter, "What went through the network",
            label: ("network.io.direction", "transmit"), \.netSentBytes),
        ResourceInstrument(
            "system.network.io", "By", .counter, "What went through the network",
            label: ("network.io.direction", "receive"), \.netReceivedBytes),
    ]

    private static let devices = [
        ResourceInstrument(
            "hw.gpu.utilization", "1", .gauge, "How busy a GPU is", { $0.ofDevice($0.gpuPercent.map { $0 / 100 }) }),
        ResourceInstrument(
            "hw.gpu.memory.utilization", "1", .gauge, "How much of a GPU's memory is in use",
            { $0.ofDevice($0.number("gpu.memory_percent").map { $0 / 100 }) }),
        ResourceInstrument(
            "hw.gpu.memory.usage", "By", .upDownCounter, "Memory of a GPU in use",
            { $0.ofDevice($0.number("gpu.memory_used_bytes")) }),
        ResourceInstrument(
            "hw.gpu.memory.limit", "By", .upDownCounter, "Memory of a GPU in all",
            { $0.ofDevice($0.number("gpu.memory_total_bytes")) }),
        ResourceInstrument(
            "hw.power", "W", .gauge, "What a GPU consumes", { $0.ofDevice($0.number("gpu.power_watts")) }),
        ResourceInstrument(
            "hw.temperature", "Cel", .gauge, "How hot a GPU is", { $0.ofDevice($0.number("gpu.temperature_celsius")) }),
    ]
}

extension ResourceSample {
    /// An attribute that is a number; nil when it is absent or something else.
    fileprivate func number(_ name: String) -> Double? {
        switch attributes[name] {
        case .int(let value): Double(value)
        case .double(let value): value
        default: nil
        }
    }

    /// The value of a device; nil when the sample is about a node.
    fileprivate func ofDevice(_ value: Double?) -> Double? { gpu == nil ? nil : value }
}
