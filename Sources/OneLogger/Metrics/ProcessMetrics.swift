internal import COneLogger
internal import OneLoggerCore

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// Processor time, memory and start of this process.
enum ProcessMetrics {
    static func points(_ time: Timestamp) -> [MetricPoint] {
        let start = startTime
        var list = PointList(prefix: "process.", start: min(start, time), time: time)
        if let (user, system) = processorTime {
            let summary = "Processor time that the process has used"
            list.attributes = ["cpu.mode": "user"]
            list.add("cpu.time", "s", summary, .sum(user))
            list.attributes = ["cpu.mode": "system"]
            list.add("cpu.time", "s", summary, .sum(system))
            list.attributes = [:]
        }
        if let memory = residentMemory { list.add("memory.usage", "By", "Resident memory", .upDownSum(memory)) }
        // In the words of Prometheus's own libraries: node exporter shows one text per name, and has this one, too.
        let summary = "Start time of the process since unix epoch in seconds."
        list.add("start_time", "s", summary, .gauge(Double(start.nanoseconds) / 1e9))
        return list.points
    }

    private static var processorTime: (user: Double, system: Double)? {
        var usage = rusage()
        #if canImport(Darwin)
        guard unsafe getrusage(RUSAGE_SELF, &usage) == 0 else { return nil }
        #else
        guard unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 else { return nil }
        #endif
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        return (seconds(usage.ru_utime), seconds(usage.ru_stime))
    }

    #if canImport(Darwin)
    private static var residentMemory: Double? {
        var info = mach_task_basic_info()
        var count = mach_msg_type_number_t(MemoryLayout<mach_task_basic_info>.size / MemoryLayout<natural_t>.size)
        let result = unsafe withUnsafeMutablePointer(to: &info) { info in
            unsafe info.withMemoryRebound(to: integer_t.self, capacity: Int(count)) {
                unsafe task_info(mach_task_self_, task_flavor_t(MACH_TASK_BASIC_INFO), $0, &count)
            }
        }
        return result == KERN_SUCCESS ? Double(info.resident_size) : nil
    }

    /// When this library was first asked: there is no file to read it from.
    private static let startTime = Timestamp(nanoseconds: ol_realtime())
    #else
    private static var residentMemory: Double? {
        // "size resident shared text lib data dt", in pages.
        let fields = text("/proc/self/statm").split(separator: UInt8(ascii: " "))
        guard fields.count > 1, let pages = Double(String(decoding: fields[1], as: UTF8.self)) else { return nil }
        return pages * Double(sysconf(Int32(_SC_PAGESIZE)))
    }

    /// Of the process that asks: a forked child has one of its own.
    private static var startTime: Timestamp {
        // The command may hold anything, so fields are counted from behind its parenthesis: the 20th there.
        let stat = text("/proc/self/stat"), boot = text("/proc/stat")
        guard let end = stat.lastIndex(of: UInt8(ascii: ")")) else { return Timestamp(nanoseconds: ol_realtime()) }
        let fields = stat[(end + 1)...].split(separator: UInt8(ascii: " "))
        guard fields.count > 19, let ticks = Double(String(decoding: fields[19], as: UTF8.self)),
            let line = boot.split(separator: UInt8(ascii: "\n")).first(where: { $0.starts(with: "btime ".utf8) }),
            let booted = Double(String(decoding: line.dropFirst(6), as: UTF8.self))
        else { return Timestamp(nanoseconds: ol_realtime()) }
        let perSecond = Double(sysconf(Int32(_SC_CLK_TCK)))
        return Timestamp(nanoseconds: UInt64((booted + ticks / perSecond) * 1e9))
    }

    /// A small file of the kernel; empty when it cannot be read.
    private static func text(_ path: String) -> [UInt8] {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return [] }
        defer { close(file) }
        var bytes: [UInt8] = [], chunk = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = unsafe read(file, &chunk, chunk.count)
            guard count > 0 else { return bytes }
            bytes += chunk[..<count]
        }
    }
    #endif
}
