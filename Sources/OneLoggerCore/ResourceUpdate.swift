/// How busy a machine, or one of its GPUs, is.
///
/// Emitted with `backend` and `nodeID`. What is not known is nil, which is null in a file.
public struct ResourceUpdate: TelemetryEvent, BuiltInEvent, Hashable {
    /// `ResourceUpdate`.
    public static let eventType: StaticName = "ResourceUpdate"
    /// The open session keeps the last values.
    @inlinable public static var role: EventRole { .observed }

    /// How busy the processors are.
    ///
    /// Unit: percent, 0 to 100.
    public var cpuPercent: Double?
    /// How much of the memory is used.
    ///
    /// Unit: percent, 0 to 100.
    public var memoryPercent: Double?
    /// How busy the GPU is; of a whole machine that of its busiest GPU.
    ///
    /// Unit: percent, 0 to 100.
    public var gpuPercent: Double?
    /// Which GPU, from 0 on; none for a whole machine.
    public var gpuID: Int?
    /// Read from disks since the previous event.
    ///
    /// Unit: bytes.
    public var diskReadBytes: Double?
    /// Written to disks since the previous event.
    ///
    /// Unit: bytes.
    public var diskWriteBytes: Double?
    /// Sent over networks since the previous event.
    ///
    /// Unit: bytes.
    public var netSentBytes: Double?
    /// Received from networks since the previous event.
    ///
    /// Unit: bytes.
    public var netRecvBytes: Double?

    /// Creates an event.
    public init(
        cpuPercent: Double? = nil, memoryPercent: Double? = nil, gpuPercent: Double? = nil, gpuID: Int? = nil,
        diskReadBytes: Double? = nil, diskWriteBytes: Double? = nil, netSentBytes: Double? = nil,
        netRecvBytes: Double? = nil
    ) {
        self.cpuPercent = cpuPercent
        self.memoryPercent = memoryPercent
        self.gpuPercent = gpuPercent
        self.gpuID = gpuID
        self.diskReadBytes = diskReadBytes
        self.diskWriteBytes = diskWriteBytes
        self.netSentBytes = netSentBytes
        self.netRecvBytes = netRecvBytes
    }

    /// `per_gpu` for a GPU, else `per_node`.
    public var resourceScope: String { gpuID == nil ? "per_node" : "per_gpu" }

    /// Lists the fields.
    public func encode(to fields: inout EventFields) {
        fields["cpu_percent"] = cpuPercent
        fields["memory_percent"] = memoryPercent
        fields["gpu_percent"] = gpuPercent
        fields["gpu_id"] = gpuID
        fields["disk_read_bytes"] = diskReadBytes
        fields["disk_write_bytes"] = diskWriteBytes
        fields["net_sent_bytes"] = netSentBytes
        fields["net_recv_bytes"] = netRecvBytes
        fields["resource_scope"] = resourceScope
    }

    /// Reads the fields back; nil when the event is of another type.
    public init?(_ event: EventRecord) {
        guard event.type == "ResourceUpdate" else { return nil }
        func number(_ name: String) -> Double? {
            switch event[field: name] {
            case .double(let value): value
            case .int(let value): Double(value)
            default: nil
            }
        }
        self.init(
            cpuPercent: number("cpu_percent"), memoryPercent: number("memory_percent"),
            gpuPercent: number("gpu_percent"), gpuID: number("gpu_id").flatMap { Int(exactly: $0) },
            diskReadBytes: number("disk_read_bytes"), diskWriteBytes: number("disk_write_bytes"),
            netSentBytes: number("net_sent_bytes"), netRecvBytes: number("net_recv_bytes"))
    }
}
