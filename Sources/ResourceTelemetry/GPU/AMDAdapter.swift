internal import OneLoggerCore

/// AMD's GPUs of this machine, from the files of the kernel's `amdgpu` driver under `/sys/class/drm`.
///
/// One sample per device, and one of the node whose ``ResourceSample/gpuPercent`` is that of the busiest device. The
/// attributes: `gpu.uuid`, `gpu.memory_used_bytes`, `gpu.memory_total_bytes`, `gpu.memory_percent`,
/// `gpu.memory_busy_percent`, `gpu.power_watts`, `gpu.temperature_celsius`; what a device does not know is left out.
public struct AMDAdapter: ResourceAdapter {
    /// `amd`.
    public var name: String { "amd" }
    /// Which devices could not be read.
    public private(set) var troubles: [String] = []

    private let root: String

    /// Creates an adapter; reads nothing yet.
    ///
    /// - Parameter root: What stands before `/sys`; empty on a real system.
    public init(root: String = "") { self.root = root }

    /// Reads every device.
    ///
    /// - Throws: ``ResourceError/unavailable(source:reason:)`` when there is none.
    public mutating func sample(node: String) throws(ResourceError) -> [ResourceSample] {
        let devices = devices()
        guard !devices.isEmpty else {
            throw .unavailable(source: name, reason: "\(root)/sys/class/drm has no device of AMD")
        }
        troubles = []
        var samples: [ResourceSample] = []
        for (index, folder) in devices.enumerated() {
            guard let sample = read(folder, index, node) else {
                troubles.append("amd: device \(index) cannot be read: \(folder) says nothing about its use")
                continue
            }
            samples.append(sample)
        }
        var whole = ResourceSample(backend: name, node: node, time: .now)
        whole.gpuPercent = samples.compactMap(\.gpuPercent).max()
        whole.attributes["gpu.count"] = .int(devices.count)
        return [whole] + samples
    }

    /// The folders of the devices, by the number of their card.
    private func devices() -> [String] {
        let drm = "\(root)/sys/class/drm"
        let cards = SystemFile.names(in: drm).compactMap { name -> Int? in
            name.hasPrefix("card") ? Int(name.dropFirst(4)) : nil
        }
        return cards.sorted().map { "\(drm)/card\($0)/device" }.filter { SystemFile.text("\($0)/vendor") == "0x1002" }
    }

    private func read(_ folder: String, _ index: Int, _ node: String) -> ResourceSample? {
        var sample = ResourceSample(backend: name, node: node, gpu: index, time: .now)
        sample.gpuPercent = SystemFile.number("\(folder)/gpu_busy_percent").map(Double.init)
        var all: Attributes = [:]
        all["gpu.uuid"] = SystemFile.text("\(folder)/unique_id").map { .string($0) }
        all["gpu.memory_busy_percent"] = SystemFile.number("\(folder)/mem_busy_percent").map { .int($0) }
        if let used = SystemFile.number("\(folder)/mem_info_vram_used") {
            all["gpu.memory_used_bytes"] = .int(used)
            if let total = SystemFile.number("\(folder)/mem_info_vram_total"), total > 0 {
                all["gpu.memory_total_bytes"] = .int(total)
                all["gpu.memory_percent"] = .double(100 * Double(used) / Double(total))
            }
        }
        if let sensors = SystemFile.names(in: "\(folder)/hwmon").min().map({ "\(folder)/hwmon/\($0)" }) {
            let microwatts =
                SystemFile.number("\(sensors)/power1_average") ?? SystemFile.number("\(sensors)/power1_input")
            all["gpu.power_watts"] = microwatts.map { .double(Double($0) / 1e6) }
            all["gpu.temperature_celsius"] = SystemFile.number("\(sensors)/temp1_input").map {
                .double(Double($0) / 1000)
            }
        }
        guard sample.gpuPercent != nil || all["gpu.memory_used_bytes"] != nil else { return nil }
        sample.attributes = all
        return sample
    }
}
