/// Says, in the data themselves, that the data are not whole.
///
/// Each exporter has one documented form for it, so that whoever reads a recording later knows what is missing.
public struct TelemetryDataError: Sendable, Hashable {
    /// How much can be trusted.
    public enum Kind: String, Sendable, Hashable {
        /// Nothing was delivered before.
        case noTelemetryData = "no_telemetry_data"
        /// Something was delivered, and something is missing or wrong.
        case incompleteTelemetryData = "incomplete_telemetry_data"
    }

    /// How much can be trusted.
    public var kind: Kind
    /// What happened, for people.
    public var message: String
    /// When it began.
    public var firstTime: Timestamp
    /// When it was last seen.
    public var time: Timestamp
    /// How many records are known to be lost.
    public var lostRecords: Int
    /// More to say.
    public var attributes: Attributes

    /// Creates a notice.
    public init(
        _ kind: Kind, _ message: String, firstTime: Timestamp, time: Timestamp, lostRecords: Int = 0,
        attributes: Attributes = [:]
    ) {
        self.kind = kind
        self.message = message
        self.firstTime = firstTime
        self.time = time
        self.lostRecords = lostRecords
        self.attributes = attributes
    }
}
