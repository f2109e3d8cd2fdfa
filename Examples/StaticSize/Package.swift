// swift-tools-version: 6.3
import PackageDescription

// The recorder with both file exporters and nothing else: what a small program pays. `Scripts/check-size.sh` weighs it.
let package = Package(
    name: "static-size",
    dependencies: [.package(name: "onelogger", path: "../..")],
    targets: [
        .executableTarget(
            name: "StaticSize",
            dependencies: [
                .product(name: "OneLogger", package: "onelogger"),
                .product(name: "OneLoggerConsole", package: "onelogger"),
                .product(name: "OneLoggerJSONL", package: "onelogger"),
            ])
    ],
    swiftLanguageModes: [.v6]
)
