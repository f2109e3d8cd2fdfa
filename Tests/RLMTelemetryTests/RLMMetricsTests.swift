import OneLogger
import OneLoggerTesting
import RLMTelemetry
import Testing

@Suite struct RLMMetricsTests {
    @Test func `runs are counted when they start, by environment`() {
        let bench = Bench()
        for id in ["a", "b", "c"] { bench.sink.runStarted(RLMRunStart(id, task: "t", environment: "dspy")) }
        let points = bench.points("rlm.runs")
        #expect(points.map(\.value) == [.sum(3)] && points.map(\.attributes) == [["environment": "dspy"]])
        #expect(points[0].unit == "1" && points[0].summary == "Number of RLM runs")
    }

    @Test func `steps are counted by run, up to the limit of series`() {
        let bench = Bench()
        for n in 0..<2100 { bench.run("run \(n)", [RLMStep(1), RLMStep(2)]) }
        let points = bench.points("rlm.steps")
        #expect(points.count <= 2001)
        let total = points.reduce(0.0) { sum, point in
            if case .sum(let value) = point.value { sum + value } else { sum }
        }
        #expect(total == 4200, "what is past the limit is counted in one series")
        #expect(points.contains { $0.attributes["otel.metric.overflow"] == true })
    }

    @Test func `without the label steps are one series`() {
        var options = RLMOptions()
        options.hasRunIDLabel = false
        let bench = Bench(options)
        bench.run("a", [RLMStep(1)])
        bench.run("b", [RLMStep(1)])
        #expect(bench.points("rlm.steps").map(\.value) == [.sum(2)])
        #expect(bench.points("rlm.steps").map(\.attributes) == [[:]])
    }

    @Test func `rewards and durations are distributions that suit them`() {
        let bench = Bench()
        bench.run([RLMStep(1, reward: 0.5), RLMStep(2, reward: 0.5), RLMStep(3)])
        guard case .histogram(let reward)? = bench.points("rlm.reward").first?.value else {
            Issue.record("no distribution")
            return
        }
        #expect(reward.count == 2 && reward.sum == 1 && reward.bounds.first == -1 && reward.bounds.last == 1)
        #expect(bench.points("rlm.reward").map(\.attributes) == [[:]])
        let begin = Timestamp(nanoseconds: noon)
        bench.run(
            "ten", [], RLMRunEnd(isCompleted: true, startedAt: begin, finishedAt: begin.advanced(by: .seconds(10))))
        let duration = bench.points("rlm.run_duration")
        guard case .histogram(let seconds)? = duration.first?.value else {
            Issue.record("no distribution")
            return
        }
        #expect(seconds.count == 2 && seconds.sum == 10 && (seconds.bounds.last ?? 0) >= 3600)
        #expect(duration[0].unit == "s" && duration[0].attributes == ["completed": "True"])
    }

    @Test func `a duration without times is the span's, and an end before its start is none`() {
        let bench = Bench()
        bench.sink.runStarted(RLMRunStart("a", task: "t", environment: "e"))
        bench.clock.set(noon + 3 * second)
        bench.sink.runEnded("a", RLMRunEnd(isCompleted: false))
        bench.run("b", [], RLMRunEnd(isCompleted: true, startedAt: Timestamp(nanoseconds: noon + 5 * second)))
        let points = bench.points("rlm.run_duration")
        #expect(points.map(\.attributes) == [["completed": "False"]])
        guard case .histogram(let seconds)? = points.first?.value else { return }
        #expect(seconds.count == 1 && seconds.sum == 3)
    }

    @Test func `without metrics there is no instrument`() {
        var options = RLMOptions()
        options.hasMetrics = false
        let bench = Bench(options)
        bench.run([RLMStep(1, reward: 1)])
        #expect(bench.recorder.metrics().filter { $0.name.hasPrefix("rlm.") }.isEmpty)
        #expect(bench.sink.status().hasMetrics == false)
    }
}
