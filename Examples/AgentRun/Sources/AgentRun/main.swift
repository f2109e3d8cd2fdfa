internal import AgentWorld
internal import OneLogger
internal import OneLoggerBootstrap
internal import RLMTelemetry

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Darwin)
internal import Darwin
#endif

do {
    guard let options = try Options.parse(CommandLine.arguments.dropFirst()) else {
        print(Options.help)
        exit(EXIT_SUCCESS)
    }
    let recorder = try Recorder.bootstrap(config: options.config)
    guard let sink = recorder.plugin(RLMRunSink.self) else {
        throw ProblemReport(
            "\(options.config): error: there is no recorder plug-in 'rlm'. Add 'recorders: [{type: rlm}]'.")
    }
    let solved = try Application(options, sink, recorder).run()
    exit(solved > 0 ? EXIT_SUCCESS : EXIT_FAILURE)
} catch {
    var line = "\(error)\n"
    line.withUTF8 { bytes in unsafe _ = write(2, bytes.baseAddress, bytes.count) }
    exit(EXIT_FAILURE)
}
