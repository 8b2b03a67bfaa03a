import Foundation
import Testing

import Footnote

@Suite struct SearchTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.write("zh/tea.md", "# 茶馆\n\n本馆收藏了三百件紫砂壶，其中最早的一件制于明代。\n")
        try folder.write("ja/note.md", "# メモ\n\n東京タワーの高さは三百三十三メートルです。\n")
        try folder.write("ko/note.md", "# 메모\n\n서울의 도서관은 아홉 시에 문을 엽니다.\n")
        try folder.write("en/cafe.md", "# Café\n\nThe café serves naïve résumés and running shoes.\n")
    }

    private func base() async throws -> KnowledgeBase {
        let base = try await folder.openBase()
        try await base.index(folder.url)
        return base
    }

    private func lexical(_ query: String, _ base: KnowledgeBase) async throws -> [String] {
        try await base.search(query, options: SearchOptions(mode: .lexical)).map(\.document.path)
    }

    @Test(arguments: [
        ("紫砂", "zh/tea.md"), ("收藏", "zh/tea.md"), ("壶", "zh/tea.md"), ("明代的紫砂壶有几件？", "zh/tea.md"),
        ("東京", "ja/note.md"), ("タワー", "ja/note.md"), ("도서관", "ko/note.md"), ("서울", "ko/note.md"),
        ("cafe", "en/cafe.md"), ("resume", "en/cafe.md"), ("run", "en/cafe.md"), ("ＣＡＦＥ", "en/cafe.md"),
    ])
    func wordsOfEveryScriptAreFound(query: String, path: String) async throws {
        #expect(try await lexical(query, base()).first == path)
    }

    @Test(arguments: [
        "\"", "NEAR(a b)", "café AND", "title:café", "a* OR", "^café", "{title}: x", "- -", "(", "'; DROP TABLE chunks; --",
        "\u{0}", "", "   ", "the of and", "🫖", "NOT",
    ])
    func operatorsAreOnlyText(query: String) async throws {
        let base = try await base()
        _ = try await base.search(query)
        _ = try await base.search(query, options: SearchOptions(mode: .lexical))
        #expect(try await base.documents().count == 4)
    }

    @Test func filtersByPathAndMetadata() async throws {
        let base = try await base()
        var options = SearchOptions()
        options.filter.paths = ["zh/*"]
        #expect(try await Set(base.search("馆", options: options).map(\.document.path)) == ["zh/tea.md"])
        options.filter.paths = ["*.md"]
        #expect(try await base.search("馆 東京 café", options: options).count > 1)
        options.filter.paths = ["nothing/**"]
        #expect(try await base.search("馆", options: options).isEmpty)
        options.filter = SearchFilter(metadata: ["language": "none"])
        #expect(try await base.search("馆", options: options).isEmpty)
    }

    @Test func limitAndMinimumScore() async throws {
        let base = try await base()
        var options = SearchOptions(limit: 1)
        #expect(try await base.search("café 東京", options: options).count == 1)
        options = SearchOptions(limit: 10, minimumScore: 2)
        #expect(try await base.search("café", options: options).isEmpty)
        #expect(try await base.search("café").allSatisfy { (0...1).contains($0.scores.fused) })
    }

    @Test func worksByWordsWithoutAModel() async throws {
        _ = try await base()
        let base = try await KnowledgeBase(at: folder.url, options: KnowledgeBaseOptions(embeddingModel: .none))
        let response = try await base.searchResponse("running shoes")
        #expect(response.results.first?.document.path == "en/cafe.md")
        #expect(response.notices.count == 1)
        await #expect(throws: KnowledgeBaseError.self) {
            try await base.search("shoes", options: SearchOptions(mode: .dense))
        }
    }

    @Test func emptyBaseFindsNothing() async throws {
        let base = try await TemporaryFolder().openBase()
        #expect(try await base.search("anything").isEmpty)
    }

    @Test func removalByPathAndCollection() async throws {
        let base = try await base()
        #expect(try await base.remove(path: "zh/tea.md").map(\.path) == ["zh/tea.md"])
        #expect(try await base.remove(path: "ja").map(\.path) == ["ja/note.md"])
        await #expect(throws: KnowledgeBaseError.self) { try await base.remove(path: "zh/tea.md") }
        #expect(try await base.remove(collection: "default").count == 2)
        #expect(try await base.documents().isEmpty)
        try await expectSound(base)
    }

    @Test func documentsAreNamedAsPeopleDo() async throws {
        let base = try await base()
        #expect(try await base.document("zh/tea.md").reference.path == "zh/tea.md")
        #expect(try await base.document("tea.md").reference.path == "zh/tea.md")
        let id = try await base.document("cafe.md").reference.id
        #expect(try await base.document("#\(id)").reference.path == "en/cafe.md")
        #expect(try await base.document(folder.url.appendingPathComponent("en/cafe.md").path).reference.id == id)
        await #expect(throws: KnowledgeBaseError.ambiguousDocument(
            reference: "note.md", candidates: ["ja/note.md", "ko/note.md"])
        ) { try await base.document("note.md") }
        await #expect(throws: KnowledgeBaseError.documentNotFound(reference: "none.md")) {
            try await base.document("none.md")
        }
    }

    @Test func rangesAreCharactersAndBytes() async throws {
        let base = try await base()
        let result = try #require(try await base.search("紫砂壶").first)
        let text = try await base.text(of: result.document)
        let characters = try #require(try await base.characterRange(of: result.range, in: result.document))
        let scalars = Array(text.unicodeScalars)[characters]
        var slice = ""
        slice.unicodeScalars.append(contentsOf: scalars)
        #expect(slice == result.text)
    }
}
