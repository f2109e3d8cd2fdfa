import OneLogger

/// Records a span for each number from `from` down to 1, under one root.
///
/// A configuration names it `countdown`. A plug-in that samples something starts a thread of its own in `start()`; this one has nothing to wait for.
struct Countdown: RecorderPlugin {
    static let configName = "countdown"

    private let from: Int
    private let recorder: Recorder

    init(settings: inout Settings, recorder: Recorder) throws(SettingsError) {
        from = settings.int("from", in: 1...100) ?? 3
        self.recorder = recorder
        try settings.finish()
    }

    func start() throws(TelemetryError) {
        recorder.timedSpan("countdown") { span in
            span["from"] = from
            for number in stride(from: from, to: 0, by: -1) {
                recorder.timedSpan("countdown.number") { span in span["number"] = number }
            }
        }
    }

    func stop(deadline: Timestamp) { recorder.timedSpan("countdown.stopped") { _ in } }
}
