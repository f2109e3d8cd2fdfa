public import OneLogger

extension Recorder {
    /// Takes the installed recorder away and shuts it down, so that a test can bootstrap or install the next one.
    ///
    /// Nothing happens when none is installed. For tests that share a process and run one after another; a test that
    /// only needs a recorder for some code is better off with `withRecorder`.
    ///
    /// - Parameter timeout: The longest wait for its exporters; nil means the recorder's own option.
    /// - Returns: What the shutdown achieved; nil when there was nothing to take away.
    /// - Throws: What `shutdown` throws; the recorder is taken away all the same.
    @discardableResult
    public static func resetForTesting(timeout: Duration? = nil) throws(TelemetryError) -> FlushReport? {
        guard let recorder = installed else { return nil }
        uninstall()
        return try recorder.shutdown(timeout: timeout)
    }
}
