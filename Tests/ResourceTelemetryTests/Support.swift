import OneLogger
import OneLoggerCore
import OneLoggerTestSupport
import OneLoggerTesting

@testable import ResourceTelemetry

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// This process.
func getProcessID() -> Int32 { getpid() }

/// Which thread calls.
func thisThread() -> UInt {
    #if canImport(Glibc)
    UInt(pthread_self())
    #else
    unsafe UInt(bitPattern: pthread_self())
    #endif
}

extension TemporaryFolder {
    /// Writes a file and the folders above it.
    func put(_ text: String, at name: String) {
        let folder = name.split(separator: "/").dropLast().joined(separator: "/")
        _ = try? ChildProcess("mkdir", ["-p", self(folder)]).end()
        write(text, to: name)
    }

    /// A machine with one disk, a device mapper on it, a loop device and two network interfaces.
    func putMachine(sectors: Int = 1000, received: Int = 5000, ticks: (busy: Int, idle: Int) = (100, 900)) {
        put("cpu  \(ticks.busy) 0 0 \(ticks.idle) 0 0 0 0 0 0\ncpu0 1 2 3 4 5 6 7 8 9 10\n", at: "proc/stat")
        put(
            "MemTotal:       1000 kB\nMemFree:         100 kB\nMemAvailable:    250 kB\nBuffers: 7 kB\n",
            at: "proc/meminfo")
        put(
            """
             259       0 nvme0n1 10 0 \(sectors) 5 20 0 \(sectors * 2) 6 0 7 8
             259       1 nvme0n1p1 10 0 \(sectors) 5 20 0 \(sectors * 2) 6 0 7 8
             253       0 dm-0 10 0 \(sectors) 5 20 0 \(sectors * 2) 6 0 7 8
               7       0 loop0 10 0 \(sectors) 5 20 0 \(sectors * 2) 6 0 7 8
               9       0 stack 10 0 \(sectors) 5 20 0 \(sectors * 2) 6 0 7 8

            """, at: "proc/diskstats")
        for disk in ["nvme0n1", "dm-0", "loop0", "stack"] { put("", at: "sys/block/\(disk)/dev") }
        put("", at: "sys/block/stack/slaves/nvme0n1/dev")
        put(
            """
            Inter-|   Receive                                                |  Transmit
             face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
                lo: 999 1 0 0 0 0 0 0 999 1 0 0 0 0 0 0
              eth0:\(received) 1 0 0 0 0 0 0 \(received * 3) 1 0 0 0 0 0 0

            """, at: "proc/net/dev")
    }
}

/// A recorder with the plug-in, and what it exports.
struct Recording {
    let store = InMemoryExporter.Store()
    let recorder: Recorder
    let plugin: ResourceRecorder

    init(_ options: ResourceOptions, adding others: [any ResourceAdapter] = []) {
        recorder = Recorder(exporters: [ExporterSlot(InMemoryExporter(store))])
        plugin = ResourceRecorder(options, adding: others, recorder: recorder)
        recorder.add(plugin)
    }

    /// With adapters of the test's own alone, every 20 ms.
    init(_ others: any ResourceAdapter...) {
        var options = ResourceOptions()
        options.adapters = []
        options.interval = .milliseconds(20)
        self.init(options, adding: others)
    }

    /// The typed events so far that tell of resources.
    var events: [EventRecord] {
        _ = try? recorder.flush(timeout: .seconds(5))
        return store.records.compactMap {
            if case .typedEvent(let event) = $0, event.type == "ResourceUpdate" { event } else { nil }
        }
    }

    /// Which adapters have something to complain about.
    var troubles: [String] { plugin.health.filter { $0.trouble != nil }.map(\.name) }

    func end() throws { try recorder.shutdown(timeout: .seconds(10)) }
}

/// Gives the same busy node and one of its GPUs each time.
struct BusyNode: ResourceAdapter {
    var name: String { "test" }

    mutating func sample(node: String) throws(ResourceError) -> [ResourceSample] {
        var whole = ResourceSample(backend: name, node: "n9", time: Timestamp(secondsSince1970: 1e9))
        whole.cpuPercent = 25
        whole.memoryPercent = 50
        whole.diskReadBytes = 100
        whole.attributes["job.tasks"] = 3
        var gpu = ResourceSample(
            backend: name, node: "n9", gpu: 1, time: Timestamp(secondsSince1970: 1e9 + 1),
            attributes: ["gpu.uuid": "GPU-7", "gpu.power_watts": 70.5])
        gpu.gpuPercent = 80
        return [whole, gpu]
    }
}
