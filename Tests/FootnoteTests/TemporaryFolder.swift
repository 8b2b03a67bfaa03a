import Foundation
import Testing

import Footnote

/// A folder that is removed with its owner.
final class TemporaryFolder: Sendable {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("footnote-tests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    @discardableResult
    func write(_ path: String, _ text: String) throws -> URL {
        let file = url.appendingPathComponent(path)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
        return file
    }

    func move(_ path: String, to other: String) throws {
        let target = url.appendingPathComponent(other)
        try FileManager.default.createDirectory(at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
        try FileManager.default.moveItem(at: url.appendingPathComponent(path), to: target)
    }

    func remove(_ path: String) throws { try FileManager.default.removeItem(at: url.appendingPathComponent(path)) }

    /// Bytes of every file below a path, one after the other.
    func bytes(below path: String) throws -> Data {
        let folder = url.appendingPathComponent(path)
        let names = FileManager.default.enumerator(atPath: folder.path)?.allObjects as? [String] ?? []
        return names.reduce(into: Data()) { data, name in
            data.append(FileManager.default.contents(atPath: folder.appendingPathComponent(name).path) ?? Data())
        }
    }

    func openBase(
        // Long: tests that compute for minutes run beside this one, and may keep a writer from its turn.
        model: HashingEmbeddingModel = HashingEmbeddingModel(), lockTimeout: Duration = .seconds(600)
    ) async throws -> KnowledgeBase {
        var options = KnowledgeBaseOptions(embeddingModel: .model(model))
        options.lockTimeout = lockTimeout
        return try await KnowledgeBase(at: url, options: options)
    }
}

extension IndexingReport {
    /// Fates by path.
    var fates: [String: FileReport.Status] {
        Dictionary(files.map { ($0.path, $0.status) }, uniquingKeysWith: { $1 })
    }
}

/// A short Markdown document that shares few words with those of other numbers.
func document(_ number: Int) -> String {
    var state = UInt64(number) &+ 1
    let words = (0..<16).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return "word" + String((state >> 33) % 5000, radix: 36)
    }
    return "# File \(number)\n\n\(words.joined(separator: " ")).\n"
}

/// Runs the deep check and shows what it found.
func expectSound(_ base: KnowledgeBase, sourceLocation: Testing.SourceLocation = #_sourceLocation) async throws {
    let findings = try await base.check(deep: true).findings
    #expect(findings == [], sourceLocation: sourceLocation)
}
