// swift-tools-version: 6.3
import Foundation
import PackageDescription

/// What every Swift target of this package is compiled with, tests included.
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

/// A module of the library: `Sources/NAME` and `Tests/NAMETests` always both exist, so no target needs a `path:`.
struct Module {
    var name: String
    var dependencies: [Target.Dependency]
    var testDependencies: [Target.Dependency] = []
    var isProduct = true

    var targets: [Target] {
        [
            .target(name: name, dependencies: dependencies, swiftSettings: strict),
            .testTarget(
                name: "\(name)Tests",
                dependencies: [.target(name: name), "OneLoggerTestSupport"] + testDependencies,
                exclude: FileManager.default.fileExists(atPath: "\(folder)/Tests/\(name)Tests/Fixtures")
                    ? ["Fixtures"] : [],
                swiftSettings: strict),
        ]
    }

    static func module(
        _ name: String, _ dependencies: Target.Dependency..., tests: [Target.Dependency] = ["OneLoggerTesting"]
    ) -> Self {
        Self(name: name, dependencies: dependencies, testDependencies: tests)
    }

    static func exporter(_ name: String, _ dependencies: Target.Dependency...) -> Self {
        Self(
            name: name, dependencies: ["OneLoggerCore"] + dependencies,
            testDependencies: ["OneLogger", "OneLoggerTesting", "OneLoggerText"])
    }

    static func hidden(_ name: String, _ dependencies: Target.Dependency..., tests: [Target.Dependency] = []) -> Self {
        Self(name: name, dependencies: dependencies, testDependencies: tests, isProduct: false)
    }
}

let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path

let modules: [Module] = [
    .module("OneLoggerCore", tests: ["OneLoggerTesting", "OneLoggerText"]),
    .module("OneLogger", "OneLoggerCore", "COneLogger"),
    .hidden("OneLoggerText", "OneLoggerCore", "COneLogger", tests: ["OneLoggerCore"]),
    .exporter("OneLoggerConsole", "OneLoggerText"),
    .exporter("OneLoggerJSONL", "OneLoggerText"),
    .exporter("OneLoggerPrometheus", "OneLoggerText"),
    .exporter("OneLoggerOTLP", "OneLoggerHTTP", "OneLoggerText"),
    .hidden("OneLoggerHTTP", "OneLoggerCore", "CCurl", "CZlib"),
    .module("RLMTelemetry", "OneLogger", "OneLoggerText", tests: ["OneLoggerJSONL", "OneLoggerTesting"]),
    .module(
        "ResourceTelemetry", "OneLogger", "OneLoggerHTTP", "OneLoggerText",
        tests: ["OneLoggerJSONL", "OneLoggerTesting", "OneLoggerText", "WorkflowTelemetry"]),
    .module("WorkflowTelemetry", "OneLogger", "OneLoggerText", tests: ["OneLoggerJSONL", "OneLoggerTesting"]),
    .module("TrainingTelemetry", "OneLogger", tests: ["OneLoggerJSONL", "OneLoggerTesting"]),
    .module("OneLoggerConfig", "OneLoggerCore", "CYAML"),
    .module(
        "OneLoggerBootstrap", "OneLogger", "OneLoggerConfig", "OneLoggerConsole", "OneLoggerJSONL", "OneLoggerOTLP",
        "OneLoggerPrometheus", "RLMTelemetry", "ResourceTelemetry", "TrainingTelemetry", "WorkflowTelemetry",
        tests: [
            "OneLogger", "OneLoggerConfig", "OneLoggerJSONL", "OneLoggerTesting", "RLMTelemetry", "TrainingTelemetry",
            "WorkflowTelemetry",
        ]),
    .module("OneLoggerTesting", "OneLogger", tests: ["OneLoggerConsole", "OneLoggerJSONL"]),
    .hidden("OneLoggerCommand", "OneLoggerBootstrap", "OneLoggerConfig", "OneLoggerCore", tests: ["OneLoggerConfig"]),
]

let package = Package(
    name: "onelogger",
    products: modules.filter(\.isProduct).map { .library(name: $0.name, targets: [$0.name]) } + [
        .executable(name: "onelogger", targets: ["onelogger"]),
        .plugin(name: "ValidateOneLoggerConfigs", targets: ["ValidateOneLoggerConfigs"]),
    ],
    targets: modules.flatMap(\.targets) + [
        .target(name: "COneLogger"),
        .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"]), .brew(["libyaml"])]),
        .systemLibrary(
            name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"]), .brew(["curl"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
        .executableTarget(name: "onelogger", dependencies: ["OneLoggerCommand"], swiftSettings: strict),
        .plugin(name: "ValidateOneLoggerConfigs", capability: .buildTool(), dependencies: ["onelogger"]),
        .executableTarget(
            name: "OneLoggerTestWorker",
            dependencies: ["OneLogger", "OneLoggerBootstrap", "RLMTelemetry", "TrainingTelemetry"],
            path: "Tests/Helpers/Worker", swiftSettings: strict),
        .target(
            name: "OneLoggerTestSupport", dependencies: ["OneLoggerCore"], path: "Tests/Helpers/Support",
            swiftSettings: strict),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "OneLoggerTestSupport", "OneLoggerTestWorker", "onelogger", "OneLogger", "OneLoggerJSONL",
                "OneLoggerCommand",
                "OneLoggerTesting", "TrainingTelemetry",
            ],
            swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)

// The documentation tool is resolved only by `make docs`: no consumer of the library ever fetches it.
if ProcessInfo.processInfo.environment["ONELOGGER_DOCS"] != nil {
    package.dependencies.append(.package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"))
}
