// swift-tools-version: 6.3
import PackageDescription

// What others cost on the same machine, for comparison. A package of its own, so that nobody else fetches swift-metrics.
let package = Package(
    name: "Reference",
    dependencies: [.package(url: "https://github.com/apple/swift-metrics", from: "2.13.0")],
    targets: [
        .executableTarget(
            name: "Reference",
            dependencies: [
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "MetricsTestKit", package: "swift-metrics"),
            ])
    ],
    swiftLanguageModes: [.v6]
)
