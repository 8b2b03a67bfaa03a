import Foundation
import Testing

import Footnote

/// Hand-written pairs of source and sentence with the verdict a careful reader gives. The checks were tuned on the first
/// file alone; the second was written before them and says how they do on what they have not seen.
@Suite struct VerificationPairsTests {
    struct Pair {
        var isSupported: Bool
        var kind: String
        var source: String
        var sentence: String
    }

    struct Tally {
        /// Called supported, rightly and wrongly; supported in truth.
        var right = 0, wrong = 0, true_ = 0, all = 0
        var faults: [String] = []

        var precision: Double { right + wrong == 0 ? 1 : Double(right) / Double(right + wrong) }
        var recall: Double { true_ == 0 ? 1 : Double(right) / Double(true_) }
    }

    static func pairs(_ name: String) throws -> [Pair] {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Fixtures/\(name).tsv")
        return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            try #require(fields.count == 4, "a line needs four fields: \(line)")
            return Pair(isSupported: fields[0] == "yes", kind: fields[1], source: fields[2], sentence: fields[3])
        }
    }

    static func verdict(of pair: Pair) -> SentenceVerifier.Verdict {
        let unit = EvidenceUnit(resultIndex: 0, range: SourceRange(0..<pair.source.utf8.count), text: pair.source)
        let verifier = SentenceVerifier(
            questionTerms: [], weights: TermWeights(chunkCount: 100, frequencies: [:]),
            sources: [.init(unit: unit, surroundings: Terms(pair.source).distinct)])
        return verifier.verify(pair.sentence, similarities: nil)
    }

    static func tally(_ pairs: [Pair]) -> Tally {
        pairs.reduce(into: Tally()) { tally, pair in
            let verdict = verdict(of: pair)
            let isSupported = verdict.support == .supported
            tally.all += 1
            if pair.isSupported { tally.true_ += 1 }
            if isSupported { if pair.isSupported { tally.right += 1 } else { tally.wrong += 1 } }
            if isSupported != pair.isSupported {
                tally.faults.append("\(pair.isSupported ? "missed" : "let through") (\(pair.kind)): \(pair.sentence) \(verdict.reasons)")
            }
        }
    }

    @Test(arguments: ["verification-tuning", "verification-held-out"])
    func supportedIsRightAndSeldomWithheld(_ name: String) throws {
        let tally = Self.tally(try Self.pairs(name))
        print("\(name): \(tally.all) pairs, precision \(tally.precision), recall \(tally.recall)")
        tally.faults.forEach { print("  ", $0) }
        #expect(tally.precision >= 0.95)
        #expect(tally.recall >= 0.8)
    }
}
