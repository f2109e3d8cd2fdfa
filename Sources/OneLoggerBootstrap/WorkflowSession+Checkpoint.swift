public import OneLogger
internal import OneLoggerCore
internal import OneLoggerJSONL
public import WorkflowTelemetry

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

extension WorkflowSession {
    /// Starts a session on a recorder of its own that writes a file in the schema of the Telemetry Abstraction Layer.
    ///
    /// The file is `{checkpointPath}/{id}.{seconds since 1970}.telemetry.jsonl`; what a file name cannot hold is replaced
    /// by `_`. A file that exists is continued, never emptied. Lines are in it within a fraction of a second.
    ///
    ///     let session = try await WorkflowSession.start(checkpointPath: "telemetry")
    ///
    /// - Parameters:
    ///   - id: The session's name; nil makes one up.
    ///   - checkpointPath: The folder, made when missing.
    ///   - checkpointInterval: How often a line of metrics is written, 0.1 and more. Unit: seconds.
    ///   - exporters: Where records go beside the file.
    /// - Returns: The session; stopping it closes the file.
    /// - Throws: ``TelemetryError/misuse(call:problem:advice:)`` when the interval cannot be meant.
    public static func start(
        id: String? = nil, checkpointPath: String, checkpointInterval: Double = 10, exporters: [ExporterSlot] = []
    ) async throws(TelemetryError) -> WorkflowSession {
        guard checkpointInterval >= 0.1, checkpointInterval <= 86_400 else {
            throw .misuse(
                call: "WorkflowSession.start", problem: "checkpointInterval is \(checkpointInterval)",
                advice: "Give 0.1 to 86400 seconds.")
        }
        var options = RecorderOptions()
        options.metricsInterval = .seconds(checkpointInterval)
        let id = id ?? newID
        let name = "\(safeName(id)).\(time(nil)).telemetry.jsonl"
        let file = JSONLExporter.Options(path: "\(checkpointPath)/\(name)", schema: .tal)
        let slot = ExporterSlot(name: "checkpoint") { (context) throws(ExportError) in
            try JSONLExporter(file, context)
        }
        return try WorkflowSession(id, Recorder(options, exporters: [slot] + exporters), "workflow", owns: true)
    }

    /// At most 200 characters that every file system takes.
    private static func safeName(_ id: String) -> String {
        let fine = id.prefix(200).map { character in
            character.isASCII && (character.isLetter || character.isNumber || "._-".contains(character))
                ? character : "_"
        }
        return fine.isEmpty ? "_" : String(fine)
    }
}
