// swift-tools-version: 6.3
import PackageDescription
let package = Package(name: "Benchmarks", dependencies: [.package(name: "onelogger", path: "..")],
 targets: [.target(name: "CBench"), .executableTarget(name: "Bench", dependencies: ["CBench", .product(name: "OneLogger", package: "onelogger")])], swiftLanguageModes: [.v6])
