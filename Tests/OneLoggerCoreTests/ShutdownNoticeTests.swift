import OneLoggerCore
import Synchronization
import Testing

@Suite struct ShutdownNoticeTests {
    final class Count: Sendable {
        private let state = Locked(0)
        var value: Int { state.withLock { $0 } }
        func add() { state.withLock { $0 += 1 } }
    }

    @Test func `whoever waits is woken once, and only the first deadline counts`() {
        let notice = ShutdownNotice(), count = Count(), moment = ContinuousClock.now
        notice.onNotice { count.add() }
        #expect(notice.deadline == nil && count.value == 0)
        notice.give(until: moment)
        notice.give(until: moment + .seconds(1))
        #expect(notice.deadline == moment && count.value == 1)
    }

    @Test func `who asks afterwards is woken at once, and who no longer waits is not`() {
        let notice = ShutdownNotice(), count = Count()
        notice.onNotice { count.add() }
        notice.onNotice(nil)
        notice.give(until: .now)
        #expect(count.value == 0)
        notice.onNotice { count.add() }
        #expect(count.value == 1)
    }
}
