import OneLoggerTestSupport
import Testing

@testable import OneLogger

#if canImport(Glibc)
import Glibc
#endif

/// A wake-up that is due soon may come now, so that two threads wake together instead of one after the other.
struct DrainerBellTests {
    /// A bell at which a thread sleeps for an hour, and a gate that opens when it has woken.
    private func sleeper() -> (DrainerBell, Gate) {
        let bell = DrainerBell(), woken = Gate()
        let started = startThread {
            bell.sleep(until: Monitor.now + 3_600_000_000_000)
            woken.open()
        }
        #expect(started)
        return (bell, woken)
    }

    @Test func aRingWakesWhoSleepsOrIsAboutTo() {
        for _ in 0..<200 {
            let (bell, woken) = sleeper()
            bell.ring()
            #expect(woken.pass())
        }
    }

    @Test func onlyAWakeThatIsDueSoonIsBroughtForward() {
        let (bell, woken) = sleeper()
        while bell.wakesAt == .max { sched_yield() }
        #expect(!bell.ring(ifDueWithin: 60_000_000_000))
        #expect(bell.ring(ifDueWithin: 7_200_000_000_000))
        #expect(woken.pass())
    }

    @Test func nobodyIsWokenBeforeTheFirstSleep() {
        #expect(!DrainerBell().ring(ifDueWithin: 7_200_000_000_000))
    }
}
