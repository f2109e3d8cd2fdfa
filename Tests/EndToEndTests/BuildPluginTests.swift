import OneLoggerTestSupport
import Testing

extension Tag {
    /// Takes a minute or more: `swift test --skip BuildPluginTests` leaves such tests out.
    @Tag static var slow: Self
}

/// What the build-tool plug-in does to a package that uses it.
///
/// Builds a package, once.
@Suite(.tags(.slow), .timeLimit(.minutes(15))) struct BuildPluginTests {
    private let folder = TemporaryFolder()

    @Test(.disabled(if: isSanitized, "it builds the same package as without a sanitizer"))
    func `a mistake in a configuration stops the build, at its line and column`() throws {
        // given the example, with mistakes in one configuration, and another that is fine where variables are unset
        let package = folder("package")
        let example = "\(packageFolder)/Examples/ValidatedConfig"
        #expect(try ChildProcess("mkdir", ["-p", package]).end() == .exit(0))
        for part in ["Package.swift", "Sources"] {
            #expect(try ChildProcess("cp", ["-r", "\(example)/\(part)", "\(package)/\(part)"]).end() == .exit(0))
        }
        let manifest = folder.text("package/Package.swift").split(
            separator: #""../..""#, omittingEmptySubsequences: false)
        try #require(manifest.count == 2)
        folder.write(manifest.joined(separator: "\"\(packageFolder)\""), to: "package/Package.swift")
        let config = "package/Sources/ValidatedConfig/OneLogger/telemetry.yaml"
        let text = folder.text(config).split(separator: "type: jsonl", omittingEmptySubsequences: false)
        try #require(text.count == 2)
        let path = folder.write(text.joined(separator: "type: jsnl") + "recordrs: []\n", to: config)
        folder.write(
            "exporters: [{type: jsonl, config: {path: \"${SURELY_UNSET_VARIABLE}/a\"}}]",
            to: "package/Sources/ValidatedConfig/fine.onelogger.yaml")

        // when it is built
        let build = try ChildProcess(
            "swift", ["build", "--package-path", package, "--scratch-path", folder("build")], errors: folder("errors"))
        let (end, output) = build.finish()

        // then the build failed for these reasons alone
        #expect(end == .exit(1))
        // What else was being built is cancelled, which may be said, too.
        let lines = (output + folder.text("errors")).split(separator: "\n")
            .filter { $0.contains("error:") && $0 != "error: cancelled" }
        let expected = [
            "\(path):11:11: error: no exporter is called 'jsnl'. Did you mean 'jsonl'? Available: console, jsonl, otlp, prometheus.",
            "\(path):14:1: error: unknown key 'recordrs'. Did you mean 'recorders'? Allowed: application, recorder, training, exporters, recorders, merge.",
        ]
        #expect(Set(lines.map(String.init)) == Set(expected))
    }
}

/// True in a run of the tests under ThreadSanitizer or AddressSanitizer.
private let isSanitized: Bool = {
    #if THREAD_SANITIZER
    true
    #else
    ChildProcess.programs.contains("san/")
    #endif
}()
