internal import Foundation

/// How much each word tells: rare words in the knowledge base weigh more (inverse document frequency, as in
/// Robertson and Spärck Jones).
package struct TermWeights: Sendable {
    private var weights: [String: Double] = [:]
    /// Chunks of the knowledge base, at least 1.
    package let chunkCount: Int

    /// - Parameter frequencies: number of chunks that hold each term.
    package init(chunkCount: Int, frequencies: [String: Int]) {
        self.chunkCount = max(chunkCount, 1)
        add(frequencies)
    }

    package mutating func add(_ frequencies: [String: Int]) {
        for (term, frequency) in frequencies { weights[term] = weight(ofFrequency: frequency) }
    }

    package func knows(_ term: String) -> Bool { weights[term] != nil }

    /// Terms that were not looked up weigh as if they stood nowhere.
    package func weight(of term: String) -> Double { weights[term] ?? weight(ofFrequency: 0) }

    private func weight(ofFrequency frequency: Int) -> Double {
        log(1 + (Double(chunkCount - min(frequency, chunkCount)) + 0.5) / (Double(frequency) + 0.5))
    }

    package func weight(of terms: some Sequence<String>) -> Double {
        // Summed in sorted order: the sum of a set's elements would depend on its hash seed in the last bits.
        terms.sorted().reduce(0) { $0 + weight(of: $1) }
    }

    /// Weighted share of `terms` that `words` holds, in 0...1; 1 for no terms.
    package func coverage(of terms: Set<String>, by words: Set<String>) -> Double {
        let total = weight(of: terms)
        guard total > 0 else { return 1 }
        return weight(of: terms.intersection(words)) / total
    }
}
