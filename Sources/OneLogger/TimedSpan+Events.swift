public import OneLoggerCore

extension TimedSpan {
    /// Notes a point in time.
    ///
    /// The event is part of this span's record; when the span has announced itself it leaves at once.
    @export(implementation) @inline(__always)
    public mutating func event(_ name: StaticName) {
        guard isRecording else { return }
        HotPath.event(&self, name)
    }

    /// Notes a point in time and what is known about it; the attributes are evaluated only when the span is recorded.
    @export(implementation) @inline(__always)
    public mutating func event(_ name: StaticName, _ attributes: @autoclosure () -> PlainAttributes) {
        guard isRecording else { return }
        let mark = HotPath.openEvent(&self, name)
        guard mark >= 0 else { return }
        store(attributes())
        HotPath.closeEvent(&self, mark)
    }

    /// Notes an event whose name, attributes or time are made at run time.
    @_disfavoredOverload
    public mutating func event(_ name: String, _ attributes: @autoclosure () -> Attributes = [:]) {
        guard isRecording else { return }
        HotPath.event(&self, Event(name, attributes()))
    }

    /// Notes an event; without a time it happened now.
    public mutating func event(_ event: Event) {
        guard isRecording else { return }
        HotPath.event(&self, event)
    }

    /// Notes an application's error, and that the span failed.
    ///
    /// An error that the body throws is noted by itself.
    ///
    /// - Parameters:
    ///   - error: The error; a `CancellationError` makes the span cancelled, not failed.
    ///   - message: What was being done, for people.
    public mutating func error(_ error: any Error, _ message: String = "") {
        guard isRecording else { return }
        HotPath.record(error, on: &self, message)
    }

    /// Relates the span to another one that is not its parent.
    ///
    /// Allocates.
    public mutating func link(_ context: SpanContext, _ attributes: Attributes = [:]) {
        guard isRecording else { return }
        HotPath.append(&self) { $0.append(SpanLink(context, attributes)) }
    }

    /// Says how the span ended; an error that the body throws afterwards wins.
    public mutating func setStatus(_ status: SpanStatus) {
        guard isRecording else { return }
        flags = flags & ~Self.statusMask | UInt32(status.code)
        if case .error(let message) = status, !message.isEmpty { HotPath.append(&self) { $0.append(status) } }
    }

    /// What is known about the end; appears beside the span's own attributes.
    public mutating func setStopAttributes(_ attributes: @autoclosure () -> Attributes) {
        guard isRecording else { return }
        let attributes = attributes()
        HotPath.append(&self) { $0.nested(RecordLayout.Tag.stopAttributes, attributes) }
    }
}
