import OneLoggerTestSupport

@testable import ResourceTelemetry

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// This process.
func getProcessID() -> Int32 { getpid() }

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
