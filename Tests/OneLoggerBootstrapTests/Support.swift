import OneLogger
import OneLoggerBootstrap
import OneLoggerConfig
import OneLoggerJSONL
import OneLoggerTestSupport
import OneLoggerTesting
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

extension TemporaryFolder {
    /// The spans in a recording, by name, in their order.
    func spans(_ name: String) throws -> [String] {
        try contents(name).records.compactMap { record in
            switch record {
            case .span(let span), .stop(let span): span.name
            default: nil
            }
        }
    }

    func contents(_ name: String) throws -> JSONLContents { try JSONLReader.contents(ofFile: self(name)) }
}

extension JSONLContents {
    /// What each record but the metrics is called.
    var outline: [String] { records.outline.filter { !$0.hasPrefix("metric ") } }
}

extension Bootstrap {
    /// With a file of this text, and no environment.
    init(_ text: String? = nil, in folder: TemporaryFolder, named name: String = "a.yaml") {
        self.init()
        environment = ConfigEnvironment([:])
        directory = folder.path
        path = text.map { folder.write($0, to: name) }
    }

    /// The messages of everything that is wrong, one per line; empty when nothing is.
    func problems(in folder: TemporaryFolder) -> [String] {
        do throws(TelemetryError) {
            _ = try check()
            return []
        } catch {
            guard case .configuration(let problems) = error else { return ["\(error)"] }
            return problems.map { String("\($0)".split(separator: folder.path + "/").joined()) }
        }
    }

    /// Starts a recorder, lets it record one span, and shuts it down.
    @discardableResult
    func recordOne(_ name: String = "one") throws -> RecorderHealth {
        let recorder = try start()
        recorder.timedSpan(name) { _ in }
        try recorder.shutdown(timeout: .patience)
        return recorder.health
    }
}

/// A plug-in that records a span when it starts and one when it stops.
struct Beacon: RecorderPlugin {
    static let configName = "beacon"

    let name: String
    let fails: Bool
    let recorder: Recorder

    init(settings: inout Settings, recorder: Recorder) throws(SettingsError) {
        name = settings.string("name") ?? "beacon"
        fails = settings.bool("fails") ?? false
        self.recorder = recorder
        try settings.finish()
    }

    func start() throws(TelemetryError) {
        if fails { throw .component(name: "the beacon", problem: "it has no light") }
        recorder.timedSpan("\(name).start") { _ in }
    }

    func stop(deadline: Timestamp) { recorder.timedSpan("\(name).stop") { _ in } }
}

/// An exporter of a program's own, which forgets to call `finish`, and shows what it got under a key.
struct OwnExporter: ConfigurableExporter {
    struct Options: SettingsReadable {
        var key: String
        init(_ settings: inout Settings) { key = settings.requiredString("key") }
    }

    static let configName = "own"
    private static let names = Locked<[String: [String]]>([:])
    static func spans(_ key: String) -> [String] { names.withLock { $0[key] ?? [] } }

    let key: String

    init(_ options: Options, _ context: ExporterContext) throws(ExportError) { key = options.key }

    mutating func export(_ batch: Batch) throws(ExportError) {
        let spans = batch.records.compactMap { record in
            switch record {
            case .span(let span), .stop(let span): span.name
            default: nil
            }
        }
        let service = batch.resource.serviceName
        Self.names.withLock { $0[key, default: []] += spans.map { "\(service): \($0)" } }
    }
}

extension ComponentCatalog {
    /// The built-in ones, ``Beacon`` and ``OwnExporter``.
    static var forTests: ComponentCatalog {
        var catalog = ComponentCatalog.builtIn
        catalog.add(Beacon.self)
        catalog.add(OwnExporter.self)
        return catalog
    }
}
