internal import OneLoggerCore
internal import Synchronization

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

extension Resource {
    /// What a request says about who sends it, by the semantic conventions; the custom metadata win.
    ///
    /// `incomplete` is how much data were missing before, nil when nothing is known to be.
    func semanticAttributes(incomplete: TelemetryDataError.Kind?) -> Attributes {
        var result: Attributes = [
            "service.name": .string(serviceName),
            "service.instance.id": .string(ProcessIdentity.current),
            "telemetry.sdk.name": "onelogger",
            "telemetry.sdk.language": "swift",
            "telemetry.sdk.version": .string(packageVersion),
            "process.pid": .int(pid == 0 ? Int(getpid()) : pid),
            "process.runtime.name": "swift",
            "os.type": .string(Platform.system),
        ]
        let path = Platform.executable
        if let name = path.split(separator: "/").last {
            result["process.executable.name"] = .string(String(name))
            result["process.executable.path"] = .string(path)
        }
        let host = host.isEmpty ? Platform.host : host
        if !host.isEmpty { result["host.name"] = .string(host) }
        if let architecture = Platform.architecture { result["host.arch"] = .string(architecture) }
        if let rank { result["rank"] = .int(rank) }
        if let localRank { result["local_rank"] = .int(localRank) }
        if let worldSize { result["world_size"] = .int(worldSize) }
        if !sessionTag.isEmpty { result["session_tag"] = .string(sessionTag) }
        result.merge(customMetadata)
        if let incomplete {
            result["onelogger.data_complete"] = false
            result["onelogger.telemetry_data_error_type"] = .string(incomplete.rawValue)
        }
        return result
    }
}

/// `service.instance.id`: the same for everything that a process sends, and another one in a forked child.
enum ProcessIdentity {
    private static let last = Locked<(pid: pid_t, id: String)>((0, ""))

    static var current: String {
        last.withLock { last in
            let pid = getpid()
            if last.pid != pid { last = (pid, uuid()) }
            return last.id
        }
    }

    /// A UUID of version 4, of random bytes (RFC 9562).
    private static func uuid() -> String {
        var random = SystemRandomNumberGenerator()
        let high = random.next() & 0xffff_ffff_ffff_0fff | 0x4000
        let low = random.next() & 0x3fff_ffff_ffff_ffff | 0x8000_0000_0000_0000
        var text = ""
        for (place, digit) in (SpanID(high).description + SpanID(low).description).enumerated() {
            if [8, 12, 16, 20].contains(place) { text += "-" }
            text.append(digit)
        }
        return text
    }
}

/// What the process runs on, by the names of the semantic conventions.
private enum Platform {
    static var system: String {
        #if os(Linux)
        "linux"
        #else
        "darwin"
        #endif
    }

    static var architecture: String? {
        #if arch(x86_64)
        "amd64"
        #elseif arch(arm64)
        "arm64"
        #elseif arch(arm)
        "arm32"
        #elseif arch(i386)
        "x86"
        #else
        nil
        #endif
    }

    static var host: String {
        var bytes = [CChar](repeating: 0, count: 256)
        guard unsafe gethostname(&bytes, bytes.count - 1) == 0 else { return "" }
        return text(bytes.prefix { $0 != 0 })
    }

    static var executable: String {
        var bytes = [CChar](repeating: 0, count: 4096)
        let count = unsafe readlink("/proc/self/exe", &bytes, bytes.count)
        return count > 0 ? text(bytes[..<count]) : CommandLine.arguments.first ?? ""
    }

    private static func text(_ bytes: some Sequence<CChar>) -> String {
        String(decoding: bytes.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
