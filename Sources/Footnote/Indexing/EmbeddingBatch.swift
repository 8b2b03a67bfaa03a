/// Documents that are embedded together and committed together.
struct EmbeddingBatch: Sendable {
    /// Chunks after which a batch is embedded.
    static let targetChunks = 192
    /// Texts in one call of the model.
    static let callSize = 64

    private(set) var documents: [(draft: DocumentDraft, known: KnownVectors)] = []
    /// Chunks without a known vector.
    private(set) var pendingChunks = 0
    /// Bytes of text held.
    private(set) var bytes = 0
    /// Bytes of the files the documents came from.
    private(set) var fileBytes: Int64 = 0

    var isEmpty: Bool { documents.isEmpty }
    /// Enough to embed, or as much as should be held in memory, or to lose when interrupted.
    var isFull: Bool { pendingChunks >= Self.targetChunks || bytes >= 16 << 20 || documents.count >= 256 }

    mutating func append(_ draft: DocumentDraft, known: KnownVectors, fileBytes: Int64) {
        self.fileBytes += fileBytes
        documents.append((draft, known))
        pendingChunks += draft.chunks.count - known.vectors.count
        bytes += draft.text.utf8.count
    }

    /// Vectors of each document's chunks, row-major. Texts of similar length go through the model together,
    /// since it computes as much for a short text as for the longest beside it.
    func embed(with model: @Sendable () async throws -> any EmbeddingModel, dimension: Int) async throws -> [[Float]] {
        var result = documents.map { [Float](repeating: 0, count: $0.draft.chunks.count * dimension) }
        var pending: [(document: Int, chunk: Int, tokens: Int)] = []
        for (index, document) in documents.enumerated() {
            for (ordinal, chunk) in document.draft.chunks.enumerated() {
                if let vector = document.known.vectors[ordinal], vector.count == dimension {
                    result[index].replaceSubrange((ordinal * dimension)..<((ordinal + 1) * dimension), with: vector)
                } else {
                    pending.append((index, ordinal, chunk.tokenCount))
                }
            }
        }
        guard !pending.isEmpty else { return result }
        let model = try await model()
        pending.sort { $0.tokens > $1.tokens }
        for start in stride(from: 0, to: pending.count, by: Self.callSize) {
            try Task.checkCancellation()
            let call = pending[start..<min(start + Self.callSize, pending.count)]
            let vectors = try await model.embed(
                call.map { documents[$0.document].draft.chunks[$0.chunk].embeddingText }, as: .document)
            guard vectors.count == call.count * dimension else {
                throw KnowledgeBaseError.modelMismatch(
                    stored: "dimension \(dimension)", given: "\(model.identity.name), dimension \(model.dimension)")
            }
            for (row, item) in call.enumerated() {
                result[item.document].replaceSubrange(
                    (item.chunk * dimension)..<((item.chunk + 1) * dimension),
                    with: vectors[(row * dimension)..<((row + 1) * dimension)])
            }
        }
        return result
    }
}
