public import OneLoggerCore

/// What an adapter has read about one node, or about one of its GPUs, at one moment.
///
/// What the source does not know is nil, never 0.
public struct ResourceSample: Sendable, Hashable {
    /// Which adapter read it, such as `host`.
    public var backend: String
    /// The machine, or the worker that stands for one.
    public var node: String
    /// Which GPU of the node, from 0; nil when the sample is about the node as a whole.
    public var gpu: Int?
    /// When the source measured it.
    public var time: Timestamp
    /// How busy the processors were since the sample before.
    ///
    /// Unit: percent of all of them, 0 to 100.
    public var cpuPercent: Double?
    /// How much of the memory is in use.
    ///
    /// Unit: percent, 0 to 100.
    public var memoryPercent: Double?
    /// How busy the GPU was, or the busiest GPU of the node.
    ///
    /// Unit: percent, 0 to 100.
    public var gpuPercent: Double?
    /// What was read from disks since the sample before.
    ///
    /// Unit: bytes.
    public var diskReadBytes: Double?
    /// What was written to disks since the sample before.
    ///
    /// Unit: bytes.
    public var diskWriteBytes: Double?
    /// What left through the network since the sample before.
    ///
    /// Unit: bytes.
    public var netSentBytes: Double?
    /// What came through the network since the sample before.
    ///
    /// Unit: bytes.
    public var netReceivedBytes: Double?
    /// What else the source knows, under names with their unit such as `job.memory_bytes`.
    public var attributes: Attributes

    /// Creates a sample that says nothing yet.
    public init(backend: String, node: String, gpu: Int? = nil, time: Timestamp, attributes: Attributes = [:]) {
        self.backend = backend
        self.node = node
        self.gpu = gpu
        self.time = time
        self.attributes = attributes
    }

    /// This sample, with what only `other` knows about the same node filled in; GPUs of two makers count together.
    func filled(from other: ResourceSample) -> ResourceSample {
        var result = self
        result.cpuPercent = cpuPercent ?? other.cpuPercent
        result.memoryPercent = memoryPercent ?? other.memoryPercent
        result.gpuPercent = [gpuPercent, other.gpuPercent].compactMap { $0 }.max()
        result.diskReadBytes = diskReadBytes ?? other.diskReadBytes
        result.diskWriteBytes = diskWriteBytes ?? other.diskWriteBytes
        result.netSentBytes = netSentBytes ?? other.netSentBytes
        result.netReceivedBytes = netReceivedBytes ?? other.netReceivedBytes
        for (key, value) in other.attributes where result.attributes[key] == nil { result.attributes[key] = value }
        if case .int(let own) = attributes["gpu.count"], case .int(let others) = other.attributes["gpu.count"] {
            result.attributes["gpu.count"] = .int(own + others)
        }
        return result
    }
}
