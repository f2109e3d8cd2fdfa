// swift-tools-version: 6.3
import PackageDescription

let package = Package(
    name: "validated-config",
    dependencies: [
        .package(name: "onelogger", path: "../..")
    ],
    targets: [
        .executableTarget(
            name: "ValidatedConfig",
            dependencies: [
                .product(name: "OneLogger", package: "onelogger"),
                .product(name: "OneLoggerBootstrap", package: "onelogger"),
            ],
            // Checks OneLogger/telemetry.yaml: try a key that does not exist.
            plugins: [.plugin(name: "ValidateOneLoggerConfigs", package: "onelogger")])
    ]
)
