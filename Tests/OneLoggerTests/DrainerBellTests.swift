import OneLoggerTestSupport
import Testing

@testable import OneLogger

#if canImport(Glibc)
import Glibc
#endif

/// A wake-up that is due soon may come now, so that two threads wake together instead of one after the other.
@Suite struct DrainerBellTests {
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

    @Test func `a ring wakes who sleeps, or is about to`() {
        for _ in 0..<200 {
            let (bell, woken) = sleeper()
            bell.ring()
            #expect(woken.pass())
        }
    }

    @Test func `only a wake that is due soon is brought forward`() {
        let (bell, woken) = sleeper()
        while bell.wakesAt == .max { sched_yield() }
        #expect(!bell.ring(ifDueWithin: 60_000_000_000))
        #expect(bell.ring(ifDueWithin: 7_200_000_000_000))
        #expect(woken.pass())
    }

    @Test func `a fork waits until the thread that was started sleeps`() {
        for _ in 0..<200 {
            let bell = DrainerBell()
            bell.willSleep(true)
            #expect(startThread { bell.sleep(until: Monitor.now + 3_600_000_000_000) })
            bell.waitForFirstSleep(until: Monitor.now + 300_000_000_000)
            #expect(bell.wakesAt != .max)
            bell.ring()
        }
        // Nobody is on the way, or no longer.
        let bell = DrainerBell()
        bell.waitForFirstSleep(until: .max)
        bell.willSleep(true)
        bell.willSleep(false)
        bell.waitForFirstSleep(until: .max)
        // Who does not come is not waited for for ever.
        bell.willSleep(true)
        bell.waitForFirstSleep(until: Monitor.now + 1_000_000)
        #expect(bell.wakesAt == .max)
    }

    @Test func `nobody is woken before the first sleep`() {
        #expect(!DrainerBell().ring(ifDueWithin: 7_200_000_000_000))
    }
}
