import Foundation
import GRDB
import Testing

import Footnote

@Suite("Repair") struct RepairTests {
    private static let damages = [
        // A bit of a code, of the fine part of a vector, of edges; rows that are gone.
        "UPDATE vector_index_1_codes SET code = CAST(substr(code, 1, 30) || x'7b' || substr(code, 32) AS BLOB) WHERE slot IN (1, 5)",
        "UPDATE vector_index_1_vectors SET vector = CAST(substr(vector, 1, 30) || x'7b7b' || substr(vector, 33) AS BLOB) WHERE slot % 3 = 0",
        "UPDATE vector_index_1_links SET links = CAST(substr(links, 1, 15) || x'7b' || substr(links, 17) AS BLOB)",
        "DELETE FROM vector_index_1_vectors WHERE slot = 2",
        "DELETE FROM vector_index_1_links; DELETE FROM vector_index_1_ids",
        "UPDATE vector_indexes SET count = 3, entry = 900",
    ]

    @Test("damaged vectors are found, and made anew from the texts", arguments: damages)
    func vectors(_ sql: String) async throws {
        let folder = try TemporaryFolder()
        for number in 0..<20 { try folder.write("\(number).md", "# Number \(number)\n\nThe keeper of lighthouse \(number) is called Ines.\n") }
        let base = try await folder.openBase()
        try await base.index(folder.url)
        let before = try await base.search("Who keeps lighthouse 7?").map(\.document.path)
        let path = folder.url.appendingPathComponent(".footnote/knowledge.sqlite").path
        try await DatabaseQueue(path: path).write { try $0.execute(sql: sql) }

        let damaged = try await folder.openBase()
        let found = try? await damaged.check(deep: true)
        #expect(found?.isSound != true)
        let report = try await damaged.repair()
        #expect(report.kept + report.embedded == 20 && report.lost.isEmpty)
        #expect(try await damaged.check(deep: true).findings == [])
        #expect(try await damaged.search("Who keeps lighthouse 7?").map(\.document.path) == before)
    }

    @Test("what cannot be made anew is named")
    func lostTexts() async throws {
        let folder = try TemporaryFolder()
        for name in ["a", "b"] { try folder.write("\(name).md", "# \(name)\n\nThe harbour of \(name) opens at six.\n") }
        try await folder.openBase().index(folder.url)
        let path = folder.url.appendingPathComponent(".footnote/knowledge.sqlite").path
        try await DatabaseQueue(path: path).write { db in
            try db.execute(sql: """
                UPDATE texts SET text = replace(text, 'harbour', 'HARBOUR') WHERE document_id = (SELECT id FROM documents WHERE path LIKE '%a.md');
                UPDATE vector_index_1_codes SET code = zeroblob(length(code))
                """)
        }
        let report = try await folder.openBase().repair()
        #expect(report.kept == 0 && report.embedded == 1 && report.lost.count == 1 && report.lost[0].hasSuffix("a.md"))
    }
}
