// swift-tools-version: 6.2
// The vector index by itself, beside its peers: see run.py. Sources are those of the package above, by links, since what
// is measured is not part of the public library.
import PackageDescription

let swiftSettings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]
let database: [Target.Dependency] = [
    .product(name: "GRDB", package: "GRDB.swift"), .product(name: "GRDBSQLite", package: "GRDB.swift"),
]

let package = Package(
    name: "vector-benchmark",
    platforms: [.macOS(.v14)],
    dependencies: [.package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0")],
    targets: [
        .target(name: "CKernels"),
        .target(name: "VectorIndex", dependencies: ["CKernels"] + database, swiftSettings: swiftSettings),
        .executableTarget(
            name: "vector-benchmark", dependencies: ["VectorIndex", .product(name: "GRDB", package: "GRDB.swift")],
            swiftSettings: swiftSettings),
        .executableTarget(
            name: "vector-torture", dependencies: ["VectorIndex", .product(name: "GRDB", package: "GRDB.swift")],
            swiftSettings: swiftSettings),
    ],
    swiftLanguageModes: [.v6],
    cLanguageStandard: .c11
)
