// swift-tools-version: 6.3
import PackageDescription

let package = Package(
    name: "exporter-alone",
    dependencies: [.package(name: "onelogger", path: "../..")],
    targets: [
        .executableTarget(
            name: "ExporterAlone",
            dependencies: [
                .product(name: "OneLoggerCore", package: "onelogger"),
                .product(name: "OneLoggerJSONL", package: "onelogger"),
            ])
    ],
    swiftLanguageModes: [.v6]
)
