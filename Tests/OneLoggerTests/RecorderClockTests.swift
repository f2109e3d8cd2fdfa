import OneLogger
import OneLoggerTestSupport
import OneLoggerTesting
import Testing

#if canImport(Glibc)
import Glibc
#endif

@Suite struct RecorderClockTests {
    @Test func `a counter that changes its rate is left, and no duration is lost`() throws {
        let (r, store) = recorder { $0.announce = .nothing }
        r.timedSpan("outer") { _ in
            r.timedSpan("before") { _ in }
            r.leaveCounter()
            r.timedSpan("after") { _ in }
        }
        try r.shutdown(timeout: .patience)
        #expect(r.health.clock == "monotonic")
        let spans = store.spans
        #expect(spans.map(\.name) == ["before", "after", "outer"])
        let outer = spans[2]
        for inner in spans.prefix(2) {
            #expect(inner.start >= outer.start.advanced(by: .microseconds(-5)))
            #expect(inner.end <= outer.end.advanced(by: .microseconds(5)))
            #expect(inner.duration < .seconds(60))
        }
    }

    @Test func `counter times agree with the wall clock`() throws {
        let (r, store) = recorder { $0.announce = .nothing }
        func wall() -> Timestamp {
            var t = timespec()
            unsafe clock_gettime(CLOCK_REALTIME, &t)
            return Timestamp(nanoseconds: UInt64(t.tv_sec) * 1_000_000_000 + UInt64(t.tv_nsec))
        }
        let before = wall()
        r.timedSpan("x") { _ in }
        let after = wall()
        try r.shutdown(timeout: .patience)
        let span = store.spans[0]
        #expect(
            span.start >= before.advanced(by: .milliseconds(-5)) && span.end <= after.advanced(by: .milliseconds(5)))
    }
}
