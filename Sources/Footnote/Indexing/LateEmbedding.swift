import Ingestion

/// Late chunking (Günther et al. 2024, "Late Chunking: Contextual Chunk Embeddings Using Long-Context Embedding Models",
/// arXiv:2409.04701): the model reads a long passage once, and the vector of a chunk is the mean of its tokens' vectors,
/// which have seen what stands around it.
///
/// A text longer than the model takes is read in passages of whole chunks that overlap by about half; a chunk's vector
/// comes from the passage in which it has most text on either side.
struct LateEmbedding: Sendable {
    /// Passages in one call of the model.
    private static let callSize = 8

    private let model: any TokenEmbeddingModel

    /// - Throws: `KnowledgeBaseError.chunkingUnsupported` when the model tells no token vectors.
    init(_ model: any EmbeddingModel) throws {
        guard let model = model as? any TokenEmbeddingModel else {
            throw KnowledgeBaseError.chunkingUnsupported(
                strategy: "late", reason: "\(model.identity.name) does not tell the vectors of single tokens")
        }
        self.model = model
    }

    /// What is read of a document, and from which passage each chunk's vector comes.
    struct Plan: Sendable {
        /// Title that stands before every passage, with its line end; empty where there is none.
        var title = ""
        var passages: [String] = []
        /// For each chunk its passage and its UTF-8 range there, the title not counted.
        var chunks: [(passage: Int, range: Range<Int>)] = []

        func text(_ passage: Int) -> String { title + passages[passage] }

        /// Equal for equal vectors: of the passage and the chunk's place in it.
        func hash(of chunk: Int) -> [UInt8] {
            let (passage, range) = chunks[chunk]
            return SHA256Digest.of("late \(range.lowerBound) \(range.upperBound)\n" + text(passage))
        }
    }

    /// - Parameter chunks: UTF-8 ranges in ascending order, which may overlap.
    func plan(_ chunks: [Range<Int>], in text: String, title: String?) -> Plan {
        var plan = Plan()
        // A title that takes much of the room says less than the text it displaces.
        if let title, !title.isEmpty, model.tokenCount(title) <= model.maximumTokens / 6 { plan.title = title + "\n" }
        let room = max(1, model.maximumTokens - 2 - model.tokenCount(plan.title))
        let sizes = chunks.map { model.tokenCount(String(text[SourceRange($0)] ?? "")) }
        let windows = Self.windows(sizes, room: room)
        for window in windows {
            let upper = chunks[window].reduce(0) { max($0, $1.upperBound) }
            plan.passages.append(String(text[SourceRange(chunks[window.lowerBound].lowerBound..<upper)] ?? ""))
        }
        for (index, passage) in Self.passages(sizes, windows: windows).enumerated() {
            let start = chunks[windows[passage].lowerBound].lowerBound
            plan.chunks.append((passage, (chunks[index].lowerBound - start)..<(chunks[index].upperBound - start)))
        }
        return plan
    }

    /// Vectors by chunk.
    /// - Parameter missing: the chunks whose vectors are wanted, ascending.
    func vectors(of missing: [Int], plan: Plan) async throws -> [Int: [Float]] {
        var result: [Int: [Float]] = [:]
        let byPassage = Dictionary(grouping: missing) { plan.chunks[$0].passage }
        let passages = byPassage.keys.sorted(), front = plan.title.utf8.count
        for start in stride(from: 0, to: passages.count, by: Self.callSize) {
            try Task.checkCancellation()
            let call = passages[start..<min(start + Self.callSize, passages.count)]
            for (passage, tokens) in zip(call, try await model.tokenVectors(call.map(plan.text))) {
                for chunk in byPassage[passage] ?? [] {
                    let range = plan.chunks[chunk].range
                    result[chunk] = mean(tokens, within: (range.lowerBound + front)..<(range.upperBound + front))
                }
            }
        }
        // What has no token of its own, as signs that the model passes over.
        let bare = missing.filter { result[$0] == nil }
        if !bare.isEmpty {
            let made = try await model.embed(bare.map { plan.passages[plan.chunks[$0].passage] }, as: .document)
            for (row, chunk) in bare.enumerated() { result[chunk] = Array(made[(row * model.dimension)..<((row + 1) * model.dimension)]) }
        }
        return result
    }

    /// The mean of the tokens that begin within a range, as a unit vector; `nil` where there is none.
    private func mean(_ tokens: TokenVectors, within range: Range<Int>) -> [Float]? {
        let dimension = model.dimension
        var sum = [Float](repeating: 0, count: dimension), count = 0
        for (index, token) in tokens.ranges.enumerated() where range.contains(token.lowerBound) {
            for element in 0..<dimension { sum[element] += tokens.vectors[index * dimension + element] }
            count += 1
        }
        let length = sum.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return count > 0 && length > 0 ? sum.map { $0 / length } : nil
    }
}

// MARK: Passages

extension LateEmbedding {
    /// Runs of chunks of at most `room` tokens, or of one chunk; each begins in the second half of the one before.
    static func windows(_ sizes: [Int], room: Int) -> [Range<Int>] {
        var result: [Range<Int>] = [], start = 0
        while start < sizes.count {
            var end = start + 1, size = sizes[start]
            while end < sizes.count, size + sizes[end] <= room {
                size += sizes[end]
                end += 1
            }
            result.append(start..<end)
            guard end < sizes.count else { break }
            var next = end, kept = 0
            while next - 1 > start, kept + sizes[next - 1] <= room / 2 {
                next -= 1
                kept += sizes[next]
            }
            start = next
        }
        return result
    }

    /// For each chunk the window with most text on its poorer side; where the document itself ends, nothing is missing.
    static func passages(_ sizes: [Int], windows: [Range<Int>]) -> [Int] {
        var best = [Int](repeating: 0, count: sizes.count), most = [Int](repeating: -1, count: sizes.count)
        for (number, window) in windows.enumerated() {
            let total = sizes[window].reduce(0, +)
            var before = 0
            for chunk in window {
                let after = total - before - sizes[chunk]
                let context = min(
                    window.lowerBound == 0 ? Int.max : before, window.upperBound == sizes.count ? Int.max : after)
                if context > most[chunk] { (best[chunk], most[chunk]) = (number, context) }
                before += sizes[chunk]
            }
        }
        return best
    }
}
