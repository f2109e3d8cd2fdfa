public import OneLogger
internal import OneLoggerCore
internal import OneLoggerJSONL
internal import ResourceTelemetry
public import WorkflowTelemetry

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

// A session that needs nothing around it.
extension WorkflowSession {
    /// Starts a session that polls this machine, on the installed recorder, or on one of its own.
    ///
    ///     let session = try await WorkflowSession.start()
    ///
    /// With a checkpoint path or exporters, and while no recorder is installed, the session has a recorder of its own;
    /// it keeps what it records in memory at least, and is shut down with the session.
    ///
    /// The file is `{checkpointPath}/{id}.{seconds since 1970}.telemetry.jsonl`, in the schema of the Telemetry Abstraction
    /// Layer; what a file name cannot hold is replaced by `_`. A file that exists is continued, never emptied. Lines are in
    /// it within a fraction of a second.
    ///
    /// - Parameters:
    ///   - id: The session's name; nil makes one up.
    ///   - resourcePollInterval: How often the machine is looked at, 0.01 to 86,400; nil means never. Unit: seconds.
    ///   - checkpointPath: The folder of the file, made when missing; nil means no file.
    ///   - checkpointInterval: How often a line of metrics is written, 0.1 to 86,400. Unit: seconds.
    ///   - exporters: Where records go beside the file.
    /// - Returns: The session; stopping it closes the file.
    /// - Throws: `TelemetryError.misuse(call:problem:advice:)` when an interval cannot be meant, and when a session is
    ///   open on the installed recorder.
    public static func start(
        id: String? = nil, resourcePollInterval: Double? = 5, checkpointPath: String? = nil,
        checkpointInterval: Double = 10, exporters: [ExporterSlot] = []
    ) async throws(TelemetryError) -> WorkflowSession {
        try check("checkpointInterval", checkpointInterval, from: 0.1)
        if let resourcePollInterval { try check("resourcePollInterval", resourcePollInterval, from: 0.01) }
        let session: WorkflowSession
        if checkpointPath == nil, exporters.isEmpty, let recorder = Recorder.installed, recorder.isRecording {
            session = try start(id: id, on: recorder)
        } else {
            var options = RecorderOptions(), exporters = exporters
            options.metricsInterval = .seconds(checkpointInterval)
            // Also what is sampled every 100 ms is in the file before the next sample.
            options.flushInterval = .milliseconds(50)
            let id = id ?? newID
            if let checkpointPath { exporters.insert(checkpoint(checkpointPath, id), at: 0) }
            session = try WorkflowSession(id, Recorder(options, exporters: exporters), "workflow", owns: true)
        }
        if let resourcePollInterval { session.poll(every: .seconds(resourcePollInterval)) }
        return session
    }

    /// Runs `body` with such a session, which ends with it, however it ends.
    ///
    /// - Parameters:
    ///   - id: The session's name; nil makes one up.
    ///   - resourcePollInterval: How often the machine is looked at; nil means never. Unit: seconds.
    ///   - checkpointPath: The folder of the file; nil means no file.
    ///   - checkpointInterval: How often a line of metrics is written. Unit: seconds.
    ///   - exporters: Where records go beside the file.
    ///   - body: The work.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws, and `TelemetryError` when the session cannot start.
    public static func withSession<R>(
        id: String? = nil, resourcePollInterval: Double? = 5, checkpointPath: String? = nil,
        checkpointInterval: Double = 10, exporters: [ExporterSlot] = [],
        _ body: nonisolated(nonsending) (WorkflowSession) async throws -> R
    ) async throws -> R {
        try await start(
            id: id, resourcePollInterval: resourcePollInterval, checkpointPath: checkpointPath,
            checkpointInterval: checkpointInterval, exporters: exporters
        ).stopping(after: body)
    }

    private static func check(_ name: String, _ seconds: Double, from least: Double) throws(TelemetryError) {
        guard seconds >= least, seconds <= 86_400 else {
            throw .misuse(
                call: "WorkflowSession.start", problem: "\(name) is \(seconds)",
                advice: "Give \(least) to 86400 seconds.")
        }
    }

    private static func checkpoint(_ folder: String, _ id: String) -> ExporterSlot {
        let file = JSONLExporter.Options(
            path: "\(folder)/\(safeName(id)).\(time(nil)).telemetry.jsonl", schema: .tal)
        return ExporterSlot(name: "checkpoint") { (context) throws(ExportError) in try JSONLExporter(file, context) }
    }

    /// At most 200 characters that every file system takes.
    private static func safeName(_ id: String) -> String {
        let fine = id.prefix(200).map { character in
            character.isASCII && (character.isLetter || character.isNumber || "._-".contains(character))
                ? character : "_"
        }
        return fine.isEmpty ? "_" : String(fine)
    }

    /// Unless the recorder's configuration has asked for it already.
    private func poll(every interval: Duration) {
        guard !recorder.health.plugins.contains(where: { $0.name == ResourceRecorder.configName }) else { return }
        var options = ResourceOptions()
        options.interval = interval
        options.metrics = false  // the session's own instruments show what is sampled
        // Who asked for nothing is not told that there is no GPU.
        let hasGPU = unsafe access("/dev/nvidiactl", F_OK) == 0 || access("/dev/dxg", F_OK) == 0
        if !hasGPU { options.adapters = [.host] }
        add(ResourceRecorder(options, recorder: recorder))
    }
}
