// swift-tools-version: 6.3
import PackageDescription

/// What every target is compiled with: the same as the library itself.
let strict: [SwiftSetting] =
    [
        "ExistentialAny", "ImmutableWeakCaptures", "InferIsolatedConformances", "InternalImportsByDefault",
        "MemberImportVisibility", "NonisolatedNonsendingByDefault",
    ].map { .enableUpcomingFeature($0) } + [
        .enableExperimentalFeature("Lifetimes"),
        .strictMemorySafety(),
        .treatAllWarnings(as: .error),
        .treatWarning("ExplicitSendable", as: .error),
        .treatWarning("DeprecatedDeclaration", as: .warning),
    ]

let package = Package(
    name: "agent-run",
    dependencies: [.package(name: "onelogger", path: "../..")],
    targets: [
        .target(
            name: "AgentWorld",
            dependencies: [
                .product(name: "OneLogger", package: "onelogger"),
                .product(name: "RLMTelemetry", package: "onelogger"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "AgentRun",
            dependencies: [
                "AgentWorld",
                .product(name: "OneLogger", package: "onelogger"),
                .product(name: "OneLoggerBootstrap", package: "onelogger"),
                .product(name: "RLMTelemetry", package: "onelogger"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "AgentRunTests",
            dependencies: [
                "AgentWorld", "AgentRun",
                .product(name: "OneLogger", package: "onelogger"),
                .product(name: "OneLoggerTesting", package: "onelogger"),
                .product(name: "RLMTelemetry", package: "onelogger"),
            ],
            swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
