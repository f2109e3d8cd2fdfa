// swift-tools-version: 6.3
import PackageDescription

let package = Package(
    name: "custom-components",
    dependencies: [.package(name: "onelogger", path: "../..")],
    targets: [
        .executableTarget(name: "CustomComponents", dependencies: [.product(name: "OneLogger", package: "onelogger")])
    ],
    swiftLanguageModes: [.v6]
)
