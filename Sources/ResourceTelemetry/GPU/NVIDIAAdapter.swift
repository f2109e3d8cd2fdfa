internal import OneLoggerCore

/// NVIDIA's GPUs of this machine, through the driver's management library.
///
/// One sample per device, and one of the node whose ``ResourceSample/gpuPercent`` is that of the busiest device. The
/// attributes: `gpu.uuid`, `gpu.name`, `gpu.memory_used_bytes`, `gpu.memory_total_bytes`, `gpu.memory_percent`,
/// `gpu.memory_busy_percent`, `gpu.power_watts`, `gpu.temperature_celsius`, `gpu.throttle_reasons`, `gpu.processes`,
/// `gpu.process_memory_bytes`; what a device does not know is left out.
public struct NVIDIAAdapter: ResourceAdapter {
    /// `nvidia`.
    public var name: String { "nvidia" }
    /// Which devices could not be read.
    public private(set) var troubles: [String] = []

    private let path: String
    private var library: NVML?

    /// Creates an adapter; opens nothing yet.
    ///
    /// - Parameter library: The management library's file.
    public init(library: String = "libnvidia-ml.so.1") { path = library }

    /// Reads every device; one that fails is reported, left out and tried again at the next poll.
    ///
    /// - Throws: ``ResourceError/unavailable(source:reason:)`` when there is no library, no driver or no device that answers.
    public mutating func sample(node: String) throws(ResourceError) -> [ResourceSample] {
        let library = try opened()
        let count: Int
        do throws(NVML.Failure) { count = try library.deviceCount() } catch {
            close()
            throw .unavailable(source: name, reason: error.text)
        }
        troubles = []
        var samples: [ResourceSample] = [], isLost = false
        for index in 0..<count {
            do throws(NVML.Failure) {
                samples.append(try read(library, index, node))
            } catch {
                troubles.append("nvidia: device \(index) cannot be read: \(error.text)")
                isLost = isLost || error.isLost
            }
        }
        // What was lost may come back with a new driver, which a fresh start finds.
        if isLost, samples.isEmpty { close() }
        guard !samples.isEmpty || count == 0 else {
            throw .unavailable(source: name, reason: troubles.joined(separator: "; "))
        }
        var whole = ResourceSample(backend: name, node: node, time: .now)
        whole.gpuPercent = samples.compactMap(\.gpuPercent).max()
        whole.attributes["gpu.count"] = .int(count)
        return [whole] + samples
    }

    /// Closes the library.
    public mutating func stop() { close() }

    private mutating func opened() throws(ResourceError) -> NVML {
        if let library { return library }
        let opened = try NVML(path: path)
        library = opened
        return opened
    }

    private mutating func close() {
        library?.shutDown()
        library = nil
    }

    private func read(_ library: NVML, _ index: Int, _ node: String) throws(NVML.Failure) -> ResourceSample {
        let device = try library.device(index)
        var sample = ResourceSample(backend: name, node: node, gpu: index, time: .now)
        // A device that is lost fails here; a figure that a model does not have fails alone.
        var missing: NVML.Failure?
        let busy = try figure(&missing) { () throws(NVML.Failure) in try library.utilization(device) }
        sample.gpuPercent = busy.map { Double($0.gpu) }
        var all: Attributes = [:]
        all["gpu.memory_busy_percent"] = busy.map { .int($0.memory) }
        if let memory = try figure(&missing, { () throws(NVML.Failure) in try library.memory(device) }) {
            all["gpu.memory_used_bytes"] = .int(memory.used)
            all["gpu.memory_total_bytes"] = .int(memory.total)
            if memory.total > 0 {
                all["gpu.memory_percent"] = .double(100 * Double(memory.used) / Double(memory.total))
            }
        }
        all["gpu.power_watts"] = try figure(&missing) { () throws(NVML.Failure) in
            .double(try library.power(device))
        }
        all["gpu.temperature_celsius"] = try figure(&missing) { () throws(NVML.Failure) in
            .int(try library.temperature(device))
        }
        // A device that tells none of these tells nothing.
        if let missing, busy == nil, all.isEmpty { throw missing }
        all["gpu.uuid"] = try figure(&missing) { () throws(NVML.Failure) in .string(try library.uuid(device)) }
        all["gpu.name"] = try figure(&missing) { () throws(NVML.Failure) in .string(try library.model(device)) }
        if let bits = try figure(&missing, { () throws(NVML.Failure) in try library.throttleReasons(device) }) {
            all["gpu.throttle_reasons"] = .strings(Self.names(ofReasons: bits))
        }
        if let processes = try figure(&missing, { () throws(NVML.Failure) in try library.processes(device) }) {
            all["gpu.processes"] = .int(processes.count)
            all["gpu.process_memory_bytes"] = processes.memory.map { .int($0) }
        }
        sample.attributes = all
        return sample
    }

    /// Nil for what this device, this driver or this user has not, or not now; ``NVML/Failure`` when the device is lost.
    private func figure<R>(
        _ missing: inout NVML.Failure?, _ body: () throws(NVML.Failure) -> R
    ) throws(NVML.Failure) -> R? {
        do throws(NVML.Failure) { return try body() } catch {
            if error.isLost { throw error }
            missing = error
            return nil
        }
    }

    /// The reasons of `nvmlClocksEventReasons`, in words; a bit that is new keeps its number.
    static func names(ofReasons bits: UInt64) -> [String] {
        let known = [
            "gpu_idle", "applications_clocks_setting", "sw_power_cap", "hw_slowdown", "sync_boost",
            "sw_thermal_slowdown",
            "hw_thermal_slowdown", "hw_power_brake_slowdown", "display_clock_setting", "board_limit", "reliability",
        ]
        return (0..<64).filter { bits >> UInt64($0) & 1 == 1 }.map { $0 < known.count ? known[$0] : "bit_\($0)" }
    }
}
