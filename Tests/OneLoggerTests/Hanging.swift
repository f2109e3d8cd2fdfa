import OneLoggerCore
import OneLoggerTestSupport
import OneLoggerTesting

/// What holds an exporter until it is let go, as a slow or hanging destination does.
final class Door: Sendable {
    private let gate = Gate(), first = Gate(), entered = Locked(0)
    /// How many have come.
    var count: Int { entered.withLock { $0 } }
    func open() { gate.open() }
    func pass() {
        entered.withLock { $0 += 1 }
        first.open()
        gate.pass()
    }
    func waitUntilEntered() { first.pass() }
}

struct Hanging: Exporter, Sendable {
    let door: Door, store: InMemoryExporter.Store
    mutating func export(_ batch: Batch) throws(ExportError) {
        door.pass()
        var inner = InMemoryExporter(store)
        try inner.export(batch)
    }
}
