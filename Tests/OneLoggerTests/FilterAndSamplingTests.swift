import OneLogger
import OneLoggerTesting
import Testing

@Suite struct FilterAndSamplingTests {
    func clock(_ change: (inout RecorderOptions) -> Void) -> ManualClock {
        var options = RecorderOptions()
        options.announce = .nothing
        change(&options)
        return ManualClock(options)
    }

    @Test func `children of a filtered span hang under its nearest exported ancestor`() async {
        let r = clock { $0.filter = .exclude(["hidden", "hidden root"]) }.recorder
        r.timedSpan("root") { _ in
            r.timedSpan("hidden") { hidden in
                let isRecording = hidden.isRecording
                #expect(!isRecording)
                hidden["never"] = 1
                r.timedSpan("leaf") { _ in r.timedSpan("deep") { _ in } }
            }
            r.timedSpan("after") { _ in }
        }
        let dynamic = "hid" + "den"
        r.timedSpan("root 2") { _ in r.timedSpan(dynamic) { _ in r.timedSpan("leaf 2") { _ in } } }
        await r.timedSpan("root 3") { (_: inout TimedSpan) async in
            await r.timedSpan("hidden") { (_: inout TimedSpan) async in
                await Task { r.timedSpan("leaf 3") { _ in } }.value
            }
        }
        #expect(
            parents(r.takeSpans()) == [
                "root": "-", "leaf": "root", "deep": "leaf", "after": "root", "root 2": "-", "leaf 2": "root 2",
                "root 3": "-", "leaf 3": "root 3",
            ])
        r.timedSpan("hidden root") { _ in
            r.timedSpan("x") { _ in }
            r.timedSpan("y") { _ in }
        }
        let orphans = r.takeSpans()
        #expect(orphans.map(\.name) == ["x", "y"] && orphans.allSatisfy { !$0.parentID.isValid })
        #expect(orphans[0].context.traceID == orphans[1].context.traceID)
        #expect(r.health.filtered == 4)
        r.timedSpan("hidden", parent: .root) { _ in r.timedSpan("z") { _ in } }
        #expect(r.takeSpans().map(\.name) == ["z"])
    }

    @Test func `a filter by include, by predicate, or none`() {
        let include = clock { $0.filter = .include(["a", "b"]) }.recorder
        for name in ["x", "a", "y", "b"] { include.timedSpan(name) { _ in } }
        include.timedSpan("x") { _ in include.timedSpan("a") { _ in } }
        #expect(include.takeSpans().map(\.name) == ["a", "b", "a"])
        let predicate = clock { $0.filter = .predicate { $0.hasPrefix("keep") ? .keep : .drop } }.recorder
        for _ in 0..<2 {
            predicate.timedSpan("keep.1") { _ in }
            predicate.timedSpan("drop.1") { _ in }
        }
        #expect(predicate.takeSpans().map(\.name) == ["keep.1", "keep.1"])
    }

    @Test func `more static names than the verdict cache holds keep their verdicts`() {
        let r = clock { $0.filter = .exclude(["n01", "n21", "n41"]) }.recorder
        for _ in 0..<2 {
            r.timedSpan("n00") { _ in }; r.timedSpan("n01") { _ in }; r.timedSpan("n02") { _ in }
            r.timedSpan("n20") { _ in }; r.timedSpan("n21") { _ in }; r.timedSpan("n22") { _ in }
            r.timedSpan("n40") { _ in }; r.timedSpan("n41") { _ in }; r.timedSpan("n42") { _ in }
        }
        #expect(Set(r.takeSpans().map(\.name)) == ["n00", "n02", "n20", "n22", "n40", "n42"])
    }

    @Test func `a summarised span leaves a metric and no record`() throws {
        let clock = clock {
            $0.filter = .summarise(["step"])
            $0.metrics.spans = .none
        }
        let r = clock.recorder
        r.timedSpan("epoch") { _ in
            for i in 1...3 {
                r.timedSpan("step") { span in
                    span["never"] = 1
                    clock.set(time(i))
                    r.timedSpan("child") { _ in }
                }
            }
            try? r.timedSpan("step") { _ in throw Boom() }
        }
        let records = r.takeRecords()
        #expect(parents(records.spans) == ["epoch": "-", "child": "epoch"])
        let points = r.metrics()
        guard case .histogram(let histogram)? = points.first?.value else {
            Issue.record("a histogram must be there")
            return
        }
        #expect(points[0].name == "span.duration" && points[0].attributes == ["span.name": "step"])
        #expect(histogram.count == 4 && abs(histogram.sum - 6.0) < 1e-9 && histogram.max == 3)
        #expect(points[1].name == "span.count" && points[1].value == .sum(3))
        #expect(points[2].attributes == ["span.name": "step", "span.status": "error"] && points[2].value == .sum(1))
        #expect(r.health.filtered == 4)
    }
    /// 1, 3 and 6 seconds: steps of 1, 2 and 3 seconds.
    func time(_ i: Int) -> UInt64 { UInt64(i * (i + 1) / 2) * 1_000_000_000 }

    @Test func `an unsampled tree leaves nothing, in tasks neither`() async {
        let r = clock { $0.sampling = .ratio(0) }.recorder
        func never() -> AttributeValue {
            Issue.record("evaluated")
            return 0
        }
        await r.timedSpan("root") { (span: inout TimedSpan) async in
            let isSampled = span.context.isSampled, isValid = span.context.isValid
            #expect(!isSampled && isValid)
            r.timedSpan("sync") { _ in r.timedSpan("sync 2", parent: .inherit, attributes: ["a": never()]) { _ in } }
            await withTaskGroup { group in
                for _ in 0..<4 {
                    group.addTask {
                        await r.timedSpan("child") { (_: inout TimedSpan) async in
                            await Task.yield()
                            r.timedSpan("leaf") { _ in }
                        }
                    }
                }
            }
        }
        r.timedSpan("root") { _ in
            r.timedSpan("sync") { span in
                let isSampled = span.context.isSampled
                #expect(!isSampled)
            }
        }
        #expect(r.takeRecords().isEmpty)
        #expect(r.health.recorded == 0)
    }

    @Test func `a ratio is decided by the trace id alone`() {
        let r = clock { $0.sampling = .ratio(0.25) }.recorder
        for _ in 0..<4_000 { r.timedSpan("root") { _ in r.timedSpan("child") { _ in } } }
        let spans = r.takeSpans(), roots = spans.filter { $0.name == "root" }
        #expect(spans.count == 2 * roots.count)
        #expect((800...1200).contains(roots.count))
        #expect(roots.allSatisfy { Double($0.context.traceID.low >> 1) < 0.25 * 0x1p63 })
        let kept = SpanContext(traceID: TraceID(high: 1, low: 1), spanID: SpanID(9), isSampled: false, isRemote: true)
        let refused = SpanContext(
            traceID: TraceID(high: 1, low: .max), spanID: SpanID(9), isSampled: true, isRemote: true)
        r.timedSpan("kept", parent: .context(kept)) { _ in }
        r.timedSpan("refused", parent: .context(refused)) { _ in }
        #expect(r.takeSpans().map(\.name) == ["kept"])
    }

    @Test func `parent-based sampling does what the remote parent says`() {
        let r = clock { $0.sampling = .parentBased(ratio: 0) }.recorder
        func context(_ isSampled: Bool) -> SpanContext {
            SpanContext(traceID: TraceID(high: 1, low: .max), spanID: SpanID(9), isSampled: isSampled, isRemote: true)
        }
        r.timedSpan("sampled", parent: .context(context(true))) { _ in r.timedSpan("child") { _ in } }
        r.timedSpan("refused", parent: .context(context(false))) { _ in r.timedSpan("child 2") { _ in } }
        r.timedSpan("root") { _ in }
        #expect(r.takeSpans().map(\.name) == ["child", "sampled"])
        let all = clock { $0.sampling = .parentBased(ratio: 1) }.recorder
        all.timedSpan("refused", parent: .context(context(false))) { _ in }
        all.timedSpan("root") { _ in }
        #expect(all.takeSpans().map(\.name) == ["root"])
    }

    @Test func `spans are thrown away by no sampling, and nothing traps`() {
        for ratio in [1, 2, -1, Double.nan, .infinity, 1e-300] {
            let r = clock { $0.sampling = .ratio(ratio) }.recorder
            r.timedSpan("root") { _ in }
            #expect(r.takeSpans().count == (ratio >= 1 ? 1 : 0))
        }
    }

    @Test func `manual spans obey filter and sampling`() {
        let filtered = clock { $0.filter = .exclude(["hidden"]) }.recorder
        let root = filtered.start("root"), hidden = filtered.start("hidden", parent: .span(root))
        #expect(!hidden.isRecording && hidden.context.spanID == root.context.spanID)
        filtered.start("leaf", parent: .span(hidden)).stop()
        hidden.stop()
        root.stop()
        #expect(parents(filtered.takeSpans()) == ["root": "-", "leaf": "root"])
        let unsampled = clock { $0.sampling = .ratio(0) }.recorder
        let span = unsampled.start("root")
        unsampled.timedSpan("child", parent: .span(span)) { _ in }
        span.stop()
        #expect(unsampled.takeRecords().isEmpty && !span.isRecording)
    }
}
