import Foundation
import Synchronization

import Footnote

/// A deterministic stand-in for an embedding model: each word adds to one of the dimensions, chosen by a hash.
/// Texts that share words are near each other.
final class HashingEmbeddingModel: EmbeddingModel {
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

    private func vector(_ text: String) -> [Float] {
        var sums = [Float](repeating: 0, count: dimension)
        sums[0] = 0.1
        for word in words(text) {
            let hash = word.utf8.reduce(UInt64(14_695_981_039_346_656_037)) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
            sums[Int(hash % UInt64(dimension))] += (hash >> 32) % 2 == 0 ? 1 : -1
        }
        let length = sums.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return sums.map { $0 / length }
    }

    private func words(_ text: String) -> [String] {
        text.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
    }
}
