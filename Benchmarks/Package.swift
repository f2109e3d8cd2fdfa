// swift-tools-version: 6.3
import PackageDescription

// A package of its own: it uses the library as a stranger would, and alone needs valgrind's headers.
let package = Package(
    name: "Benchmarks",
    dependencies: [.package(name: "onelogger", path: "..")],
    targets: [
        .executableTarget(name: "Bare"),
        .executableTarget(
            name: "Idle",
            dependencies: [
                .product(name: "OneLogger", package: "onelogger"),
                .product(name: "OneLoggerJSONL", package: "onelogger"),
            ]),
        .target(name: "CBench"),
        .executableTarget(
            name: "Bench",
            dependencies: [
                "CBench",
                .product(name: "OneLogger", package: "onelogger"),
                .product(name: "OneLoggerJSONL", package: "onelogger"),
                .product(name: "OneLoggerOTLP", package: "onelogger"),
                .product(name: "OneLoggerPrometheus", package: "onelogger"),
                .product(name: "RLMTelemetry", package: "onelogger"),
                .product(name: "TrainingTelemetry", package: "onelogger"),
                .product(name: "WorkflowTelemetry", package: "onelogger"),
            ]),
        .executableTarget(
            name: "Load",
            dependencies: [
                "CBench",
                .product(name: "OneLogger", package: "onelogger"),
                .product(name: "OneLoggerJSONL", package: "onelogger"),
                .product(name: "OneLoggerOTLP", package: "onelogger"),
                .product(name: "OneLoggerPrometheus", package: "onelogger"),
                .product(name: "ResourceTelemetry", package: "onelogger"),
            ]),
    ],
    swiftLanguageModes: [.v6]
)
