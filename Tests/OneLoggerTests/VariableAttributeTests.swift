import OneLogger
import OneLoggerTesting
import Testing

private struct Stage: AttributeConvertible {
    var number: Int
    var attributeValue: AttributeValue { .string("stage-\(number)") }
}

@Suite struct VariableAttributeTests {
    private let clock = ManualClock()

    @Test func `variables and expressions stand in attributes as they are`() async {
        let step = 3, rate: Float = 0.5, name = "node-1", isLast = false, wide = UInt64.max, small: Int32 = -7
        let losses = [0.25, 0.125], recorder = clock.recorder
        recorder.timedSpan(
            "train.step",
            attributes: [
                "step": step + 1, "rate": rate, "worker": name, "is_last": isLast, "wide": wide, "small": small,
                "losses": losses, "stage": Stage(number: 2), "part": name.dropLast(2), "kind": "literal", "n": 5,
            ]
        ) { _ in }
        #expect(
            clock.recorder.takeSpans()[0].attributes.map { "\($0.key)=\($0.value)" } == [
                "step=4", "rate=0.5", "worker=node-1", "is_last=false", "wide=\(Int.max)", "small=-7",
                "losses=[0.25, 0.125]", "stage=stage-2", "part=node", "kind=literal", "n=5",
            ])

        await recorder.timedSpan("load", attributes: ["step": step]) { (_: inout TimedSpan) async in await Task.yield()
        }
        #expect(clock.recorder.takeSpans().map(\.attributes) == [["step": 3]])
        recorder.timedSpan("save") { span in span.event("written", ["bytes": step * 2]) }
        #expect(clock.recorder.takeSpans().first?.events.map(\.attributes) == [["bytes": 6]])
        await withRecorder(recorder) {
            timedSpan("free", attributes: ["worker": name]) { _ in }
            await timedSpan("free", attributes: ["worker": name]) { (_: inout TimedSpan) async in await Task.yield() }
        }
        #expect(clock.recorder.takeSpans().map(\.attributes) == [["worker": "node-1"], ["worker": "node-1"]])
    }

    @Test func `the last value of a name counts, and lists of texts and truth values are lists`() {
        let a = 1, names = ["x", "y"], truths = [true, false], counts = [1, 2], none: [Float] = []
        clock.recorder.timedSpan(
            "s", attributes: ["a": a, "names": names, "truths": truths, "counts": counts, "none": none, "a": a + 1]
        ) { _ in }
        #expect(
            clock.recorder.takeSpans()[0].attributes == [
                "a": 2, "names": .strings(names), "truths": .bools(truths), "counts": .ints(counts),
                "none": .doubles([]),
            ])
    }

    @Test func `where nothing is recorded, nothing is evaluated`() {
        var evaluated = 0
        func count() -> Int {
            evaluated += 1
            return evaluated
        }
        let (recorder, _) = recorder { $0.sampling = .ratio(0) }
        recorder.timedSpan("s", attributes: ["a": count()]) { span in span.event("e", ["b": count()]) }
        #expect(evaluated == 0)
    }
}
