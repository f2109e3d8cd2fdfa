public import OneLoggerCore

/// Changes records between the application and its exporters: drops, adds, replaces, redacts or derives.
///
/// Called on the recorder's drainer, never on an application's thread, one batch after another, so an actor or lock is
/// needed only for what others share. A processor that throws leaves the batch as it was and counts as a telemetry
/// error; a slow one delays exports, nothing else.
public protocol RecordProcessor: Sendable {
    /// The records that go on, in order.
    ///
    /// - Throws: Anything; the records then go on unchanged.
    func process(_ records: [Record]) throws -> [Record]

    /// Records to send at the very end, when nothing more will come. Empty unless implemented.
    func finish() throws -> [Record]
}

extension RecordProcessor {
    /// Nothing.
    public func finish() throws -> [Record] { [] }
}
