internal import OneLoggerCore
internal import OneLoggerText

/// One kind of notice that telemetry data are missing, from its first to its last time.
struct NoticeText: Sendable {
    var kind: TelemetryDataError.Kind
    var message: String
    var first: Timestamp
    var last: Timestamp
    var lost: Int
    var count = 1

    init(_ error: TelemetryDataError) {
        kind = error.kind
        message = error.message
        first = error.firstTime
        last = error.time
        lost = error.lostRecords
    }

    mutating func add(_ error: TelemetryDataError) {
        first = min(first, error.firstTime)
        last = max(last, error.time)
        lost = lost.addingReportingOverflow(error.lostRecords).overflow ? .max : lost + error.lostRecords
        count += 1
    }

    /// `incomplete_telemetry_data: the inbox is full; 12 records lost; 12:00:01.000 to 12:00:05.000`.
    func line(_ safe: SafeText) -> String {
        var parts = ["\(kind.rawValue): \(safe.plain(message))"]
        if count > 1 { parts.append("\(NumberText.grouped(count)) notices") }
        parts.append(lost == 1 ? "1 record lost" : "\(NumberText.grouped(lost)) records lost")
        let from = CalendarText.timeOfDay(first)
        guard last > first else { return (parts + ["at " + from]).joined(separator: "; ") }
        let sameDay = CalendarText.day(of: first) == CalendarText.day(of: last)
        let to = (sameDay ? "" : CalendarText.date(last) + " ") + CalendarText.timeOfDay(last)
        return (parts + ["\(sameDay ? "" : CalendarText.date(first) + " ")\(from) to \(to)"]).joined(separator: "; ")
    }
}
