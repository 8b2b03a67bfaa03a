// swift-tools-version: 6.2
import PackageDescription

let swiftSettings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

let package = Package(
    name: "footnote",
    platforms: [.macOS(.v15), .iOS(.v18)],
    products: [
        .library(name: "Footnote", targets: ["Footnote"]),
        // The target is not called `footnote`: on a case-insensitive file system its module would
        // overwrite the library's.
        .executable(name: "footnote", targets: ["FootnoteCLI"]),
    ],
    dependencies: [
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    ],
    targets: [
        .systemLibrary(name: "CLibXML2", pkgConfig: "libxml-2.0", providers: [.apt(["libxml2-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CLibCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),

        .target(name: "CKernels"),
        // What scripts/train_reader.py trained, compiled in.
        .target(name: "CReader", exclude: ["reader.safetensors"]),
        .target(name: "Tokenizers", swiftSettings: swiftSettings),
        .target(name: "TransformerCore", dependencies: ["CKernels", "Tokenizers"], swiftSettings: swiftSettings),
        .target(
            name: "VectorIndex",
            dependencies: [
                "CKernels",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            swiftSettings: swiftSettings),
        .target(name: "Ingestion", dependencies: ["CLibXML2", "CZlib"], swiftSettings: swiftSettings),
        .target(
            name: "Footnote",
            dependencies: [
                "CReader", "Tokenizers", "TransformerCore", "VectorIndex", "Ingestion",
                .target(name: "CLibCrypto", condition: .when(platforms: [.linux])),
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: swiftSettings),
        .executableTarget(
            name: "FootnoteCLI",
            dependencies: ["Footnote", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            swiftSettings: swiftSettings),

        .testTarget(name: "TokenizersTests", dependencies: ["Tokenizers", "TransformerCore"], resources: [.copy("Fixtures")], swiftSettings: swiftSettings),
        .testTarget(name: "TransformerCoreTests", dependencies: ["TransformerCore", "CKernels", "Tokenizers"], resources: [.copy("Fixtures")], swiftSettings: swiftSettings),
        // A file system for SQLite that fails on demand.
        .target(name: "CFaultVFS", path: "Tests/CFaultVFS", linkerSettings: [.linkedLibrary("sqlite3")]),
        .testTarget(name: "VectorIndexTests", dependencies: ["VectorIndex", "CFaultVFS", "CKernels", .product(name: "GRDB", package: "GRDB.swift")], swiftSettings: swiftSettings),
        .testTarget(name: "IngestionTests", dependencies: ["Ingestion"], resources: [.copy("Fixtures")], swiftSettings: swiftSettings),
        .testTarget(name: "FootnoteTests", dependencies: ["Footnote", .product(name: "GRDB", package: "GRDB.swift")], resources: [.copy("Fixtures")], swiftSettings: swiftSettings),
        .testTarget(name: "CommandLineTests", dependencies: ["FootnoteCLI"], swiftSettings: swiftSettings),
    ],
    swiftLanguageModes: [.v6],
    cLanguageStandard: .c11
)
