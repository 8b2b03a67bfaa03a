import Footnote
import Foundation
import Testing

/// The whole path over the collections of `corpora/`, with the default embedding model: what is found, what is
/// quoted, and what is refused. Floors lie below what was measured, so that a failure means something broke.
@Suite(.serialized, .enabled(if: embeddingModelIsAtHand, "the embedding model is not in the model folder"))
struct CorporaTests {
    struct Question: Decodable {
        var id: String
        var question: String
        var answers: [String]
        var file: String?
        var kind: String
    }

    struct Tally {
        var answerable = 0, found = 0, refusedWrongly = 0, quoted = 0
        var outOfScope = 0, refusedRightly = 0
        var nearMisses = 0, nearMissesRefused = 0
    }

    static let corpora = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("corpora")

    /// The default embedding model knows no Chinese: `chaguan` is found by words alone.
    static let floors: [(name: String, found: Double, quoted: Double, refusedWrongly: Double)] = [
        ("tidewater", 0.85, 0.65, 0.1), ("handbook", 0.85, 0.65, 0.1), ("chaguan", 0.7, 0.4, 0.15),
    ]

    @Test(arguments: floors.indices)
    func questionsAreAnsweredFromTheRightFile(_ index: Int) async throws {
        let (name, found, quoted, refusedWrongly) = Self.floors[index]
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("footnote-corpora-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let base = try await KnowledgeBase(at: folder)
        let collection = Self.corpora.appendingPathComponent(name)
        let report = try await base.index(collection)
        #expect(report.files.allSatisfy { $0.status != .failed })

        var tally = Tally()
        for question in try questions(of: collection) { try await ask(question, of: base, &tally) }
        print("\(name): \(tally)")
        #expect(Double(tally.found) >= found * Double(tally.answerable))
        #expect(Double(tally.quoted) >= quoted * Double(tally.answerable))
        #expect(Double(tally.refusedWrongly) <= refusedWrongly * Double(tally.answerable))
        #expect(Double(tally.refusedRightly) >= 0.8 * Double(tally.outOfScope))
    }

    private func ask(_ question: Question, of base: KnowledgeBase, _ tally: inout Tally) async throws {
        var options = AskOptions()
        options.extractive = true
        var results: [SearchResult] = []
        var answer: Answer?
        for try await event in base.ask(question.question, options: options) {
            if case .retrieved(let found) = event { results = found }
            if case .finished(let finished) = event { answer = finished }
        }
        let finished = try #require(answer)
        for citation in finished.citations {
            let text = try await base.text(of: citation.document)
            #expect(text[citation.range].map(String.init) == citation.quote)
        }
        let refused = finished.outcome == .noEvidence
        switch question.kind {
        case "unanswerable":
            tally.outOfScope += 1
            if refused { tally.refusedRightly += 1 }
        case "near-miss":
            tally.nearMisses += 1
            if refused { tally.nearMissesRefused += 1 }
        default:
            tally.answerable += 1
            let file = (question.file ?? "").precomposedStringWithCanonicalMapping
            if results.prefix(3).contains(where: { $0.document.path.precomposedStringWithCanonicalMapping.hasSuffix(file) }) {
                tally.found += 1
            }
            if refused { tally.refusedWrongly += 1 }
            let quotes = finished.citations.map { $0.quote.lowercased() }
            if question.answers.contains(where: { gold in quotes.contains { $0.contains(gold.lowercased()) } }) {
                tally.quoted += 1
            }
        }
    }

    private func questions(of collection: URL) throws -> [Question] {
        let lines = try String(contentsOf: collection.appendingPathComponent("questions.jsonl"), encoding: .utf8)
        return try lines.split(separator: "\n").map { try JSONDecoder().decode(Question.self, from: Data($0.utf8)) }
    }
}

/// Outside of the suite, whose own attribute refers to it.
private let embeddingModelIsAtHand = FileManager.default.fileExists(
    atPath: ModelStore().folder.appendingPathComponent("all-MiniLM-L6-v2/model.safetensors").path)
