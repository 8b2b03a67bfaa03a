import Foundation
import GRDB
import Testing

import Footnote

@Suite struct NearDuplicateTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private static let gate = "The northern gate of the lock is opened at six in the morning by the keeper, who writes the hour and the "
        + "height of the water in the book on the table by the window, and it is closed again at nine in the evening."
    private static let chinese = "北边的船闸每天早上六点由看守人打开，他把时间和水位写在窗边桌子上的本子里，晚上九点再关闭，节假日也是如此，没有例外。"

    // MARK: What is near

    @Test(arguments: [
        (gate, gate.replacingOccurrences(of: " and ", with: "\nand ")),
        (gate, gate.replacingOccurrences(of: ",", with: ";")),
        (gate, gate.replacingOccurrences(of: "who writes", with: "who always writes")),
        (gate, gate.replacingOccurrences(of: "table", with: "tabel")),
        (chinese, chinese.replacingOccurrences(of: "，", with: ",")),
        (chinese, chinese.replacingOccurrences(of: "他把", with: "他就把")),
        ("１２ ships pass the bar each day and sound the horn once to greet the keeper", "12 ships pass the bar each day, and sound the horn once to greet the keeper"),
    ])
    func near(_ a: String, _ b: String) { #expect(DuplicateProfile(a).isNear(DuplicateProfile(b)) && DuplicateProfile(b).isNear(DuplicateProfile(a))) }

    @Test(arguments: [
        (gate, gate.replacingOccurrences(of: "opened at six", with: "opened at 6")),
        (gate, gate.replacingOccurrences(of: "is opened", with: "is not opened")),
        (gate, gate.replacingOccurrences(of: "the keeper,", with: "the keeper Ines,")),
        (gate, gate.replacingOccurrences(of: "opened", with: "closed")),
        (gate, gate.replacingOccurrences(of: "northern", with: "southern")),
        (gate, String(gate.prefix(120))),
        (chinese, chinese.replacingOccurrences(of: "六点", with: "七点")),
        (chinese, chinese.replacingOccurrences(of: "没有例外", with: "有例外")),
        (chinese, chinese.replacingOccurrences(of: "看守人", with: "王先生")),
        ("Up to 5 ships pass the bar each day and sound the horn once to greet the keeper", "Up to 5 ships pass the bar each day and sound the horn once to greet the keeper -5"),
        ("", ""), ("short text", "short text"),
    ])
    func notNear(_ a: String, _ b: String) { #expect(!DuplicateProfile(a).isNear(DuplicateProfile(b)) && !DuplicateProfile(b).isNear(DuplicateProfile(a))) }

    // MARK: In a knowledge base

    /// Passages in groups, and bands of leaders.
    private func rows() async throws -> [Int] {
        try await DatabaseQueue(path: folder.url.appendingPathComponent(".footnote/knowledge.sqlite").path).read { db in
            try ["near_duplicates", "near_duplicate_bands"].map { try Int.fetchOne(db, sql: "SELECT count(*) FROM \($0)") ?? -1 }
        }
    }

    @Test func shownOnceWithAllPlaces() async throws {
        try folder.write("a.md", "# Lock\n\n\(Self.gate)\n")
        try folder.write("copies/b.txt", Self.gate)
        try folder.write("copies/c.txt", Self.gate.replacingOccurrences(of: "who writes", with: "who always writes"))
        try folder.write("d.txt", Self.gate.replacingOccurrences(of: "at six", with: "at seven o'clock, or at 8 on holidays,"))
        try folder.write("zh.txt", Self.chinese)
        try folder.write("zh2.txt", Self.chinese.replacingOccurrences(of: "，", with: ","))
        let base = try await folder.openBase()
        try await base.index(folder.url)
        let results = try await base.search("When is the northern gate of the lock opened?")
        let gates = results.filter { $0.text.contains("northern gate") }
        #expect(gates.count == 2, "\(gates.map(\.document.path))")
        let shown = try #require(gates.first { !$0.alsoAt.isEmpty })
        #expect(Set([shown.document.path] + shown.alsoAt.map(\.document.path)) == ["a.md", "copies/b.txt", "copies/c.txt"])
        #expect(gates.contains { $0.document.path == "d.txt" && $0.alsoAt.isEmpty })
        #expect(shown.alsoAt.contains { $0.differs })
        let chinese = try #require(try await base.search("北边的船闸几点打开？").first)
        #expect(chinese.alsoAt.count == 1 && chinese.alsoAt[0].document.path.hasPrefix("zh"))
        // Places that a filter hides stay hidden.
        let filtered = try await base.search("northern gate of the lock", options: {
            var options = SearchOptions()
            options.filter.paths = ["copies/*"]
            return options
        }())
        #expect(filtered.count == 1 && filtered[0].alsoAt.count == 1 && filtered[0].alsoAt[0].document.path.hasPrefix("copies/"))
        try await expectSound(base)
    }

    @Test func goesWithItsDocuments() async throws {
        for name in ["a", "b", "c"] { try folder.write("\(name).txt", Self.gate) }
        let base = try await folder.openBase()
        try await base.index(folder.url)
        #expect(try await rows() == [3, 8])
        // The first one leads the group: another takes its place.
        try folder.remove("a.txt")
        try await base.index(folder.url)
        #expect(try await rows() == [2, 8])
        try folder.write("d.txt", Self.gate)
        try await base.index(folder.url)
        #expect(try await base.search("northern gate").first?.alsoAt.count == 2)
        for name in ["b", "d"] { try folder.remove("\(name).txt") }
        try await base.index(folder.url)
        #expect(try await rows() == [0, 8])
        #expect(try await base.search("northern gate").first?.alsoAt == [])
        try folder.remove("c.txt")
        try await base.index(folder.url)
        #expect(try await rows() == [0, 0])
        try await expectSound(base)
    }

    /// Copies fill all places among the candidates: what else bears on the question is found all the same.
    @Test func copiesDoNotCrowdOutTheRest() async throws {
        for number in 0..<150 { try folder.write("copy\(number).txt", Self.gate) }
        try folder.write("other.txt", "The gate of the garden is painted green by the neighbours each spring, when the days are dry and long.")
        let base = try await folder.openBase()
        try await base.index(folder.url)
        let results = try await base.search("northern gate of the lock opened at six")
        #expect(results.count == 2 && results[0].alsoAt.count == 149 && results[1].document.path == "other.txt")
    }

    /// Another way of cutting is built beside the old one: the same passages in both are no duplicates of each other.
    @Test func generationsDoNotMeet() async throws {
        try folder.write("a.txt", Self.gate)
        let base = try await folder.openBase()
        try await base.index(folder.url)
        var options = IndexingOptions()
        options.chunking = ChunkingChoice(.recursive)
        try await base.index([folder.url], options: options)
        #expect(try await base.search("northern gate").map(\.alsoAt) == [[]])
        // What answered before is kept until it is dropped.
        #expect(try await rows() == [0, 16])
        try await base.dropPrevious()
        #expect(try await rows() == [0, 8])
        try await expectSound(base)
    }

    /// A knowledge base from before: its passages are compared when it is opened.
    @Test func olderDatabasesAreComparedWhenOpened() async throws {
        for name in ["a", "b"] { try folder.write("\(name).txt", Self.gate) }
        try await folder.openBase().index(folder.url)
        let path = folder.url.appendingPathComponent(".footnote/knowledge.sqlite").path
        try await DatabaseQueue(path: path).write { try $0.execute(sql: "DROP TABLE near_duplicates; DROP TABLE near_duplicate_bands; PRAGMA user_version = 3") }
        let base = try await folder.openBase()
        #expect(try await base.search("northern gate").first?.alsoAt.count == 1)
        try await expectSound(base)
    }
}
