import OneLoggerCore
import Testing

@Suite struct ErrorMessageTests {
    @Test(
        arguments: [
            (
                .misuse(call: "span.stop", problem: "the span has stopped already", advice: "Stop a span once."),
                "span.stop: error: the span has stopped already. Stop a span once."
            ),
            (
                .alreadyConfigured("Recorder.install"),
                "Recorder.install: error: a recorder is installed already. Configure telemetry once, at the start of the program."
            ),
            (
                .implausibleTime(call: "recorder.start", problem: "the start time lies 3 days ahead"),
                "recorder.start: error: the start time lies 3 days ahead. Give nanoseconds since 1970 of a moment close to now."
            ),
            (
                .component(name: "checkpoint_stats", problem: "it threw Broken"),
                "checkpoint_stats: error: it threw Broken. Mend or remove it; the rest works without it."
            ),
            (
                .configuration([.missing(key: "a", at: .preset), .missing(key: "b", at: .preset)]),
                "default: error: 'a' is required here. Add 'a'.\ndefault: error: 'b' is required here. Add 'b'."
            ),
            (
                .several(first: .alreadyConfigured("x"), others: 2),
                "x: error: a recorder is installed already. Configure telemetry once, at the start of the program. (and 2 more)"
            ),
        ] as [(TelemetryError, String)])
    func `a telemetry error says where, what, and what to do`(error: TelemetryError, text: String) {
        #expect(error.description == text)
    }

    @Test(
        arguments: [
            (
                .unavailable(destination: "out.jsonl", errno: 28, reason: "no space left"),
                "out.jsonl: error: no space left (errno 28)."
            ),
            (.unavailable(destination: "http://x", errno: 0, reason: "timed out"), "http://x: error: timed out."),
            (.rejected(destination: "http://x", reason: "status 400"), "http://x: error: records refused: status 400."),
        ] as [(ExportError, String)])
    func `an export error names the destination`(error: ExportError, text: String) {
        #expect(error.description == text)
    }
}
