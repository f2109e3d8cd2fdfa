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
    name: "digits-training",
    targets: [
        .target(name: "DigitsNetwork", swiftSettings: strict),
        .executableTarget(name: "DigitsTraining", dependencies: ["DigitsNetwork"], swiftSettings: strict),
        .testTarget(
            name: "DigitsTrainingTests", dependencies: ["DigitsNetwork", "DigitsTraining"], swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
