import Foundation
import Testing

/// What holds without any model.
@Suite struct UsageTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func helpGoesToStandardOutput() throws {
        let result = try folder.process.run("--help")
        #expect(result.status == 0)
        #expect(result.output.contains("USAGE: footnote"))
        #expect(result.error.isEmpty)
    }

    @Test func unknownFlagIsRefused() throws {
        let result = try folder.process.run("--frobnicate")
        #expect(result.status == 64)
        #expect(result.output.isEmpty)
        #expect(result.error.contains("--frobnicate"))
    }
}
