// swift-tools-version: 6.3
import PackageDescription

// By itself, so that only `make bench` fetches and builds what the library is compared with.
let package = Package(
    name: "Peers",
    dependencies: [
        .package(name: "onelogger", path: "../.."),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    ],
    targets: [
        .executableTarget(
            name: "Peers",
            dependencies: [
                .product(name: "OneLogger", package: "onelogger"),
                .product(name: "OneLoggerOTLP", package: "onelogger"),
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ])
    ],
    swiftLanguageModes: [.v6]
)
