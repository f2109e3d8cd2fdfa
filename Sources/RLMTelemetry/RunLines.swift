internal import OneLogger
internal import OneLoggerText

/// A line of `steps/RUN.jsonl`.
struct StepLine: Sendable {
    var time: Timestamp
    var run: String
    var number: Int?
    var action: String?
    var reward: Double?
    var cumulativeReward: Double
    var isSuccess: Bool?
    var traceID: TraceID?

    func write(_ json: inout JSONWriter) {
        json.reserve(2)
        json.byte(UInt8(ascii: "{"))
        json.key("timestamp", first: true)
        json.value(.string(time.isoText))
        json.key("run_id")
        json.value(.string(run))
        json.key("step")
        json.optional(number.map { .int($0) })
        json.key("action")
        json.optional(action.map { .string($0) })
        json.key("reward")
        json.optional(reward.map { .double($0) })
        json.key("cumulative_reward")
        json.value(.double(cumulativeReward))
        json.key("success")
        json.optional(isSuccess.map { .bool($0) })
        json.end(traceID)
    }
}

/// A line of `runs.jsonl`.
struct RunLine: Sendable {
    var time: Timestamp
    var run: String
    var startedAt: Timestamp?
    var finishedAt: Timestamp?
    var task: String
    var environment: String
    var parameters: Attributes
    var isCompleted: Bool
    var steps: Int
    var seen: Int
    var totalReward: Double
    var path: String
    var traceID: TraceID?

    func write(_ json: inout JSONWriter) {
        json.reserve(2)
        json.byte(UInt8(ascii: "{"))
        json.key("timestamp", first: true)
        json.value(.string(time.isoText))
        json.key("run_id")
        json.value(.string(run))
        json.key("started_at")
        json.optional(startedAt.map { .string($0.isoText) })
        json.key("finished_at")
        json.optional(finishedAt.map { .string($0.isoText) })
        json.key("task")
        json.value(.string(task))
        json.key("environment")
        json.value(.string(environment))
        json.key("params")
        json.object(parameters)
        json.key("completed")
        json.value(.bool(isCompleted))
        json.key("steps")
        json.value(.int(steps))
        json.key("step_count_observed")
        json.value(.int(seen))
        json.key("total_reward")
        json.value(.double(totalReward))
        json.key("run_path")
        json.value(.string(path))
        json.end(traceID)
    }
}

extension JSONWriter {
    fileprivate mutating func key(_ name: StaticString, first: Bool = false) {
        reserve(name.utf8CodeUnitCount + 4)
        if !first { byte(UInt8(ascii: ",")) }
        byte(UInt8(ascii: "\""))
        raw(name)
        byte(UInt8(ascii: "\""))
        byte(UInt8(ascii: ":"))
    }

    fileprivate mutating func optional(_ value: AttributeValue?) {
        guard let value else {
            reserve(4)
            return raw("null")
        }
        self.value(value)
    }

    fileprivate mutating func end(_ trace: TraceID?) {
        if let trace {
            key("trace_id")
            value(.string(trace.description))
        }
        reserve(2)
        byte(UInt8(ascii: "}"))
        byte(UInt8(ascii: "\n"))
    }
}

extension Timestamp {
    /// `2026-08-01T12:00:00.000001+00:00`.
    var isoText: String {
        let seconds = nanoseconds / 1_000_000_000, micros = nanoseconds % 1_000_000_000 / 1000
        // Days to a date by Howard Hinnant's algorithm; the years count from 1 March 0000.
        let days = Int(seconds / 86_400) + 719_468
        let era = days / 146_097, day = days % 146_097
        let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365
        let inYear = day - (365 * year + year / 4 - year / 100)
        let month = (5 * inYear + 2) / 153
        let calendarMonth = month < 10 ? month + 3 : month - 9
        let calendarYear = year + era * 400 + (calendarMonth <= 2 ? 1 : 0)
        let inDay = Int(seconds % 86_400)
        return padded(calendarYear, 4) + "-" + padded(calendarMonth, 2) + "-"
            + padded(inYear - (153 * month + 2) / 5 + 1, 2) + "T" + padded(inDay / 3600, 2) + ":"
            + padded(inDay / 60 % 60, 2) + ":" + padded(inDay % 60, 2) + "." + padded(Int(micros), 6) + "+00:00"
    }

    private func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
