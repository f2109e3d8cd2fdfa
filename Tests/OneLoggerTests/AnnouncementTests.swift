import OneLogger
import OneLoggerTesting
import Testing

@Suite struct AnnouncementTests {
    @Test func `a root that is open at a drain announces itself; its events follow at once`() {
        let clock = ManualClock(now: 5), r = clock.recorder
        r.timedSpan("job", attributes: ["rank": 3]) { span in
            span.event("saved", ["step": 1])
            r.timedSpan("step") { $0.event("inner") }
            let records = r.takeRecords()
            #expect(records.outline == ["start job", "event saved", "span step"])
            guard case .start(let start) = records[0] else { return }
            #expect(start.attributes == ["rank": 3] && start.start.nanoseconds == 5)
            clock.set(9)
            span.event("saved again")
            span["late"] = true
            #expect(r.takeRecords().outline == ["event saved again"])
        }
        let records = r.takeRecords()
        #expect(records.outline == ["stop job"])
        #expect(records.spans[0].attributes == ["rank": 3, "late": true] && records.spans[0].events.isEmpty)
        #expect(records.spans[0].start.nanoseconds == 5 && records.spans[0].end.nanoseconds == 9)
    }

    @Test func `a short root stays one record with its events`() {
        let clock = ManualClock(now: 5), r = clock.recorder
        for i in 0..<40 {
            r.timedSpan("job") { span in
                span["i"] = i
                span.event("a", ["k": .int(i)])
                r.timedSpan("child") { _ in }
                span.event("b")
                try? r.timedSpan("failing child") { _ in throw Boom() }
            }
        }
        let records = r.takeRecords(), spans = records.spans
        #expect(records.count == 120 && spans.count == 120)
        let jobs = spans.filter { $0.name == "job" }
        #expect(jobs.map { $0.attributes["i"] } == (0..<40).map { .int($0) })
        for (i, job) in jobs.enumerated() {
            #expect(job.events.map(\.name) == ["a", "b"] && job.events[0].attributes == ["k": .int(i)])
        }
        #expect(r.health.recorded == 120)
    }

    @Test func `an asynchronous root announces itself as well`() async {
        let r = ManualClock().recorder
        await r.timedSpan("job") { (span: inout TimedSpan) async in
            await Task.yield()
            span.event("saved")
            #expect(r.takeRecords().outline == ["start job", "event saved"])
            await Task.yield()
        }
        #expect(r.takeRecords().outline == ["stop job"])
    }

    @Test func `a root under a remote parent announces itself`() {
        let r = ManualClock().recorder
        let remote = SpanContext(traceID: TraceID(high: 1, low: 2), spanID: SpanID(3), isSampled: true, isRemote: true)
        r.timedSpan("job", parent: .context(remote)) { _ in
            #expect(r.takeRecords().outline == ["start job"])
        }
        #expect(r.takeRecords().outline == ["stop job"])
    }

    @Test func `announce all makes every span say that it began`() async {
        var options = RecorderOptions()
        options.announce = .all
        let r = ManualClock(options).recorder
        await r.timedSpan("job") { (span: inout TimedSpan) async in
            r.timedSpan("step") { $0.event("e") }
            span.event("f")
        }
        #expect(
            r.takeRecords().outline
                == ["start job", "start step", "event e", "stop step", "event f", "stop job"])
    }

    @Test func `announce nothing keeps events in their record`() {
        var options = RecorderOptions()
        options.announce = .nothing
        let r = ManualClock(options).recorder
        r.timedSpan("job") { span in
            span.event("saved")
            #expect(r.takeRecords().isEmpty)
        }
        #expect(r.takeSpans()[0].events.map(\.name) == ["saved"])
    }

    @Test func `a failing root that announced itself sends its error as a record`() {
        let r = ManualClock().recorder
        try? r.timedSpan("job") { _ in
            _ = r.takeRecords()
            throw Boom()
        }
        let records = r.takeRecords()
        #expect(records.outline == ["event error", "stop job"])
        guard case .event(let event) = records[0] else { return }
        #expect(event.isError && event.event.attributes["exception_type"] == "Boom")
        #expect(records.spans[0].status == .error(""))
    }
}
