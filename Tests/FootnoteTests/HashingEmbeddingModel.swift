import Foundation
import Synchronization

import Footnote

/// A deterministic stand-in for an embedding model: each word adds to one of the dimensions, chosen by a hash.
/// Texts that share words are near each other.
final class HashingEmbeddingModel: TokenEmbeddingModel {
    let identity: ModelIdentity
    let dimension: Int
    let maximumTokens = 128
    private let counter = Mutex(0)
    /// Called with the number of texts before they are embedded.
    private let onEmbed: @Sendable (Int) throws -> Void

    init(name: String = "hashing", dimension: Int = 64, onEmbed: @escaping @Sendable (Int) throws -> Void = { _ in }) {
        identity = ModelIdentity(name: name, digest: "digest of \(name)")
        self.dimension = dimension
        self.onEmbed = onEmbed
    }

    /// Texts embedded so far.
    var embedded: Int { counter.withLock { $0 } }

    func tokenCount(_ text: String) -> Int { words(text).count }

    func embed(_ texts: [String]) async throws -> [Float] {
        try onEmbed(texts.count)
        counter.withLock { $0 += texts.count }
        return texts.flatMap(vector)
    }

    /// Each token's vector is its own and, to a third, that of the whole text: what stands around it matters.
    func tokenVectors(_ texts: [String]) async throws -> [TokenVectors] {
        try onEmbed(texts.count)
        counter.withLock { $0 += texts.count }
        return texts.map { text in
            let tokens = text.split { !$0.isLetter && !$0.isNumber }.prefix(maximumTokens)
            let ranges = tokens.map { text.utf8.distance(from: text.startIndex, to: $0.startIndex)..<text.utf8.distance(from: text.startIndex, to: $0.endIndex) }
            let whole = vector(text)
            return TokenVectors(ranges: ranges, vectors: tokens.flatMap { token in zip(vector(String(token)), whole).map { $0 + $1 / 3 } })
        }
    }

    private func vector(_ text: String) -> [Float] {
        // A little of its own for each text, so that different texts have different vectors.
        var state = hash(text)
        var sums = (0..<dimension).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Float(Int64(bitPattern: state) >> 40) / Float(1 << 23) * 0.2
        }
        for word in words(text) {
            let hash = hash(word)
            sums[Int(hash % UInt64(dimension))] += (hash >> 32) % 2 == 0 ? 1 : -1
        }
        let length = sums.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return sums.map { $0 / length }
    }

    /// FNV-1a.
    private func hash(_ text: String) -> UInt64 {
        text.utf8.reduce(14_695_981_039_346_656_037) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
    }

    private func words(_ text: String) -> [String] {
        text.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
    }
}
