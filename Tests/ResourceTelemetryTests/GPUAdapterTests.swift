import OneLoggerCore
import OneLoggerTestSupport
import Testing

@testable import ResourceTelemetry

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// One file says what the devices of the stand-in do, and an environment variable names it: so one test at a time.
@Suite(.serialized) struct NVIDIAAdapterTests {
    private let folder = TemporaryFolder()
    private var library: String { folder("libnvidia-ml.so.1") }
    private let source = "\(packageFolder)/Tests/ResourceTelemetryTests/Fixtures/fake_nvml.c"

    init() throws {
        let end = try ChildProcess("clang", ["-shared", "-fPIC", "-o", library, source]).end()
        try #require(end == .exit(0))
        unsafe setenv("FAKE_NVML", folder("devices"), 1)
    }

    private func devices(_ lines: String...) { folder.write(lines.map { "\($0)\n" }.joined(), to: "devices") }

    @Test func `each device gives a sample, the node the busiest one's figure`() throws {
        devices("40 10 250 70500 60 4", "90 20 500 80000 70 0")
        var adapter = NVIDIAAdapter(library: library)
        defer { adapter.stop() }
        let samples = try adapter.sample(node: "n1")
        #expect(samples.map(\.gpu) == [nil, 0, 1])
        #expect(samples.map(\.gpuPercent) == [90, 40, 90])
        let first = try #require(samples.dropFirst().first)
        #expect(first.cpuPercent == nil)
        #expect(
            first.attributes
                == [
                    "gpu.memory_busy_percent": .int(10), "gpu.uuid": "GPU-00000000-aaaa-bbbb-cccc-dddddddddddd",
                    "gpu.name": "Fake 0", "gpu.memory_used_bytes": .int(250), "gpu.memory_total_bytes": .int(1000),
                    "gpu.memory_percent": .double(25), "gpu.power_watts": .double(70.5),
                    "gpu.temperature_celsius": .int(60), "gpu.throttle_reasons": .strings(["sw_power_cap"]),
                    "gpu.processes": .int(2), "gpu.process_memory_bytes": .int(300),
                ])
    }

    @Test func `a device that is lost is reported, left out and tried again`() throws {
        devices("40 10 250 70500 60 0", "lost")
        var adapter = NVIDIAAdapter(library: library)
        defer { adapter.stop() }
        #expect(try adapter.sample(node: "n1").map(\.gpu) == [nil, 0])
        #expect(adapter.troubles == ["nvidia: device 1 cannot be read: GPU is lost"])
        devices("40 10 250 70500 60 0", "50 10 250 70500 60 0")
        #expect(try adapter.sample(node: "n1").map(\.gpu) == [nil, 0, 1])
        #expect(adapter.troubles.isEmpty)
    }

    @Test func `a figure that a model does not have is left out alone`() throws {
        devices("40 10 250 -3 60 0")
        var adapter = NVIDIAAdapter(library: library)
        defer { adapter.stop() }
        let sample = try #require(try adapter.sample(node: "n1").last)
        #expect(sample.attributes["gpu.power_watts"] == nil)
        #expect(sample.attributes["gpu.temperature_celsius"] == .int(60))
    }

    @Test func `a figure that fails in whatever way is left out alone, and a device without any is said`() throws {
        for code in [4, 10, 13, 20, 21, 25, 27, 29, 999] {
            devices("40 10 250 -\(code) 60 0")
            var adapter = NVIDIAAdapter(library: library)
            defer { adapter.stop() }
            let sample = try #require(try adapter.sample(node: "n1").last)
            #expect(sample.gpuPercent == 40 && sample.attributes["gpu.power_watts"] == nil, "\(code)")
            #expect(adapter.troubles.isEmpty)
        }
        // 16: the device must be reset before it tells anything again.
        devices("40 10 250 -16 60 0", "50 10 250 1 60 0")
        var adapter = NVIDIAAdapter(library: library)
        defer { adapter.stop() }
        #expect(try adapter.sample(node: "n1").map(\.gpu) == [nil, 1])
        #expect(adapter.troubles == ["nvidia: device 0 cannot be read: Unknown Error"])
    }

    @Test func `however many processes a device has, they are counted, with what is known of their memory`() throws {
        devices("40 10 250 1 60 0")
        defer { unsafe unsetenv("FAKE_NVML_PROCESSES") }
        for (count, memory) in [(0, 0), (1, 300), (64, 9600), (65, 9900), (5000, 750_000)] {
            unsafe setenv("FAKE_NVML_PROCESSES", "\(count)", 1)
            var adapter = NVIDIAAdapter(library: library)
            defer { adapter.stop() }
            let sample = try #require(try adapter.sample(node: "n1").last)
            #expect(sample.attributes["gpu.processes"] == .int(count))
            #expect(sample.attributes["gpu.process_memory_bytes"] == .int(memory))
        }
    }

    @Test(arguments: ["OLDER", "NEWER"])
    func `drivers that know only the older or only the newer names tell the same`(generation: String) throws {
        devices("40 10 250 70500 60 1536")
        let other = folder("\(generation).so")
        let compiler = try ChildProcess("clang", ["-D\(generation)", "-shared", "-fPIC", "-o", other, source])
        try #require(compiler.end() == .exit(0))
        var adapter = NVIDIAAdapter(library: other)
        defer { adapter.stop() }
        let sample = try #require(try adapter.sample(node: "n1").last)
        #expect(sample.attributes["gpu.temperature_celsius"] == .int(60))
        #expect(sample.attributes["gpu.throttle_reasons"] == .strings(["board_limit", "reliability"]))
        #expect(sample.attributes["gpu.processes"] == .int(2))
    }

    @Test func `NVIDIA's own binding for Python reads the same from the stand-in`() throws {
        devices("40 10 250 70500 60 4", "90 20 500 80000 70 64")
        let program = """
            from pynvml import *
            nvmlInit()
            for i in range(nvmlDeviceGetCount()):
                h = nvmlDeviceGetHandleByIndex(i)
                u, m = nvmlDeviceGetUtilizationRates(h), nvmlDeviceGetMemoryInfo(h)
                p = nvmlDeviceGetComputeRunningProcesses(h)
                print(u.gpu, u.memory, m.used, m.total, nvmlDeviceGetPowerUsage(h) / 1000, nvmlDeviceGetTemperature(h, 0),
                      nvmlDeviceGetUUID(h), len(p), sum(x.usedGpuMemory or 0 for x in p), sep=",")
            """
        let other = try ChildProcess(
            python, ["-c", program], variables: ["LD_LIBRARY_PATH": folder.path, "FAKE_NVML": folder("devices")])
        let (end, output) = other.finish()
        try #require(end == .exit(0), "\(output)")
        var adapter = NVIDIAAdapter(library: library)
        defer { adapter.stop() }
        let ours = try adapter.sample(node: "n1").dropFirst().map { sample in
            let names = [
                "gpu.memory_busy_percent", "gpu.memory_used_bytes", "gpu.memory_total_bytes", "gpu.power_watts",
                "gpu.temperature_celsius", "gpu.uuid", "gpu.processes", "gpu.process_memory_bytes",
            ]
            return (["\(Int(sample.gpuPercent ?? -1))"] + names.map { sample.attributes[$0]?.description ?? "" })
                .joined(separator: ",")
        }
        #expect(output.split(separator: "\n").map(String.init) == ours)
    }

    @Test func `without a driver, or without a library, there is one clear reason`() throws {
        _ = try ChildProcess("rm", ["-f", folder("devices")]).end()
        var adapter = NVIDIAAdapter(library: library)
        #expect(throws: ResourceError.unavailable(source: "nvidia", reason: "Driver Not Loaded")) {
            try adapter.sample(node: "n1")
        }
        devices("1 1 1 1 1 0")
        #expect(try adapter.sample(node: "n1").count == 2)
        adapter.stop()
        var missing = NVIDIAAdapter(library: folder("nothing.so"))
        #expect(throws: ResourceError.self) { try missing.sample(node: "n1") }
    }

    @Test func `reasons have names, new ones keep their number`() {
        #expect(NVIDIAAdapter.names(ofReasons: 0x41) == ["gpu_idle", "hw_thermal_slowdown"])
        #expect(NVIDIAAdapter.names(ofReasons: 1 << 40) == ["bit_40"])
    }
}

@Suite struct AMDAdapterTests {
    @Test func `figures come from the files of the driver`() throws {
        let folder = TemporaryFolder()
        let device = "sys/class/drm/card1/device"
        folder.put("0x1002\n", at: "\(device)/vendor")
        folder.put("77\n", at: "\(device)/gpu_busy_percent")
        folder.put("1024\n", at: "\(device)/mem_info_vram_used")
        folder.put("4096\n", at: "\(device)/mem_info_vram_total")
        folder.put("45000000\n", at: "\(device)/hwmon/hwmon3/power1_average")
        folder.put("61000\n", at: "\(device)/hwmon/hwmon3/temp1_input")
        folder.put("abc123\n", at: "\(device)/unique_id")
        folder.put("0x10de\n", at: "sys/class/drm/card0/device/vendor")
        folder.put("", at: "sys/class/drm/card1-HDMI-A-1/status")
        var adapter = AMDAdapter(root: folder.path)
        let samples = try adapter.sample(node: "n")
        #expect(samples.map(\.gpu) == [nil, 0])
        #expect(samples.map(\.gpuPercent) == [77, 77])
        #expect(
            samples.last?.attributes
                == [
                    "gpu.uuid": "abc123", "gpu.memory_used_bytes": .int(1024), "gpu.memory_total_bytes": .int(4096),
                    "gpu.memory_percent": .double(25), "gpu.power_watts": .double(45),
                    "gpu.temperature_celsius": .double(61),
                ])
    }

    @Test func `a machine without such a device says so`() {
        var adapter = AMDAdapter(root: TemporaryFolder().path)
        #expect(throws: ResourceError.self) { try adapter.sample(node: "n") }
    }
}
