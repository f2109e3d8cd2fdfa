import OneLoggerCore
import OneLoggerTestSupport
import Testing

@testable import ResourceTelemetry

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The guide says what the code does.
@Suite struct ResourceGuideTests {
    private let guide: String

    init() throws {
        let bytes = try #require(SystemFile.bytes("\(packageFolder)/Docs/resources.md"))
        guide = String(decoding: bytes, as: UTF8.self)
    }

    /// The cells of the rows of a table, by its first header.
    private func table(_ header: String) -> [[String]] {
        let lines = guide.split(separator: "\n", omittingEmptySubsequences: false)
        guard let start = lines.firstIndex(where: { $0.hasPrefix("| \(header) |") }) else { return [] }
        return lines[(start + 2)...].prefix { $0.hasPrefix("|") }.map { line in
            line.split(separator: "|").map { $0.split(separator: " ").joined(separator: " ") }
        }
    }

    @Test func `each metric stands in the guide with its kind, unit, label and meaning, and no other`() {
        var expected: [[String]] = []
        for instrument in ResourceInstrument.all where !expected.contains(where: { $0[0] == "`\(instrument.name)`" }) {
            let label =
                switch instrument.name {
                case "node_gpu_utilization": "`backend`, `node_id`, `gpu_id`"
                case let name where name.hasPrefix("node_"): "`backend`, `node_id`"
                case let name where name.hasPrefix("hw."): "`hw.*`"
                default: instrument.label.map { "`\($0.key)`" } ?? ""
                }
            let kind = instrument.kind.rawValue
            expected.append(["`\(instrument.name)`", kind, "`\(instrument.unit)`", label, instrument.meaning])
        }
        #expect(table("metric") == expected)
    }

    @Test func `each option has a row, and no other`() throws {
        var settings = Settings(["surplus_key": 1])
        let error = #expect(throws: SettingsError.self) { _ = try ResourceOptions(&settings) }
        let allowed = try #require(error?.description.split(separator: "Allowed: ").last).prefix { $0 != "." }
            .split(separator: ", ").map { "`\($0)`" }
        #expect(Set(table("key").map { $0[0] }) == Set(allowed))
        #expect(table("key").count == allowed.count)
    }

    @Test func `each attribute of a sample of this machine stands in the guide`() throws {
        let folder = TemporaryFolder()
        folder.putMachine()
        folder.put("0::/job\n", at: "proc/self/cgroup")
        folder.put("usage_usec 2500000\n", at: "sys/fs/cgroup/job/cpu.stat")
        folder.put("150000 100000\n", at: "sys/fs/cgroup/job/cpu.max")
        folder.put("4096\n", at: "sys/fs/cgroup/job/memory.current")
        folder.put("8192\n", at: "sys/fs/cgroup/job/memory.max")
        folder.put("oom_kill 1\n", at: "sys/fs/cgroup/job/memory.events")
        folder.put("17\n", at: "sys/fs/cgroup/job/pids.current")
        var adapter = HostAdapter(HostAdapter.Options(root: folder.path)), real = HostAdapter()
        var names: Set<String> = []
        for _ in 0..<2 {
            names.formUnion(try adapter.sample(node: "n").flatMap { $0.attributes.map(\.key) })
            names.formUnion(try real.sample(node: "n").flatMap { $0.attributes.map(\.key) })
        }
        #expect(names.count >= 12)
        for name in names { #expect(guide.contains("`\(name)`"), "\(name)") }
    }
}
