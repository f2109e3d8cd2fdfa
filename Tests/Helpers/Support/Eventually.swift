#if canImport(Glibc)
import Glibc
#endif

extension Duration {
    /// Longer than any machine is busy: only a test that fails waits so long.
    package static let patience = Duration.seconds(300)
}

/// Waits until something holds, for what tells nobody when it does: a file, another process, a counter.
///
/// It returns as soon as it holds. The pause between two looks decides nothing: it only leaves the processor to what is waited
/// for. Where a thread can open a ``Gate`` instead, it should.
///
/// - Parameters:
///   - limit: How long at most.
///   - pause: How long between two looks, in microseconds.
///   - condition: What must hold.
/// - Returns: False when it did not hold in time.
package func eventually(
    within limit: Duration = .patience, every pause: UInt32 = 2_000, _ condition: () throws -> Bool
) rethrows -> Bool {
    let end = ContinuousClock.now + limit
    while try !condition() {
        guard ContinuousClock.now < end else { return false }
        usleep(pause)
    }
    return true
}
