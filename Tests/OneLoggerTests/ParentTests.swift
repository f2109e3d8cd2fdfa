import OneLogger
import OneLoggerTesting
import Testing

#if canImport(Glibc)
import Glibc
#endif

/// The names of spans and of their parents, `-` for a root.
func parents(_ spans: [SpanRecord]) -> [String: String] {
    let names = Dictionary(spans.map { ($0.context.spanID, $0.name) }, uniquingKeysWith: { a, _ in a })
    return Dictionary(spans.map { ($0.name, names[$0.parentID] ?? "-") }, uniquingKeysWith: { a, _ in a })
}

@Suite struct ParentTests {
    @Test func `nested spans hang under the innermost open one`() {
        let r = ManualClock().recorder
        r.timedSpan("1") { _ in
            r.timedSpan("2") { _ in
                r.timedSpan("3") { _ in }
                r.timedSpan("4") { _ in }
                r.timedSpan("5") { _ in }
            }
            r.timedSpan("6") { _ in }
        }
        r.timedSpan("7") { _ in }
        #expect(parents(r.takeSpans()) == ["1": "-", "2": "1", "3": "2", "4": "2", "5": "2", "6": "1", "7": "-"])
    }

    @Test func `a tree is drawn with its failures`() {
        var options = RecorderOptions()
        options.announce = .nothing
        let clock = ManualClock(options), r = clock.recorder
        r.timedSpan("job") { _ in
            clock.set(1)
            r.timedSpan("load") { _ in }
            clock.set(2)
            try? r.timedSpan("step") { _ in throw Boom() }
        }
        #expect(SpanTree(r.takeSpans()).description == "job\n├─ load\n╰─ step ✗")
    }

    @Test func `a new thread starts a trace of its own`() async {
        let r = ManualClock().recorder
        r.timedSpan("here") { _ in
            var thread = pthread_t()
            let raw = unsafe Unmanaged.passRetained(r).toOpaque()
            unsafe pthread_create(
                &thread, nil,
                { raw in
                    guard let raw = unsafe raw else { return nil }
                    unsafe Unmanaged<Recorder>.fromOpaque(raw).takeRetainedValue().timedSpan("there") { _ in }
                    return nil
                }, raw)
            pthread_join(thread, nil)
        }
        #expect(parents(r.takeSpans()) == ["here": "-", "there": "-"])
    }

    @Test func `children of a task group hang under the asynchronous span`() async {
        let r = ManualClock().recorder
        await r.timedSpan("root") { (_: inout TimedSpan) async in
            await withTaskGroup { group in
                for i in 0..<50 {
                    group.addTask {
                        await r.timedSpan("worker") { (span: inout TimedSpan) async in
                            span["i"] = i
                            await Task.yield()
                            r.timedSpan("sync") { _ in r.timedSpan("inner") { _ in } }
                            await Task.yield()
                        }
                    }
                }
            }
        }
        let spans = r.takeSpans()
        #expect(spans.count == 151)
        #expect(parents(spans) == ["root": "-", "worker": "root", "sync": "worker", "inner": "sync"])
        #expect(Set(spans.map(\.context.traceID)).count == 1)
    }

    @Test func `async let, Task and detached tasks find their parents`() async {
        let r = ManualClock().recorder
        await r.timedSpan("root") { (_: inout TimedSpan) async in
            async let a: Void = r.timedSpan("async let") { (_: inout TimedSpan) async in await Task.yield() }
            await a
            await Task { r.timedSpan("task") { _ in } }.value
            await Task.detached { r.timedSpan("detached") { _ in } }.value
            await Task.immediate {
                r.timedSpan("immediate") { _ in }
                await Task.yield()
                r.timedSpan("later") { _ in }
            }.value
        }
        #expect(
            parents(r.takeSpans()) == [
                "root": "-", "async let": "root", "task": "root", "detached": "-", "immediate": "root", "later": "root",
            ])
    }

    @Test func `an immediate task inside a synchronous span does not take it for its own`() async {
        let r = ManualClock().recorder
        var task: Task<Void, Never>?
        r.timedSpan("sync") { _ in
            task = Task.immediate {
                await r.timedSpan("inside") { (_: inout TimedSpan) async in await Task.yield() }
            }
            r.timedSpan("child") { _ in }
        }
        await task?.value
        let found = parents(r.takeSpans())
        #expect(found["child"] == "sync" && found["inside"] == "-")
    }

    @Test func `two recorders keep their own trees, synchronous and asynchronous`() async {
        let a = ManualClock().recorder, b = ManualClock().recorder
        a.timedSpan("a1") { _ in b.timedSpan("b1") { _ in a.timedSpan("a2") { _ in b.timedSpan("b2") { _ in } } } }
        #expect(parents(a.takeSpans()) == ["a1": "-", "a2": "a1"])
        #expect(parents(b.takeSpans()) == ["b1": "-", "b2": "b1"])
        await a.timedSpan("a1") { (_: inout TimedSpan) async in
            await b.timedSpan("b1") { (_: inout TimedSpan) async in
                await a.timedSpan("a2") { (_: inout TimedSpan) async in await Task.yield() }
            }
        }
        #expect(parents(a.takeSpans()) == ["a1": "-", "a2": "a1"])
    }

    @Test func `a given parent is root, a context or a manual span`() async {
        let r = ManualClock().recorder
        let manual = r.start("manual")
        let remote = SpanContext(traceID: TraceID(high: 1, low: 2), spanID: SpanID(3), isSampled: true, isRemote: true)
        await r.timedSpan("outer") { (outer: inout TimedSpan) async in
            r.timedSpan("root", parent: .root) { _ in r.timedSpan("under root") { _ in } }
            r.timedSpan("far", parent: .context(remote)) { _ in r.timedSpan("under far") { _ in } }
            r.timedSpan("called", parent: .span(manual)) { _ in r.timedSpan("under called") { _ in } }
            await r.timedSpan("async root", parent: .root) { (_: inout TimedSpan) async in
                r.timedSpan("under async root") { _ in }
            }
            await r.timedSpan("async called", parent: .span(manual)) { (_: inout TimedSpan) async in
                await Task { r.timedSpan("in its task") { _ in } }.value
            }
            r.timedSpan("inner") { _ in }
            let context = outer.context
            await Task.detached { r.timedSpan("sent", parent: .context(context)) { _ in } }.value
        }
        manual.stop()
        let spans = r.takeSpans(), found = parents(spans)
        #expect(
            found == [
                "manual": "-", "outer": "-", "root": "-", "under root": "root", "far": "-", "under far": "far",
                "called": "manual", "under called": "called", "async root": "-", "under async root": "async root",
                "async called": "manual", "in its task": "async called", "inner": "outer", "sent": "outer",
            ])
        let far = spans.first { $0.name == "far" }
        #expect(far?.context.traceID == remote.traceID && far?.parentID == remote.spanID && far?.parentIsRemote == true)
        #expect(Set(spans.filter { $0.name.hasSuffix("root") }.map(\.context.traceID)).count == 2)
    }

    @Test func `a remote parent of the process adopts roots, and only those`() {
        var options = RecorderOptions()
        options.remoteParent = SpanContext(traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
        let r = ManualClock(options).recorder
        r.timedSpan("a") { _ in r.timedSpan("b") { _ in } }
        r.timedSpan("own", parent: .root) { _ in }
        let spans = r.takeSpans()
        #expect(spans.map(\.name) == ["b", "a", "own"])
        #expect(spans[1].parentID.description == "b7ad6b7169203331" && spans[1].parentIsRemote)
        #expect(!spans[0].parentIsRemote && spans[0].context.traceID == spans[1].context.traceID)
        #expect(spans[1].context.traceID.description == "0af7651916cd43dd8448eb211c80319c")
        #expect(!spans[2].parentID.isValid)
    }

    @MainActor @Test func `an asynchronous body stays on the main actor`() async {
        let r = ManualClock().recorder
        await r.timedSpan("step") { (_: inout TimedSpan) async in
            MainActor.assertIsolated()
            await Task.yield()
            MainActor.assertIsolated()
        }
    }

    @Test func `an asynchronous body stays on its actor and may change its state`() async {
        actor Model {
            let r = ManualClock().recorder
            var loss = 0
            func step() async {
                await r.timedSpan("step") { (span: inout TimedSpan) async in
                    self.assertIsolated()
                    loss += 1
                    await Task.yield()
                    self.assertIsolated()
                    span["loss"] = loss
                }
            }
        }
        let model = Model()
        await model.step()
        #expect(await model.loss == 1)
        #expect(model.r.takeSpans()[0].attributes == ["loss": 1])
    }

    @Test func `free functions use the recorder of the scope, in tasks too`() async {
        let a = ManualClock().recorder
        withRecorder(a) { timedSpan("one") { _ in timedSpan("two \(1)") { _ in } } }
        await withRecorder(a) {
            await timedSpan("three") { (_: inout TimedSpan) async in
                await withTaskGroup { group in group.addTask { timedSpan("four") { _ in } } }
            }
        }
        timedSpan("outside") { _ in }
        #expect(parents(a.takeSpans()) == ["one": "-", "two 1": "one", "three": "-", "four": "three"])
    }
}
