// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "FootnoteBenchmarks",
    platforms: [.macOS(.v14)],
    dependencies: [.package(name: "footnote", path: "..")],
    targets: [
        // Only what users get: the public library.
        .executableTarget(
            name: "footnote-benchmarks", dependencies: [.product(name: "Footnote", package: "footnote")],
            path: "Sources/FootnoteBenchmarks")
    ],
    swiftLanguageModes: [.v6]
)
