import Ingestion

/// Cuts documents for one embedding model and says what the model reads of each chunk.
struct ChunkMaker: Sendable {
    private let model: any EmbeddingModel
    private let chunker: DocumentChunker
    private let late: LateEmbedding?

    init(model: any EmbeddingModel, parameters: ChunkingParameters) throws {
        self.model = model
        chunker = DocumentChunker(
            strategy: parameters.strategy ?? .structured, options: parameters.options(modelLimit: model.maximumTokens),
            tokenCount: { model.tokenCount(String($0)) })
        late = parameters.strategy == .late ? try LateEmbedding(model) : nil
    }

    /// - Throws: what the model throws, where it must be asked in order to cut.
    func chunks(of document: LoadedDocument) async throws -> [ChunkDraft] {
        let chunks = try await chunker.chunks(of: document) { try await model.embed($0, as: .document) }
        return drafts(chunks, of: document.text, title: document.title)
    }

    /// Says of chunks what their vectors are made from.
    func drafts(_ chunks: [Chunk], of document: String, title: String?) -> [ChunkDraft] {
        let plan = late?.plan(chunks.map(\.range), in: document, title: title)
        return chunks.enumerated().map { index, chunk in
            let text = document[SourceRange(chunk.range)] ?? ""
            let embedded = Self.embeddingText(of: chunk, in: document, title: title)
            return ChunkDraft(
                chunk: chunk, tokenCount: model.tokenCount(embedded), textHash: SHA256Digest.of(text),
                embeddingHash: plan?.hash(of: index) ?? SHA256Digest.of(embedded), embeddingText: embedded)
        }
    }

    /// Vectors that are made from more than a chunk's own text, where the strategy has such.
    /// - Parameter known: vectors that are at hand.
    func complete(_ known: inout KnownVectors, of draft: DocumentDraft) async throws {
        guard let late else { return }
        let missing = draft.chunks.indices.filter { known.vectors[$0] == nil }
        let plan = late.plan(draft.chunks.map(\.chunk.range), in: draft.text, title: draft.title)
        known.vectors.merge(try await late.vectors(of: missing, plan: plan)) { old, _ in old }
        known.computed = missing.count
    }

    /// - Parameter indices: of the chunks whose vectors are wanted, ascending.
    /// - Returns: row-major, one row for each of them.
    func vectors(of indices: [Int], in chunks: [ChunkDraft], text: String, title: String?) async throws -> [Float] {
        if let late {
            let made = try await late.vectors(of: indices, plan: late.plan(chunks.map(\.chunk.range), in: text, title: title))
            return indices.flatMap { made[$0] ?? [] }
        }
        var result: [Float] = []
        for start in stride(from: 0, to: indices.count, by: EmbeddingBatch.callSize) {
            let call = indices[start..<min(start + EmbeddingBatch.callSize, indices.count)]
            result += try await model.embed(call.map { chunks[$0].embeddingText }, as: .document)
        }
        return result
    }

    /// Title and headings tell the model what a passage is about that does not say so itself.
    ///
    /// - Parameter document: the text of the whole document.
    static func embeddingText(of chunk: Chunk, in document: String, title: String?) -> String {
        let text = document[SourceRange(chunk.embedded ?? chunk.range)] ?? ""
        var context = chunk.headingPath
        if let title, context.first != title { context.insert(title, at: 0) }
        // A heading that opens the chunk is in its text.
        if let last = context.last, text.prefix(2 * last.count + 8).contains(last) { context.removeLast() }
        var parts: [String] = context.isEmpty ? [] : [context.joined(separator: " > ")]
        if let leadIn = chunk.leadIn.flatMap({ document[SourceRange($0)] }) { parts.append(String(leadIn)) }
        parts.append(String(text))
        return parts.joined(separator: "\n")
    }
}
