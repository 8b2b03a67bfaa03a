internal import Foundation

/// Where an evaluation keeps its passages, as files, and the knowledge base that is made of them.
struct PassageFolder {
    struct Passage: Sendable {
        /// Name of the file, and the last part of the stored path.
        var name: String
        var text: String
    }

    let folder: URL
    private var passages: URL { folder.appendingPathComponent("passages") }

    init(_ folder: URL) { self.folder = folder }

    /// The knowledge base of exactly these passages. What is there from an earlier run is used again.
    /// - Throws: `EvaluationError`, `KnowledgeBaseError`, or what the embedding model throws.
    func base(
        of passages: [Passage], options: KnowledgeBaseOptions, chunking: ChunkingChoice? = nil
    ) async throws -> KnowledgeBase {
        do { try write(passages) } catch {
            throw EvaluationError(path: self.passages.path, problem: "the passages cannot be written: \(error.localizedDescription)")
        }
        let base = try await KnowledgeBase(at: folder, options: options)
        var indexing = IndexingOptions()
        indexing.chunking = chunking
        let report = try await base.index(self.passages, options: indexing)
        guard report.count(.failed) == 0, report.count(.skipped) == 0 else {
            throw EvaluationError(path: self.passages.path, problem: "not every passage could be indexed")
        }
        return base
    }

    /// Leaves files alone that are there already, so that they are not read again.
    private func write(_ list: [Passage]) throws {
        let files = FileManager.default
        try files.createDirectory(at: passages, withIntermediateDirectories: true)
        let names = Set(list.map(\.name))
        for name in try files.contentsOfDirectory(atPath: passages.path) where !names.contains(name) {
            try files.removeItem(at: passages.appendingPathComponent(name))
        }
        for passage in list {
            let file = passages.appendingPathComponent(passage.name), data = Data(passage.text.utf8)
            if files.contents(atPath: file.path) != data { try data.write(to: file) }
        }
    }
}
