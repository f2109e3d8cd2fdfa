// swift-tools-version: 6.3
import PackageDescription

// A program that uses nothing but `import OneLogger`: it fetches no other package, and links no Foundation.
let package = Package(
    name: "core-consumer",
    dependencies: [.package(name: "onelogger", path: "../..")],
    targets: [
        .executableTarget(name: "CoreConsumer", dependencies: [.product(name: "OneLogger", package: "onelogger")])
    ],
    swiftLanguageModes: [.v6]
)
