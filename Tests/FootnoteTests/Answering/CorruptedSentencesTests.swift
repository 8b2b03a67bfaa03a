import Foundation
import Testing

import Footnote

/// Sentences of real passages, as they stand and with one thing changed: the first must be supported by their passage, the
/// others not. Reads the question-passage lines (`context`) of the file in `FOOTNOTE_QA_FILE`; figures are printed.
@Suite(.enabled(if: qaFile != nil, "FOOTNOTE_QA_FILE names no file"))
struct CorruptedSentencesTests {
    struct Line: Decodable { var context: String }

    /// Words of which one is put for the other; kept apart from the list that the checks use.
    static let antonyms = [
        ("increased", "decreased"), ("before", "after"), ("first", "last"), ("more", "less"), ("larger", "smaller"), ("won", "lost"),
        ("northern", "southern"), ("east", "west"), ("highest", "lowest"), ("began", "ended"), ("accepted", "rejected"), ("rose", "fell"),
        ("early", "late"), ("major", "minor"), ("public", "private"), ("old", "new"), ("upper", "lower"), ("minimum", "maximum"),
    ]

    @Test func changedSentencesAreToldApart() throws {
        let url = try #require(qaFile)
        var passages: [String] = [], seen: Set<String> = []
        for line in try String(contentsOf: url, encoding: .utf8).split(separator: "\n") {
            let context = try JSONDecoder().decode(Line.self, from: Data(line.utf8)).context
            if seen.insert(context).inserted { passages.append(context) }
        }
        var counts: [String: (all: Int, supported: Int)] = [:]
        var examples: [String: [String]] = [:]
        for passage in stride(from: 0, to: passages.count, by: max(1, passages.count / 150)).map({ passages[$0] }) {
            let sentences = split(passage)
            let verifier = Self.verifier(sentences, passage: passage)
            for sentence in sentences where (6...40).contains(sentence.split(separator: " ").count) {
                for (kind, text) in [("unchanged", sentence)] + corruptions(of: sentence, in: passage) {
                    let verdict = verifier.verify(text, similarities: nil)
                    counts[kind, default: (0, 0)].all += 1
                    if verdict.support == .supported { counts[kind]?.supported += 1 }
                    if (verdict.support == .supported) != (kind == "unchanged") { examples[kind, default: []].append("\(text) \(verdict.reasons)") }
                }
            }
        }
        for (kind, count) in counts.sorted(by: { $0.key < $1.key }) {
            print("\(kind): \(count.supported) of \(count.all) called supported (\(Double(count.supported) / Double(count.all)))")
            examples[kind]?.prefix(12).forEach { print("    ", $0) }
        }
        let unchanged = try #require(counts["unchanged"])
        #expect(Double(unchanged.supported) >= 0.9 * Double(unchanged.all))
        for (kind, count) in counts where kind != "unchanged" && count.all >= 20 {
            #expect(Double(count.supported) <= 0.25 * Double(count.all), "\(kind)")
        }
    }

    static func verifier(_ sentences: [String], passage: String) -> SentenceVerifier {
        let surroundings = Terms(passage).distinct
        return SentenceVerifier(
            questionTerms: [], weights: TermWeights(chunkCount: 100, frequencies: [:]),
            sources: sentences.map { text in
                let unit = EvidenceUnit(resultIndex: 0, range: SourceRange(0..<text.utf8.count), text: text)
                return .init(unit: unit, surroundings: surroundings)
            })
    }

    private func split(_ passage: String) -> [String] {
        passage.replacing(". ", with: ".\n").split(separator: "\n").map(String.init)
    }

    private func corruptions(of sentence: String, in passage: String) -> [(String, String)] {
        let words = sentence.split(separator: " ").map(String.init)
        return [
            ("number changed", changedNumber(words)), ("name exchanged", exchangedName(words, passage)),
            ("negation added", withNegation(words)), ("antonym", withAntonym(words)),
        ].compactMap { kind, text in text.map { (kind, $0) } }
    }

    private func changedNumber(_ words: [String]) -> String? {
        guard let index = words.firstIndex(where: { Int($0) != nil }), let value = Int(words[index]) else { return nil }
        var words = words
        words[index] = String(value + (value > 31 ? 3 : 1))
        return words.joined(separator: " ")
    }

    private func exchangedName(_ words: [String], _ passage: String) -> String? {
        func isName(_ word: String) -> Bool { word.count > 3 && word.first?.isUppercase == true && word.allSatisfy(\.isLetter) }
        let own = Set(words.map { $0.trimmingCharacters(in: .punctuationCharacters) })
        let all = passage.split(separator: " ").map(String.init)
        // A word after one that ends no sentence, so that it is not large for standing first.
        let others = all.indices.dropFirst().filter { isName(all[$0]) && !all[$0 - 1].hasSuffix(".") && !own.contains(all[$0]) }.map { all[$0] }
        guard let index = words.indices.dropFirst().first(where: { isName(words[$0]) }), let other = others.first else { return nil }
        var words = words
        words[index] = other
        return words.joined(separator: " ")
    }

    private func withNegation(_ words: [String]) -> String? {
        guard !words.contains(where: { ["not", "no", "never"].contains($0) }),
            let index = words.firstIndex(where: { ["is", "was", "are", "were", "can", "will", "has", "had"].contains($0) })
        else { return nil }
        return (words[...index] + ["not"] + words[(index + 1)...]).joined(separator: " ")
    }

    private func withAntonym(_ words: [String]) -> String? {
        for (a, b) in Self.antonyms {
            for (from, to) in [(a, b), (b, a)] {
                guard let index = words.firstIndex(of: from), !words.contains(to) else { continue }
                var words = words
                words[index] = to
                return words.joined(separator: " ")
            }
        }
        return nil
    }
}

private let qaFile: URL? = ProcessInfo.processInfo.environment["FOOTNOTE_QA_FILE"].map { URL(fileURLWithPath: $0) }
