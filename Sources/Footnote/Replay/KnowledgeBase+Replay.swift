internal import GRDB

/// How an answer that was asked again compares with the one before.
public struct ReplayReport: Hashable, Sendable, Codable {
    public struct Difference: Hashable, Sendable, Codable {
        public enum Kind: String, Sendable, Codable {
            case version, embeddingModel, reader, languageModel, knowledgeBase, question
            case passageRemoved, passageChanged, passageMoved, passageAdded
            case prompt, outcome, evidence, answer, quotes
        }

        public var kind: Kind
        public var detail: String
    }

    /// Whether the answer has the same bytes, its quotes included.
    public var isIdentical: Bool
    /// What differs, causes first. Causes may differ without any effect on the answer.
    public var differences: [Difference]
    public var answer: Answer
}

extension KnowledgeBase {
    /// Asks a question again as its manifest says, with the models that this knowledge base was opened with.
    /// - Throws: as `ask` does.
    public func replay(_ manifest: AnswerManifest) async throws -> ReplayReport {
        let answer = try await self.answer(manifest.question, options: manifest.options.askOptions)
        guard let again = answer.manifest else { throw CancellationError() }
        return ReplayReport(
            isIdentical: manifest.result.text == again.result.text && manifest.result.quotes == again.result.quotes
                && manifest.result.outcome == again.result.outcome,
            differences: ManifestComparison(before: manifest, after: again).differences(), answer: answer)
    }

    /// The manifest of an answer that has just been given.
    func manifest(of answer: Answer, options: AskOptions, trace: AnswerTrace.Notes) async throws -> AnswerManifest {
        let usesMeaning = options.search.mode != .lexical
        let state = try await store.read { db in
            let generation = try GenerationStore.current(.active, db)
            return (generation, try ContentStateReader.read(generation, db))
        }
        let embedding = usesMeaning ? try? await provider.identity(stored: state.0?.model) : nil
        return AnswerManifest(
            format: AnswerManifest.currentFormat, footnote: FootnoteLibrary.version, question: answer.question,
            rewrittenQuestion: answer.rewrittenQuestion, options: .init(options),
            models: .init(embedding: embedding, reader: trace.reader, language: trace.language), knowledgeBase: state.1,
            passages: trace.results.map {
                .init(chunkId: $0.chunkID, path: $0.document.path, sha256: SHA256Digest.hexadecimal(SHA256Digest.of($0.text)))
            },
            prompt: trace.messages.map { .init(messages: $0) }, result: .init(answer))
    }
}

enum ContentStateReader {
    static func read(_ generation: Generation?, _ db: Database) throws -> AnswerManifest.ContentState {
        guard let generation else { return .init(generation: 0, revision: 0, token: 0) }
        let row = try Row.fetchOne(
            db, sql: "SELECT generation, token FROM vector_indexes WHERE name = ?", arguments: [VectorStore.name(generation)])
        return .init(generation: generation.id, revision: row?["generation"] ?? 0, token: row?["token"] ?? 0)
    }
}

/// This library.
public enum FootnoteLibrary {
    /// Version, as `footnote --version` prints it.
    public static let version = "0.1.0"
}
