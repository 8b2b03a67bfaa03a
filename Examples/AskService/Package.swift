// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "AskService",
    platforms: [.macOS(.v14)],
    dependencies: [.package(name: "footnote", path: "../..")],
    targets: [
        .executableTarget(name: "AskService", dependencies: [.product(name: "Footnote", package: "footnote")]),
        // The blocks of code in the documentation, compiled.
        .executableTarget(name: "Snippets", dependencies: [.product(name: "Footnote", package: "footnote")]),
    ],
    swiftLanguageModes: [.v6]
)
