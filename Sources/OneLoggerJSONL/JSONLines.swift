package import OneLoggerCore
package import OneLoggerText

/// The lines of a whole batch, for whoever brings their own file.
package enum JSONLines {
    /// Appends a line per record, notices first and metrics last, and raises `count` by as many.
    ///
    /// No header: ``JSONLineEncoder/appendHeader(_:at:to:)`` makes one.
    package static func encode(_ batch: Batch, into writer: inout JSONWriter, count: inout Int) {
        var encoder = JSONLineEncoder(count: count, pid: batch.resource.pid)
        for notice in batch.dataErrors { encoder.append(notice, to: &writer) }
        batch.forEach { (record: borrowing RecordView) in encoder.append(record, to: &writer) }
        for point in batch.metrics { encoder.append(point, to: &writer) }
        count = encoder.count
    }
}
