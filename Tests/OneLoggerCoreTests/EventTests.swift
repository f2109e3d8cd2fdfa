import OneLoggerCore
import Testing

private struct DiskFull: Error, CustomStringConvertible {
    var description: String
}

private enum Outer {
    enum Inner: Error { case deep(Int) }
}

@Suite struct EventTests {
    @Test func `an error event names the error's type and what it says`() {
        let event = Event.error("Error in save: ", DiskFull(description: "no space"))
        #expect(event.name == "error")
        #expect(
            event.attributes == [
                "error_message": "Error in save: ", "exception_type": "DiskFull", "exception_message": "no space",
            ])
        #expect(event.attributes.map(\.key) == ["error_message", "exception_type", "exception_message"])
        #expect(event.time == nil)
    }

    @Test func `without an error there is only the message`() {
        #expect(Event.error("it broke").attributes == ["error_message": "it broke"])
    }

    @Test func `an error that says nothing and an empty message are recorded as they are`() {
        let event = Event.error("", DiskFull(description: ""))
        #expect(event.attributes == ["error_message": "", "exception_type": "DiskFull", "exception_message": ""])
    }

    @Test func `a nested error type goes by its own name`() {
        let event = Event.error("x", Outer.Inner.deep(3))
        #expect(event.attributes["exception_type"] == "Inner")
        #expect(event.attributes["exception_message"] == "deep(3)")
    }

    @Test func `the caller's attributes win, and the time is the caller's`() {
        let time = Timestamp(nanoseconds: 24_060_000_000_000)
        let event = Event.error("m", DiskFull(description: "d"), ["exception_message": "mine", "path": "/x"], at: time)
        #expect(event.attributes["exception_message"] == "mine")
        #expect(event.attributes["path"] == "/x")
        #expect(event.time == time)
    }

    @Test func `an event has exactly the attributes that it was given`() {
        let attributes: Attributes = ["a": 1]
        #expect(Event("x").attributes.isEmpty)
        #expect(Event("x", attributes).attributes == attributes)
        #expect(Set([Event("x", attributes), Event("x", attributes), Event("y", attributes)]).count == 2)
    }

    @Test func `a record of an event without a time gets the beginning of 1970`() {
        let span = SpanContext(traceID: TraceID(high: 0, low: 1), spanID: SpanID(2))
        #expect(SpanEventRecord(Event("x"), span: span).event.time == Timestamp(nanoseconds: 0))
        #expect(SpanEventRecord(Event("x", at: Timestamp(nanoseconds: 5)), span: span).event.time?.nanoseconds == 5)
    }
}
