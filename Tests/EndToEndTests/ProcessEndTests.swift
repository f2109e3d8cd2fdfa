import Foundation
import OneLoggerCore
import OneLoggerJSONL
import OneLoggerTestSupport
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// What is in the file after a process has ended, in whatever way.
@Suite(.timeLimit(.minutes(15))) struct ProcessEndTests {
    private let folder = TemporaryFolder()

    /// One exporter, and time enough on a machine that has other things to do.
    private let recorder = "recorder: {shutdown_timeout_s: 30}\n"
    private let exporter = "exporters: [{type: jsonl, config: {path: FOLDER/out.jsonl}}]"

    private func worker(_ job: String, _ count: Int = 0, _ config: String? = nil) throws -> ChildProcess {
        let file = folder.write(config ?? recorder + exporter, to: "a.yaml")
        return try ChildProcess("OneLoggerTestWorker", [job, "\(count)", file])
    }

    @Test(arguments: ["return", "exit", "shutdown"])
    func `every span that ended is in the file, however main ends`(job: String) throws {
        #expect(try worker(job, 1000).finish().end == .exit(0))
        let recording = try folder.recording()
        #expect(recording.ended["step"] == 1000)
        #expect(recording.numbers == Array(0..<1000))
        #expect(recording.ended["job"] == 1)
        #expect(recording.unfinished == (job == "shutdown" ? ["late": "shutdown"] : [:]))
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func `at SIGTERM and SIGINT every span that ended is there, and what is open is marked`(signal: Int32) throws {
        let child = try worker(
            "open", 1000, "recorder: {flush_interval_ms: 60000, shutdown_timeout_s: 30}\n" + exporter)
        #expect(child.line() == "ready")
        child.kill(signal)
        #expect(child.end() == .signal(signal), "it dies by the same signal")
        let recording = try folder.recording()
        #expect(recording.numbers == Array(0..<1000))
        #expect(recording.ended == ["step": 1000, "job": 1, "manual": 1, "root": 1])
        #expect(recording.announced == ["manual": 1, "root": 1])
        let name = signal == SIGTERM ? "SIGTERM" : "SIGINT"
        #expect(recording.unfinished == ["manual": name, "root": name])
    }

    @Test func `a killed process leaves what ended up to one flush interval before, and its open root`() throws {
        let child = try worker("interval", 500)
        #expect(child.line() == "ready")
        child.kill(SIGKILL)
        #expect(child.end() == .signal(SIGKILL))
        let recording = try folder.recording()
        #expect(recording.numbers == Array(0..<500))
        #expect(recording.announced == ["root": 1])
        #expect(recording.ended == ["step": 500, "job": 1])
    }

    @Test func `a process killed while it records leaves whole lines without a gap`() throws {
        let child = try worker("busy", 20_000)
        #expect(child.line() == "ready")
        child.kill(SIGKILL)
        #expect(child.end() == .signal(SIGKILL))
        // Only the line that was being written may be cut off.
        let recording = try folder.recording(mayBeTorn: true)
        #expect(recording.records.count >= 19_000)
    }

    @Test func `a hanging exporter neither keeps the process from ending nor the others from delivering`() throws {
        let child = try worker(
            "exit", 100,
            """
            recorder: {shutdown_timeout_s: 3}
            exporters: [{type: hanging}, {type: jsonl, config: {path: FOLDER/out.jsonl}}]
            """)
        #expect(child.finish().end == .exit(0))
        #expect(try folder.recording().numbers.count == 100)
    }

    @Test func `a program finds its file, its rank and its parent in the environment`() throws {
        let config = folder.write(
            "exporters: [{type: jsonl, config: {path: 'FOLDER/{rank}-{pid}.jsonl'}}]", to: "b.yaml")
        let child = try ChildProcess(
            "OneLoggerTestWorker", ["exit", "3"],
            variables: [
                "ONE_LOGGER_EXPORTER_CONFIG_PATH": config, "RANK": "3", "WORLD_SIZE": "4",
                "TRACEPARENT": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            ])
        #expect(child.finish().end == .exit(0))
        #expect(folder.recordings == ["3-\(child.pid).jsonl"])
        let recording = try folder.recording("3-\(child.pid).jsonl")
        let resource = try #require(recording.headers.first).resource
        #expect(resource.rank == 3 && resource.worldSize == 4 && resource.pid == Int(child.pid))
        #expect(resource.serviceName == "OneLoggerTestWorker")
        let parents = recording.records.compactMap {
            if case .span(let span) = $0, span.name == "job" { span.parentID } else { nil }
        }
        #expect(parents == [SpanID(0x00f0_67aa_0ba9_02b7)])
    }

    @Test func `forked children write headers and process ids of their own, into one file or into several`() throws {
        for path in ["out.jsonl", "{pid}.jsonl"] {
            let child = try worker("fork", 3, recorder + "exporters: [{type: jsonl, config: {path: 'FOLDER/\(path)'}}]")
            let (end, output) = child.finish()
            #expect(end == .exit(0))
            let pids = output.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
            try #require(pids.count == 3)
            let parent = Int(child.pid)
            let names = path == "out.jsonl" ? [path] : (pids + [parent]).map { "\($0).jsonl" }
            let recordings = try names.map { try folder.recording($0) }
            #expect(Set(recordings.flatMap(\.headers).map(\.resource.pid)) == Set(pids + [parent]))
            #expect(recordings.flatMap(\.numbers).sorted() == [0, 1, 2])
            let ended = recordings.flatMap(\.ended).reduce(into: [:]) { $0[$1.key, default: 0] += $1.value }
            #expect(ended == ["before": 1, "child": 3, "after": 1], "nothing of the parent is written twice")
        }
    }

    @Test(arguments: ["default", "none"])
    func `a process without standard streams keeps its file and its signals to itself`(signals: String) throws {
        let config = folder.write(
            """
            recorder: {signals: \(signals), shutdown_timeout_s: 30}
            exporters:
              - {type: prometheus, config: {listen: '127.0.0.1:0'}}
              - {type: console, config: {stream: stdout, verbosity: all}}
              - {type: jsonl, config: {path: FOLDER/out.jsonl}}
            """, to: "a.yaml")
        let child = try ChildProcess(
            "sh",
            ["-c", "exec \"$0\" shutdown 1000 \"$1\" <&- >&-", "\(ChildProcess.programs)/OneLoggerTestWorker", config])
        #expect(child.end() == .exit(0))
        let recording = try folder.recording()
        #expect(recording.ended["step"] == 1000 && recording.numbers == Array(0..<1000))
    }

    @Test(arguments: ["", "spool: {directory: FOLDER/spool}"])
    func `a process without standard streams keeps its connections and its spool to itself`(spool: String) throws {
        let receiver = try #require(Receiver.shared), id = "no standard streams \(spool.isEmpty)"
        let config = folder.write(
            """
            recorder: {signals: none}
            exporters:
              - type: otlp
                config:
                  endpoint: "http://127.0.0.1:\(receiver.http)"
                  protocol: http/protobuf
                  headers: {x-test: \(id)}
                  \(spool)
            """, to: "a.yaml")
        let child = try ChildProcess(
            "sh",
            ["-c", "exec \"$0\" open 1000 \"$1\" <&- >&- 2>&-", "\(ChildProcess.programs)/OneLoggerTestWorker", config])
        defer {
            child.kill(SIGKILL)
            _ = child.end()
        }
        #expect(receiver.names(id, count: 1000).count >= 1000)
        // A library's pair of sockets, by which its threads wake each other, may be there: what is printed to one goes nowhere.
        let connections = try String(contentsOfFile: "/proc/\(child.pid)/net/tcp", encoding: .utf8)
        for number in 0...2 {
            let link = "/proc/\(child.pid)/fd/\(number)"
            guard let file = try? FileManager.default.destinationOfSymbolicLink(atPath: link) else { continue }
            let socket = file.filter(\.isNumber)
            #expect(!file.contains(folder.path) && !connections.contains(" \(socket) "), "\(number) is \(file)")
        }
    }

    @Test func `each process in a shared file numbers its own lines`() throws {
        let child = try worker("fork", 2)
        #expect(child.finish().end == .exit(0))
        var reader = try JSONLReader(path: folder("out.jsonl")), counts: [Int: [Int]] = [:]
        while let line = try reader.next() { counts[line.pid ?? 0, default: []].append(line.count ?? 0) }
        #expect(counts.count == 3 && counts[Int(child.pid)] != nil)
        for count in counts.values { #expect(count.count >= 2 && count == Array(1...count.count)) }
    }
}
