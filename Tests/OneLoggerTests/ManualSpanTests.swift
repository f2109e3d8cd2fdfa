import OneLogger
import OneLoggerTestSupport
import OneLoggerTesting
import Testing

@Suite struct ManualSpanTests {
    @Test func `an error whose description uses spans does not wait for itself`() throws {
        struct Talkative: Error, CustomStringConvertible {
            let other: ManualSpan
            var description: String {
                other["described"] = true
                return "talkative"
            }
        }
        let (r, store) = recorder()
        let span = r.start("s"), other = r.start("other")
        span.error(Talkative(other: other), "while talking")
        other.stop()
        span.stop()
        try r.shutdown(timeout: .patience)
        #expect(store.spans.first { $0.name == "other" }?.attributes["described"] == true)
        #expect(store.spans.first { $0.name == "s" }?.status.code == 2)
    }

    @Test func `attributes are set with variables of every type, as on a timed span`() throws {
        let (r, store) = recorder()
        let span = r.start("s")
        let (count, loss, isLast, name) = (3, 0.5, true, "n")
        span["count"] = count
        span["loss"] = loss
        span["rate"] = Float(1.5)
        span["last"] = isLast
        span["name"] = name
        span["text"] = "\(name)-\(count)"
        span["ints"] = [count]
        span["doubles"] = [loss]
        span["bools"] = [isLast]
        span["names"] = [name]
        span["any"] = .strings([])
        span["literal"] = 7
        span.stop()
        try r.shutdown(timeout: .patience)
        #expect(
            store.spans[0].attributes == [
                "count": 3, "loss": 0.5, "rate": 1.5, "last": true, "name": "n", "text": "n-3", "ints": .ints([3]),
                "doubles": .doubles([0.5]), "bools": .bools([true]), "names": .strings(["n"]), "any": .strings([]),
                "literal": 7,
            ])
        // and where a span begins
        r.timedSpan("over", attributes: ["shard": "\(count) of 4"]) { _ in }
    }

    @Test func `a manual span announces itself, sends its events at once, and ends`() {
        let clock = ManualClock(now: 10), r = clock.recorder
        let span = r.start("request", attributes: ["a": 1], startEvent: ["host": "h"])
        clock.set(20)
        span.event("read", ["bytes": 5])
        r.event(span, Event("given", at: Timestamp(nanoseconds: 15)))
        #expect(r.takeRecords().outline == ["start request", "event read", "event given"])
        span["b"] = 2
        span["a"] = 3
        clock.set(30)
        span.stop(["code": 200])
        let records = r.takeRecords()
        #expect(records.outline == ["stop request"])
        let ended = records.spans[0]
        #expect(ended.attributes == ["a": 3, "b": 2] && ended.startAttributes == ["host": "h"])
        #expect(ended.stopAttributes == ["code": 200] && ended.context == span.context)
        #expect(ended.start.nanoseconds == 10 && ended.end.nanoseconds == 30)
    }

    @Test func `attributes show all, updated attributes only the later ones`() {
        let r = ManualClock().recorder
        let span = r.start("s", attributes: ["a": 1, "b": 2, "c": 3, "d": 4])
        span.set(["b": 20, "e": 5])
        #expect(span.attributes == ["a": 1, "b": 20, "c": 3, "d": 4, "e": 5])
        #expect(span.updatedAttributes == ["b": 20, "e": 5])
    }

    @Test func `a span may be stopped on another thread`() async {
        let r = ManualClock().recorder
        let span = r.start("moved")
        await Task.detached { span.stop() }.value
        #expect(r.takeRecords().outline == ["start moved", "stop moved"])
    }

    @Test func `stopping twice, or using a span that is over, is an error of telemetry`() throws {
        let r = ManualClock().recorder
        let span = r.start("once")
        span.stop()
        span.stop()
        span.event("late")
        span["late"] = 1
        r.error(span, "late")
        #expect(span.attributes.isEmpty)
        let error = try #require(throws: TelemetryError.self) { try r.flush(timeout: .patience) }
        guard case .several(.misuse(call: "ManualSpan.stop", _, _), others: 3) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(throws: Never.self) { try r.flush(timeout: .patience) }
        #expect(r.health.telemetryErrors == 4)
    }

    @Test func `a slot that serves another span does not obey the old handle`() {
        let r = ManualClock().recorder
        let old = r.start("old")
        old.stop()
        let others = (0..<100).map { r.start("new \($0)") }
        old["wrong"] = 1
        old.stop()
        #expect(others.allSatisfy { $0.attributes.isEmpty })
        for other in others { other.stop() }
        #expect(r.takeSpans().count == 101)
    }

    @Test func `a span of another recorder is refused`() {
        let a = ManualClock().recorder, b = ManualClock().recorder
        let span = a.start("a")
        b.stop(span)
        b.event(span, Event("x"))
        #expect(throws: TelemetryError.self) { try b.flush(timeout: .patience) }
        span.stop()
        #expect(a.takeRecords().outline == ["start a", "stop a"])
    }

    @Test func `children of a span that is over hang under its nearest open ancestor`() {
        let r = ManualClock().recorder
        let one = r.start("1"), two = r.start("2", parent: .span(one)), three = r.start("3", parent: .span(two))
        two.stop()
        three.stop()
        r.start("4", parent: .span(three)).stop()
        one.stop()
        #expect(parents(r.takeSpans()) == ["1": "-", "2": "1", "3": "2", "4": "1"])
        #expect(throws: Never.self) { try r.flush(timeout: .patience) }
    }

    @Test func `open spans are found by name, oldest first`() {
        let r = ManualClock().recorder
        let a = r.start("x"), b = r.start("x"), c = r.start("y")
        #expect(r.activeSpans(named: "x").map(\.context) == [a.context, b.context])
        a.stop()
        #expect(r.activeSpans(named: "x").map(\.context) == [b.context])
        #expect(r.activeSpans(named: "z").isEmpty)
        b.stop()
        c.stop()
    }

    @Test func `errors and cancellation decide the status`() {
        let r = ManualClock().recorder
        let failed = r.start("failed"), cancelled = r.start("cancelled")
        r.error(failed, "while reading", Boom())
        cancelled.error(CancellationError())
        failed.stop()
        cancelled.stop()
        let records = r.takeRecords()
        #expect(records.spans.map(\.status) == [.error(""), .cancelled])
        let events = records.compactMap { if case .event(let event) = $0 { event } else { nil } }
        #expect(events.count == 1 && events[0].isError && events[0].span == failed.context)
        #expect(events[0].event.attributes["error_message"] == "while reading")
    }

    @Test func `given times are taken within ten hours, else now is used and said`() throws {
        let hour: UInt64 = 3_600_000_000_000, now = 100 * hour
        let clock = ManualClock(now: now), r = clock.recorder
        let early = r.start("early", at: Timestamp(nanoseconds: now - 9 * hour))
        early.stop(at: Timestamp(nanoseconds: now - hour))
        let old = r.start("old", at: Timestamp(nanoseconds: now - 11 * hour))
        old.stop()
        let spans = r.takeSpans()
        #expect(spans[0].duration == .seconds(8 * 3600))
        #expect(spans[1].start.nanoseconds == now)
        let error = try #require(throws: TelemetryError.self) { try r.flush(timeout: .patience) }
        guard case .implausibleTime(call: "Recorder.start", _) = error else {
            Issue.record("\(error)")
            return
        }
    }

    @Test func `a given start and the running clock share one time line`() {
        let second: UInt64 = 1_000_000_000
        let clock = ManualClock(now: 200 * second)
        let span = clock.recorder.start("s", at: Timestamp(nanoseconds: 100 * second))
        clock.set(210 * second)
        span.stop()
        #expect(clock.recorder.takeSpans()[0].duration == .seconds(110))
    }

    @Test func `a stop before its start gives no duration and says so`() {
        let clock = ManualClock(now: 1_000_000)
        let span = clock.recorder.start("s")
        span.stop(at: Timestamp(nanoseconds: 999_000))
        let ended = clock.recorder.takeSpans()[0]
        #expect(ended.duration == .zero && ended.attributes["onelogger.stopped_before_start"] == true)
    }

    @Test func `a span that is too large keeps what fits and counts the rest`() {
        let r = ManualClock().recorder
        let span = r.start("s")
        span["a"] = .string(String(repeating: "x", count: 900_000))
        span["b"] = .string(String(repeating: "y", count: 900_000))
        span["c"] = 1
        span.stop()
        let ended = r.takeSpans()[0]
        #expect(ended.attributes.map(\.key) == ["a", "c"] && ended.dropped == 1)
    }

    @Test func `no more than 65,536 are open, and the next ones are a mistake that leaves the tree whole`() {
        let clock = ManualClock(), recorder = clock.recorder
        let root = recorder.start("root")
        let spans = (0..<65_535).map { _ in recorder.start("kept", parent: .span(root)) }
        #expect(recorder.health.telemetryErrors == 0)
        let refused = recorder.start("refused", parent: .span(root))
        #expect(recorder.health.telemetryErrors == 1)
        #expect(refused.context.spanID == root.context.spanID && refused.context.traceID == root.context.traceID)
        spans.forEach { $0.stop() }
        recorder.start("child", parent: .span(refused)).stop()
        refused.stop()
        root.stop()
        let taken = recorder.takeSpans().filter { $0.name == "child" || $0.name == "refused" }
        #expect(taken.map(\.name) == ["child"] && taken.first?.parentID == root.context.spanID)
        #expect(recorder.health.filtered == 1)
    }

    @Test func `what is refused under a span of another process passes on that its parent is there`() {
        let clock = ManualClock(), recorder = clock.recorder
        let remote = SpanContext(traceID: TraceID(high: 1, low: 2), spanID: SpanID(3), isRemote: true)
        let spans = (0..<65_536).map { _ in recorder.start("kept", parent: .root) }
        let refused = recorder.start("refused", parent: .context(remote))
        #expect(recorder.health.telemetryErrors == 1 && refused.context == remote)
        spans.forEach { $0.stop() }
    }
}
