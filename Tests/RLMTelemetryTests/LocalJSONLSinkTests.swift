import Foundation
import OneLogger
import OneLoggerTestSupport
import OneLoggerTesting
import RLMTelemetry
import Testing

@Suite struct LocalJSONLSinkTests {
    private let folder = TemporaryFolder()

    private func sink(_ change: (inout LocalJSONLSink.Options) -> Void = { _ in }) -> LocalJSONLSink {
        var options = LocalJSONLSink.Options()
        options.clock = { Timestamp(nanoseconds: noon + 1_234_567_891) }
        change(&options)
        return LocalJSONLSink(directory: folder("observability"), options)
    }

    private func lines(_ name: String) -> [String] {
        folder.text("observability/\(name)").split(separator: "\n").map(String.init)
    }

    @Test func `a run leaves a line of 12 keys, and each step one of 7, in their order`() {
        let sink = sink()
        sink.runStarted(
            RLMRunStart("run_1", task: "add 1 and 1", environment: "dspy", parameters: ["max_steps": 3, "sub": "x"]))
        sink.stepFinished("run_1", RLMStep(1, action: "run_code", isSuccess: true, reward: 0.5))
        sink.stepFinished("run_1", RLMStep())
        let end = Timestamp(nanoseconds: noon + 2 * second)
        sink.runEnded("run_1", RLMRunEnd(isCompleted: true, runPath: "runs/run_1.jsonl", finishedAt: end))
        #expect(sink.flush(timeout: .patience))
        let text = folder.text("observability/steps/run_1.jsonl")
        #expect(
            text == """
                {"timestamp":"2026-08-01T12:00:01.234567+00:00","run_id":"run_1","step":1,"action":"run_code","reward":0.5,\
                "cumulative_reward":0.5,"success":true}
                {"timestamp":"2026-08-01T12:00:01.234567+00:00","run_id":"run_1","step":null,"action":null,"reward":null,\
                "cumulative_reward":0.5,"success":null}

                """)
        #expect(
            folder.text("observability/runs.jsonl") == """
                {"timestamp":"2026-08-01T12:00:01.234567+00:00","run_id":"run_1",\
                "started_at":"2026-08-01T12:00:01.234567+00:00","finished_at":"2026-08-01T12:00:02.000000+00:00",\
                "task":"add 1 and 1","environment":"dspy","params":{"max_steps":3,"sub":"x"},"completed":true,"steps":2,\
                "step_count_observed":2,"total_reward":0.5,"run_path":"runs/run_1.jsonl"}

                """)
        #expect(sink.status().exported == 3 && sink.status().detail == folder("observability"))
    }

    @Test func `dates are right from 1970 on, leap days included`() throws {
        let moments: [(UInt64, String)] = [
            (0, "1970-01-01T00:00:00.000000+00:00"), (951_782_400, "2000-02-29T00:00:00.000000+00:00"),
            (1_709_251_199, "2024-02-29T23:59:59.000000+00:00"), (1_735_689_599, "2024-12-31T23:59:59.000000+00:00"),
            (4_102_444_800, "2100-01-01T00:00:00.000000+00:00"),
        ]
        for (place, (seconds, expected)) in moments.enumerated() {
            let sink = sink { $0.clock = { Timestamp(nanoseconds: seconds * second) } }
            sink.stepFinished("d\(place)", RLMStep(1))
            sink.shutdown(timeout: .patience)
            #expect(lines("steps/d\(place).jsonl")[0].contains("\"\(expected)\""))
        }
    }

    @Test func `a step without a start is written, and its run line has what is known`() throws {
        let sink = sink()
        sink.stepFinished("never", RLMStep(1, reward: 1))
        sink.runEnded("never", RLMRunEnd(isCompleted: false, task: "from the end", environment: "e"))
        sink.flush(timeout: .patience)
        #expect(lines("steps/never.jsonl").count == 1)
        let line = try #require(lines("runs.jsonl").first)
        #expect(
            line.contains(#""started_at":null,"finished_at":null,"task":"from the end","environment":"e","params":{}"#))
        #expect(line.contains(#""step_count_observed":1,"total_reward":1.0,"run_path":"#))
    }

    @Test func `any text comes back as it was`() throws {
        let sink = sink(), task = "日本語 \u{0} \"quoted\" \\ \u{2028}\n🙂"
        sink.withRun(RLMRunStart("r", task: task, environment: "ü")) { _ in }
        sink.flush(timeout: .patience)
        let line = try #require(lines("runs.jsonl").first)
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        #expect(object?["task"] as? String == task && object?["environment"] as? String == "ü")
    }

    @Test func `numbers that are none leave valid JSON`() throws {
        let sink = sink()
        sink.runStarted(
            RLMRunStart("r", task: "t", environment: "e", parameters: ["bad": .doubles([.nan, -.infinity])]))
        sink.stepFinished("r", RLMStep(1, reward: .nan, cumulativeReward: .infinity))
        sink.runEnded("r", RLMRunEnd(isCompleted: true, totalReward: -.infinity))
        sink.flush(timeout: .patience)
        for line in lines("runs.jsonl") + lines("steps/r.jsonl") {
            #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(line.utf8)) }
        }
        #expect(lines("runs.jsonl").count == 1 && lines("steps/r.jsonl").count == 1)
    }

    @Test(arguments: [
        ("../../escape", "%2E.%2F..%2Fescape"), ("a/b", "a%2Fb"), (".", "%2E"), ("..", "%2E."),
        ("", "%"), ("a b%", "a%20b%25"), ("é\0", "%C3%A9%00"), ("run_20260801.1-x", "run_20260801.1-x"),
    ])
    func `a run's id cannot leave the folder`(id: String, file: String) {
        let sink = sink()
        sink.stepFinished(id, RLMStep(1))
        sink.flush(timeout: .patience)
        #expect(lines("steps/\(file).jsonl").count == 1)
        #expect(sink.status().isAvailable)
    }

    @Test func `ids that are too long for a file name get names of their own`() throws {
        let sink = sink(), long = String(repeating: "long", count: 200)
        for id in [long + "a", long + "b"] { sink.stepFinished(id, RLMStep(1)) }
        sink.flush(timeout: .patience)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder("observability/steps"))
        #expect(names.count == 2 && names.allSatisfy { $0.utf8.count < 255 } && sink.status().dropped == 0)
    }

    @Test func `a sink that is off touches no file`() {
        let sink = sink { $0.isEnabled = false }
        sink.withRun(RLMRunStart("r", task: "t", environment: "e")) { $0.withStep { _ in } }
        #expect(sink.flush(timeout: .patience) && !FileManager.default.fileExists(atPath: folder("observability")))
        #expect(
            sink.status()
                == RLMSinkStatus(name: "local-jsonl", isEnabled: false, isAvailable: false, detail: "disabled"))
    }

    @Test func `the folders are there before the first line`() {
        let sink = sink()
        sink.runStarted(RLMRunStart("r", task: "t", environment: "e"))
        sink.shutdown(timeout: .patience)
        #expect(FileManager.default.fileExists(atPath: folder("observability/steps")))
    }

    @Test func `8 threads with 300 steps each leave 2400 valid lines, in order`() async throws {
        let sink = sink()
        await withTaskGroup { group in
            for worker in 0..<8 {
                group.addTask {
                    for n in 1...300 { sink.stepFinished("worker\(worker % 4)", RLMStep(n, action: "w\(worker)")) }
                }
            }
        }
        #expect(sink.flush(timeout: .seconds(20)))
        var count = 0
        for file in 0..<4 {
            var last: [String: Int] = [:]
            for line in lines("steps/worker\(file).jsonl") {
                let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
                let worker = try #require(object["action"] as? String), step = try #require(object["step"] as? Int)
                #expect(step == last[worker, default: 0] + 1)
                last[worker] = step
                count += 1
            }
        }
        #expect(count == 2400)
    }

    @Test func `a full queue counts what it drops, and says so`() {
        let sink = sink { $0.queueLines = 4 }
        for n in 0..<2000 { sink.stepFinished("r", RLMStep(n)) }
        sink.flush(timeout: .patience)
        let status = sink.status()
        #expect(status.exported + status.dropped == 2000 && status.exported == lines("steps/r.jsonl").count)
        #expect(status.dropped > 0 && status.lastError == "the queue was full")
    }

    @Test func `a folder that cannot be made shows in the status, is tried again, and throws nothing`() {
        folder.write("a file", to: "observability")
        let sink = sink()
        sink.stepFinished("r", RLMStep(1))
        sink.flush(timeout: .patience)
        #expect(!sink.status().isAvailable && sink.status().dropped == 1)
        #expect(sink.status().detail.contains("Not a directory"))
        #expect(throws: Never.self) { try FileManager.default.removeItem(atPath: folder("observability")) }
        sink.stepFinished("r", RLMStep(2))
        sink.flush(timeout: .patience)
        #expect(sink.status().isAvailable && sink.status().exported == 1 && sink.status().dropped == 1)
        #expect(sink.status().lastError != nil)
    }

    @Test func `a full disk counts the lines, and the other file goes on`() throws {
        let sink = sink()
        #expect(sink.flush(timeout: .patience))
        try FileManager.default.createSymbolicLink(
            atPath: folder("observability/steps/r.jsonl"), withDestinationPath: "/dev/full")
        sink.stepFinished("r", RLMStep(1))
        sink.flush(timeout: .patience)
        #expect(!sink.status().isAvailable && sink.status().dropped == 1)
        #expect(sink.status().detail.contains("No space left"))
        sink.runEnded("r", RLMRunEnd(isCompleted: true))
        sink.flush(timeout: .patience)
        #expect(sink.status().isAvailable && sink.status().exported == 1)
    }

    @Test func `a line that somebody left half written does not spoil the next`() {
        let sink = sink()
        #expect(sink.flush(timeout: .patience))
        folder.write("{\"half\":", to: "observability/steps/r.jsonl")
        sink.stepFinished("r", RLMStep(1))
        sink.flush(timeout: .patience)
        let all = lines("steps/r.jsonl")
        #expect(all.count == 2 && all[1].hasPrefix("{\"timestamp\""))
    }

    @Test func `lines can name the trace of their run`() throws {
        let bench = Bench(), local = sink { $0.writesTraceIDs = true }
        RLMSinkManager([local, bench.sink]).withRun(RLMRunStart("r", task: "t", environment: "e")) {
            $0.withStep { _ in }
        }
        local.flush(timeout: .patience)
        let trace = try #require(bench.sink.traceID(forRun: "r"))
        for line in lines("runs.jsonl") + lines("steps/r.jsonl") {
            #expect(line.hasSuffix("\"trace_id\":\"\(trace)\"}"))
        }
        #expect(lines("runs.jsonl").count == 1 && lines("steps/r.jsonl").count == 1)
    }

    @Test func `a task can be left out or changed`() {
        sink { $0.content = .none }.withRun(RLMRunStart("a", task: "secret", environment: "e")) { _ in }
        let redacting = sink { $0.redaction = { _, text in "\(text.count)" } }
        redacting.withRun(RLMRunStart("b", task: "secret", environment: "e")) { _ in }
        #expect(redacting.shutdown(timeout: .patience))
        #expect(redacting.flush(timeout: .patience) && lines("runs.jsonl").contains { $0.contains(#""task":"6""#) })
        #expect(!folder.text("observability/runs.jsonl").contains("secret"))
    }

    @Test func `after a shutdown lines are dropped and counted`() {
        let sink = sink()
        sink.stepFinished("r", RLMStep(1))
        #expect(sink.shutdown(timeout: .patience))
        sink.stepFinished("r", RLMStep(2))
        #expect(sink.status().exported == 1 && sink.status().dropped == 1)
    }
}
