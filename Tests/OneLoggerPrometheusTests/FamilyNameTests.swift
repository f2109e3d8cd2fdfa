import OneLoggerCore
import Testing

@testable import OneLoggerPrometheus

@Suite struct FamilyNameTests {
    struct Case: Sendable {
        var name: String, unit: String, kind: MetricKind, base: String, sample: String
        init(_ name: String, _ unit: String, _ kind: MetricKind, _ base: String, _ sample: String? = nil) {
            (self.name, self.unit, self.kind, self.base) = (name, unit, kind, base)
            self.sample = sample ?? base
        }
    }

    @Test(arguments: [
        Case("span.duration", "s", .histogram, "span_duration_seconds"),
        Case("span.count", "{span}", .counter, "span_count", "span_count_total"),
        Case("tasks.running", "{task}", .upDownCounter, "tasks_running"),
        Case("tasks.completed", "{task}", .counter, "tasks_completed", "tasks_completed_total"),
        Case("requests.total", "", .counter, "requests", "requests_total"),
        Case("total", "", .counter, "total", "total_total"),
        Case("process.memory.usage", "By", .upDownCounter, "process_memory_usage_bytes"),
        Case("process.cpu.time", "s", .counter, "process_cpu_time_seconds", "process_cpu_time_seconds_total"),
        Case("wait.seconds", "s", .histogram, "wait_seconds"),
        Case("seconds.waited", "s", .counter, "seconds_waited", "seconds_waited_total"),
        Case("bytes.total", "By", .counter, "bytes", "bytes_total"),
        Case("load", "1", .gauge, "load_ratio"),
        Case("load", "1", .counter, "load", "load_total"),
        Case("load", "1", .upDownCounter, "load"),
        Case("node.cpu.utilization", "1", .gauge, "node_cpu_utilization"),
        Case("node_gpu_utilization", "%", .gauge, "node_gpu_utilization"),
        Case("throughput", "{sample}/s", .gauge, "throughput_per_second"),
        Case("io", "By/s", .gauge, "io_bytes_per_second"),
        Case("speed", "m/min", .gauge, "speed_meters_per_minute"),
        Case("latency", "ms", .histogram, "latency_milliseconds"),
        Case("temperature", "Cel", .gauge, "temperature_celsius"),
        Case("share", "%", .gauge, "share_percent"),
        Case("odd", "x^2 y", .gauge, "odd_x_2y"),
        Case("odd", "{", .gauge, "odd"),
        Case("a..b  c", "", .gauge, "a_b_c"),
        Case("a__b", "", .gauge, "a_b"),
        Case("rule:a", "", .gauge, "rule:a"),
        Case("9lives", "", .gauge, "_9lives"),
        Case("", "", .gauge, "_"),
        Case("日本語", "s", .gauge, "_seconds"),
        Case("grün.wert", "", .gauge, "gr_n_wert"),
        Case("a\n# TYPE b counter\"{} 1", "", .gauge, "a_TYPE_b_counter_1"),
    ])
    func `a name follows the rules of OpenTelemetry`(_ expected: Case) {
        let name = FamilyName(expected.name, unit: expected.unit, kind: expected.kind, names: .prometheus)
        #expect(name.base == expected.base)
        #expect(name.sample == expected.sample)
        #expect(name.unit.isEmpty || name.base.hasSuffix("_" + name.unit))
    }

    @Test(arguments: [
        Case("tasks.completed", "{task}", .counter, "tasks_completed"),
        Case("span.duration", "s", .histogram, "span_duration"),
        Case("load", "1", .gauge, "load"),
        Case("node.cpu.utilization", "1", .gauge, "node_cpu_utilization"),
        Case("a__b", "By", .gauge, "a__b"),
    ])
    func `a plain name is the instrument's, with underscores`(_ expected: Case) {
        let name = FamilyName(expected.name, unit: expected.unit, kind: expected.kind, names: .plain)
        #expect(name.base == expected.base)
        #expect(name.sample == expected.base)
        #expect(name.unit == "")
    }
}
