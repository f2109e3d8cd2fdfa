internal import DigitsNetwork
internal import OneLogger
internal import OneLoggerBootstrap
internal import TrainingTelemetry

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
    let telemetry = try TrainingTelemetry.bootstrap(config: options.config)
    if !telemetry.isConfigured { telemetry.configure(.digits) }
    let accuracy = try Application(options, telemetry).run()
    exit(accuracy > 0.95 ? EXIT_SUCCESS : EXIT_FAILURE)
} catch {
    var standardError = StandardError()
    print(error, to: &standardError)
    exit(EXIT_FAILURE)
}
