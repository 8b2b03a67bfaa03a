import Ingestion

/// Cuts documents for one embedding model and says what the model reads of each chunk.
struct ChunkMaker: Sendable {
    private let model: any EmbeddingModel
    private let chunker: DocumentChunker

    init(model: any EmbeddingModel, parameters: ChunkingParameters) {
        self.model = model
        chunker = DocumentChunker(
            strategy: parameters.strategy ?? .structured, options: parameters.options(modelLimit: model.maximumTokens),
            tokenCount: { model.tokenCount(String($0)) })
    }

    func chunks(of document: LoadedDocument) -> [ChunkDraft] {
        chunker.chunks(of: document).map { chunk in
            let text = document.text[SourceRange(chunk.range)] ?? ""
            let embedded = Self.embeddingText(of: chunk, in: document.text, title: document.title)
            return ChunkDraft(
                chunk: chunk, tokenCount: model.tokenCount(embedded), textHash: SHA256Digest.of(text),
                embeddingHash: SHA256Digest.of(embedded), embeddingText: embedded)
        }
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
