import Foundation
import Testing
import Tokenizers
import TransformerCore

/// A line of the files that `make_chat_golden.py` writes.
private struct TemplateCase {
    enum Outcome: Equatable {
        case text(String)
        case refused(String)
        case fails
    }

    var name: String
    var source: String
    var variables: [(String, JSONValue)]
    var expected: Outcome
    /// Whether the conversation marks its text with U+0298.
    var isMarked: Bool

    static func read(_ url: URL, templates: URL) throws -> [TemplateCase] {
        let lines = try Data(contentsOf: url).split(separator: 0x0A)
        let objects = try lines.map { try JSONReader.parse(Array($0)) }
        let shared = objects.last?["name"]?.string == "data" ? objects.last?["variables"] : nil
        return try objects.compactMap { object in
            guard let name = object["name"]?.string, name != "data" else { return nil }
            let source = try object["template"]?.string ?? file(#require(object["file"]?.string), in: templates)
            let expected: Outcome = if let text = object["expected"]?.string { .text(text) }
                else if let message = object["refused"]?.string { .refused(message) } else { .fails }
            let variables = try #require((object["variables"] ?? shared)?.object).map { ($0.key, $0.value) }
            return TemplateCase(name: name, source: source, variables: variables, expected: expected, isMarked: object["file"] != nil)
        }
    }

    private static func file(_ name: String, in folder: URL) throws -> String {
        try String(decoding: Data(contentsOf: folder.appendingPathComponent(name)), as: UTF8.self)
    }

    func render() -> (outcome: Outcome, pieces: [PromptPiece], error: String) {
        do {
            let pieces = try ChatTemplate(source: source).render(
                variables: variables, trusted: [("bos_token", "<s>"), ("eos_token", "</s>")],
                date: TemplateDate(year: 2025, month: 3, day: 9, hour: 14, minute: 5, second: 7))
            let text = pieces.map { piece in switch piece { case .template(let text), .text(let text): text } }.joined()
            return (.text(text), pieces, "")
        } catch ChatTemplateError.refused(let message) {
            return (.refused(message), [], "")
        } catch {
            return (.fails, [], "\(error)")
        }
    }

    var difference: String? {
        let (outcome, pieces, error) = render()
        for piece in pieces where isMarked {
            if case .template(let text) = piece, text.unicodeScalars.contains("\u{298}") { return "\(name): trusts \(text.debugDescription)" }
        }
        switch (outcome, expected) {
        case (.text(let a), .text(let b)) where a.utf8.elementsEqual(b.utf8): return nil
        case (.refused, .refused), (.fails, .fails): return outcome == expected ? nil : "\(name): \(outcome) is not \(expected)"
        default: return "\(name) \(source.prefix(160).debugDescription):\n  \(outcome) \(error)\n  is not\n  \(expected)"
        }
    }
}

@Suite("Chat templates equal the reference")
struct ChatTemplateGoldenTests {
    private static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures")
    private static let peers = FileManager.default.homeDirectoryForCurrentUser.appendingPathComponent(".cache/footnote-peers")
    private static let published = peers.appendingPathComponent("golden/chat_templates.jsonl")

    @Test func templatesAndExpressions() throws {
        let cases = try TemplateCase.read(
            Self.fixtures.appendingPathComponent("chat_templates.jsonl"), templates: Self.fixtures.appendingPathComponent("ChatTemplates"))
        #expect(cases.count > 600)
        let differences = cases.compactMap(\.difference)
        #expect(differences.isEmpty, "\(differences.count) of \(cases.count) differ\n\(differences.prefix(30).joined(separator: "\n"))")
    }

    /// Templates of published models, where the peers are on the machine.
    @Test(.enabled(if: FileManager.default.fileExists(atPath: published.path)))
    func publishedTemplates() throws {
        let cases = try TemplateCase.read(Self.published, templates: Self.peers.appendingPathComponent("llama.cpp/models/templates"))
        let differences = cases.compactMap(\.difference)
        let names = Set(cases.map { $0.name.prefix { $0 != ":" } })
        let failing = Set(differences.map { $0.prefix { $0 != ":" } })
        let families = failing.filter { name in ["Llama-3", "Qwen2.5", "Mistral", "SmolLM"].contains { name.contains($0) } }
        #expect(families.isEmpty)
        print("\(names.count - failing.count) of \(names.count) templates equal, \(cases.count - differences.count) of \(cases.count) renders")
        #expect(failing.count * 10 <= names.count, "\(failing.sorted())\n\(differences.prefix(30).joined(separator: "\n"))")
    }
}
