#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// NVIDIA's management library, opened when it is needed, because most machines have none.
///
/// Names and structures as NVIDIA's documentation of the library gives them:
/// https://docs.nvidia.com/deploy/nvml-api/index.html.
///
/// The library may be called from any thread, and the pointers never change: that is why it is `Sendable`.
@safe
final class NVML: Sendable {
    /// A device, as the library names it; worth nothing once the driver has lost it.
    @safe struct Device {
        fileprivate let handle: OpaquePointer
    }

    private typealias Handle = OpaquePointer
    private typealias Plain = @convention(c) () -> Int32
    private typealias Count = @convention(c) (UnsafeMutablePointer<UInt32>) -> Int32
    private typealias ByIndex = @convention(c) (UInt32, UnsafeMutablePointer<Handle?>) -> Int32
    private typealias OneNumber = @convention(c) (Handle, UnsafeMutablePointer<UInt32>) -> Int32
    private typealias WideNumber = @convention(c) (Handle, UnsafeMutablePointer<UInt64>) -> Int32
    private typealias Sensor = @convention(c) (Handle, UInt32, UnsafeMutablePointer<UInt32>) -> Int32
    private typealias Text = @convention(c) (Handle, UnsafeMutablePointer<CChar>, UInt32) -> Int32
    private typealias Structure = @convention(c) (Handle, UnsafeMutableRawPointer) -> Int32
    private typealias List = @convention(c) (Handle, UnsafeMutablePointer<UInt32>, UnsafeMutableRawPointer) -> Int32
    private typealias Message = @convention(c) (Int32) -> UnsafePointer<CChar>?

    /// A call that did not succeed, by its number and in the library's words.
    struct Failure: Error, Sendable, Hashable {
        var code: Int32
        var text: String
        /// The library was closed, the driver unloaded, or the device has gone or must be reset: handles are worth nothing.
        var isLost: Bool { [1, 9, 15, 16, 28].contains(code) }
    }

    nonisolated(unsafe) private let library: UnsafeMutableRawPointer

    /// Opens and initialises the library.
    ///
    /// - Throws: ``ResourceError/unavailable(source:reason:)`` when it is not there or does not find a driver.
    init(path: String) throws(ResourceError) {
        guard let library = unsafe dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
            let reason = unsafe dlerror().map { unsafe String(cString: $0) } ?? "it cannot be opened"
            throw .unavailable(source: "nvidia", reason: reason)
        }
        unsafe self.library = library
        guard let initialise = symbol("nvmlInit_v2", as: Plain.self) else {
            throw .unavailable(source: "nvidia", reason: "\(path) has no function nvmlInit_v2")
        }
        let code = initialise()
        guard code == 0 else { throw .unavailable(source: "nvidia", reason: message(code)) }
    }

    /// Ends the use; the library itself stays loaded, because others may hold it.
    func shutDown() { _ = symbol("nvmlShutdown", as: Plain.self)?() }

    private func symbol<F>(_ name: String, as type: F.Type) -> F? {
        unsafe dlsym(library, name).map { unsafe unsafeBitCast($0, to: type) }
    }

    private func message(_ code: Int32) -> String {
        guard let text = unsafe symbol("nvmlErrorString", as: Message.self)?(code) else { return "error \(code)" }
        return unsafe String(cString: text)
    }

    private func check(_ code: Int32?) throws(Failure) {
        guard let code else { throw Failure(code: 13, text: "the library has no such function") }
        if code != 0 { throw Failure(code: code, text: message(code)) }
    }

    func deviceCount() throws(Failure) -> Int {
        var count: UInt32 = 0
        try check(unsafe symbol("nvmlDeviceGetCount_v2", as: Count.self)?(&count))
        return Int(count)
    }

    func device(_ index: Int) throws(Failure) -> Device {
        var device: Handle?
        try check(unsafe symbol("nvmlDeviceGetHandleByIndex_v2", as: ByIndex.self)?(UInt32(index), &device))
        guard let device = unsafe device else { throw Failure(code: 6, text: "there is no such device") }
        return unsafe Device(handle: device)
    }

    /// How busy the device and its memory were.
    ///
    /// Unit: percent.
    func utilization(_ device: Device) throws(Failure) -> (gpu: Int, memory: Int) {
        var rates: (UInt32, UInt32) = (0, 0)
        try check(unsafe symbol("nvmlDeviceGetUtilizationRates", as: Structure.self)?(device.handle, &rates))
        return (Int(rates.0), Int(rates.1))
    }

    /// Unit: bytes.
    func memory(_ device: Device) throws(Failure) -> (total: Int, used: Int) {
        // Total, free and used.
        var memory: (UInt64, UInt64, UInt64) = (0, 0, 0)
        try check(unsafe symbol("nvmlDeviceGetMemoryInfo", as: Structure.self)?(device.handle, &memory))
        return (Int(clamping: memory.0), Int(clamping: memory.2))
    }

    /// Unit: watts.
    func power(_ device: Device) throws(Failure) -> Double {
        var milliwatts: UInt32 = 0
        try check(unsafe symbol("nvmlDeviceGetPowerUsage", as: OneNumber.self)?(device.handle, &milliwatts))
        return Double(milliwatts) / 1000
    }

    /// Of the chip.
    ///
    /// Unit: degrees Celsius.
    func temperature(_ device: Device) throws(Failure) -> Int {
        if let older = unsafe symbol("nvmlDeviceGetTemperature", as: Sensor.self) {
            var degrees: UInt32 = 0
            try check(unsafe older(device.handle, 0, &degrees))
            return Int(degrees)
        }
        // Its successor takes a structure: its version with its size, the sensor, and the temperature.
        var reading: (UInt32, UInt32, Int32) = (0x0100_000C, 0, 0)
        try check(unsafe symbol("nvmlDeviceGetTemperatureV", as: Structure.self)?(device.handle, &reading))
        return Int(reading.2)
    }

    func uuid(_ device: Device) throws(Failure) -> String { try text(device, "nvmlDeviceGetUUID") }
    func model(_ device: Device) throws(Failure) -> String { try text(device, "nvmlDeviceGetName") }

    private func text(_ device: Device, _ function: String) throws(Failure) -> String {
        var bytes = [CChar](repeating: 0, count: 96)
        try check(unsafe symbol(function, as: Text.self)?(device.handle, &bytes, UInt32(bytes.count)))
        return String(decoding: bytes.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// Why the clocks are lower than they could be, one bit per reason.
    func throttleReasons(_ device: Device) throws(Failure) -> UInt64 {
        var bits: UInt64 = 0
        // The newer name first; drivers before 535 know the older one only.
        let newer = unsafe symbol("nvmlDeviceGetCurrentClocksEventReasons", as: WideNumber.self)
        let older = unsafe symbol("nvmlDeviceGetCurrentClocksThrottleReasons", as: WideNumber.self)
        try check(unsafe (newer ?? older)?(device.handle, &bits))
        return bits
    }

    /// How many processes compute on the device, and how much of its memory they hold together.
    ///
    /// The memory is nil where it is known of none of them, as in some containers. Unit: bytes.
    func processes(_ device: Device) throws(Failure) -> (count: Int, memory: Int?) {
        // Drivers before 510 know the older name only; the structure is the same.
        let newer = unsafe symbol("nvmlDeviceGetComputeRunningProcesses_v3", as: List.self)
        let list = unsafe newer ?? symbol("nvmlDeviceGetComputeRunningProcesses_v2", as: List.self)
        // Each: u32 process, 4 bytes of padding, u64 memory, u32 and u32 instance.
        let size = 24
        var room = 64
        while true {
            var count = UInt32(room), memory: Int?
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: size * room, alignment: 8)
            defer { unsafe buffer.deallocate() }
            let code = unsafe list?(device.handle, &count, buffer.baseAddress.unsafelyUnwrapped)
            // Too many for the buffer: the count says how many.
            if code == 7 {
                room = max(room * 2, Int(count) + 16)
                guard room < 65_536 else { return (Int(count), nil) }
                continue
            }
            try check(code)
            for place in 0..<min(Int(count), room) {
                let used = unsafe buffer.load(fromByteOffset: place * size + 8, as: UInt64.self)
                // NVML_VALUE_NOT_AVAILABLE.
                if used != .max { memory = (memory ?? 0).plus(Int(clamping: used)) }
            }
            return (Int(count), count == 0 ? 0 : memory)
        }
    }
}
