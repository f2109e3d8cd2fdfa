public import OneLoggerCore

/// Something that writes into a recorder by itself, such as a sampler of the host's memory.
///
/// Uses the recorder's public interface only, from a thread of its own if it samples.
public protocol RecorderPlugin: Sendable {
    /// The name in `recorders:` of a configuration.
    static var configName: String { get }

    /// Reads the options; nothing else.
    ///
    /// Also called with a recorder that records nothing, when a configuration is only checked.
    ///
    /// - Throws: `SettingsError` that names each problem and its place.
    init(settings: inout Settings, recorder: Recorder) throws(SettingsError)

    /// Begins to record. Called after the exporters have been started.
    ///
    /// - Throws: `TelemetryError`; the plug-in then counts as failed.
    func start() throws(TelemetryError)

    /// Records what is left and stops. Called before the recorder's last flush; must return by `deadline`.
    func stop(deadline: Timestamp)
}
