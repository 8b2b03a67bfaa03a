import Foundation
import GRDB
import Ingestion

/// The tables `near_duplicates` and `near_duplicate_bands`. Every function runs within the caller's transaction.
///
/// Passages that say nearly the same are a group. One of them leads it: only the leader, like a passage that is in no
/// group, is in the table of bands, and newcomers are compared with it alone. So a thousand copies of a page cost a thousand
/// comparisons, and a chain of small changes does not draw in what has become another text.
enum DuplicateStore {
    /// Passages that share a band and are compared; those that share most first.
    private static let compared = 8

    /// Looks for passages that say nearly the same as those of a new document, and enters them.
    /// - Parameters:
    ///   - chunks: the document's, in order, which are stored already.
    ///   - text: the document's.
    static func insert(_ chunks: [(id: Int64, chunk: Chunk)], text: String, generation: Int64, _ db: Database) throws {
        // Windows around sentences, and small parts of one passage, have the same text again and again.
        var last: (range: Range<Int>, leader: Int64?)?
        for (id, chunk) in chunks {
            if let last, last.range == chunk.range {
                if let leader = last.leader { try join(id, leader: leader, db) }
                continue
            }
            let passage = String(text[SourceRange(chunk.range)] ?? "")
            last = (chunk.range, try enter(id, text: passage, generation: generation, db))
        }
    }

    /// - Returns: the passage that leads the chunk's group, itself if it says something new; `nil` if it is too short.
    private static func enter(_ id: Int64, text: String, generation: Int64, _ db: Database) throws -> Int64? {
        let profile = DuplicateProfile(text)
        let bands = MinHash.bands(of: profile.shingles, seed: UInt64(bitPattern: generation))
        guard !bands.isEmpty else { return nil }
        for candidate in try candidates(bands, db) {
            guard let other = try self.text(of: candidate, db), other == text || profile.isNear(DuplicateProfile(other))
            else { continue }
            try join(id, leader: candidate, db)
            return candidate
        }
        try lead(id, bands: bands, db)
        return id
    }

    private static func text(of chunk: Int64, _ db: Database) throws -> String? {
        let statement = try db.cachedStatement(sql: "SELECT document_id, start, end FROM chunks WHERE id = ?")
        guard let row = try Row.fetchOne(statement, arguments: [chunk]) else { return nil }
        let start: Int = row["start"]
        return try TextStore.text(documentID: row["document_id"], range: start..<max(start, row["end"]), db)
    }

    /// Leaders that share a band, those that share most first.
    private static func candidates(_ bands: [UInt32], _ db: Database) throws -> [Int64] {
        let statement = try db.cachedStatement(sql: "SELECT chunk_id FROM near_duplicate_bands WHERE band = ?")
        var shared: [Int64: Int] = [:]
        for band in bands {
            for id in try Int64.fetchAll(statement, arguments: [Int64(band)]) { shared[id, default: 0] += 1 }
        }
        return shared.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(compared).map(\.key)
    }

    private static func lead(_ id: Int64, bands: [UInt32], _ db: Database) throws {
        let statement = try db.cachedStatement(sql: "INSERT OR IGNORE INTO near_duplicate_bands (band, chunk_id) VALUES (?, ?)")
        for band in bands { try statement.execute(arguments: [Int64(band), id]) }
    }

    private static func join(_ id: Int64, leader: Int64, _ db: Database) throws {
        let group = try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT group_id FROM near_duplicates WHERE chunk_id = ?"), arguments: [leader])
        let statement = try db.cachedStatement(sql: "INSERT OR IGNORE INTO near_duplicates (chunk_id, group_id) VALUES (?, ?)")
        // Ids of chunks are never used again, so that the first leader's names the group even when it is gone.
        if group == nil { try statement.execute(arguments: [leader, leader]) }
        try statement.execute(arguments: [id, group ?? leader])
    }
}

// MARK: Removal

extension DuplicateStore {
    /// Groups that a document's passages are in. Ask before the document is deleted, whose rows go with it.
    static func groups(documentID: Int64, _ db: Database) throws -> [Int64] {
        try Int64.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT DISTINCT n.group_id FROM chunks c JOIN near_duplicates n ON n.chunk_id = c.id WHERE c.document_id = ?
                    ORDER BY 1
                    """), arguments: [documentID])
    }

    /// Gives groups that have lost passages a new leader, and dissolves those of one passage.
    static func settle(_ groups: [Int64], generation: Int64, _ db: Database) throws {
        for group in groups {
            let left = try Int64.fetchAll(
                db.cachedStatement(sql: "SELECT chunk_id FROM near_duplicates WHERE group_id = ? ORDER BY chunk_id LIMIT 2"),
                arguments: [group])
            guard let first = left.first else { continue }
            if try !hasLeader(group, db) { try lead(first, generation: generation, db) }
            if left.count == 1 {
                try db.cachedStatement(sql: "DELETE FROM near_duplicates WHERE chunk_id = ?").execute(arguments: [first])
            }
        }
    }

    private static func hasLeader(_ group: Int64, _ db: Database) throws -> Bool {
        try Bool.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT EXISTS (SELECT 1 FROM near_duplicates n JOIN near_duplicate_bands b ON b.chunk_id = n.chunk_id
                    WHERE n.group_id = ?)
                    """), arguments: [group]) ?? false
    }

    private static func lead(_ id: Int64, generation: Int64, _ db: Database) throws {
        let shingles = try DuplicateProfile(text(of: id, db) ?? "").shingles
        try lead(id, bands: MinHash.bands(of: shingles, seed: UInt64(bitPattern: generation)), db)
    }
}

// MARK: Reading

extension DuplicateStore {
    /// Most places of a group that are listed.
    private static let listed = 1000

    static func group(of chunk: Int64, _ db: Database) throws -> Int64? {
        // Not in an older database that can only be read.
        guard try db.tableExists("near_duplicates") else { return nil }
        return try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT group_id FROM near_duplicates WHERE chunk_id = ?"), arguments: [chunk])
    }

    /// Where the passages of a group stand, in order of their ids.
    /// - Parameter shown: the passage that is shown; places with its very text do not differ.
    static func places(of group: Int64, shown: Int64, filter: ChunkFilter, _ db: Database) throws -> [ResultPlace] {
        let statement = try db.cachedStatement(
            sql: """
                SELECT c.id, c.document_id, c.start, c.end, c.first_line, c.last_line, d.path, d.title, k.name AS collection,
                  c.text_hash <> (SELECT text_hash FROM chunks WHERE id = :shown) AS differs
                FROM near_duplicates n JOIN chunks c ON c.id = n.chunk_id JOIN documents d ON d.id = c.document_id
                JOIN collections k ON k.id = d.collection_id
                WHERE n.group_id = :group AND n.chunk_id <> :shown ORDER BY c.id LIMIT :limit
                """)
        let rows = try Row.fetchAll(statement, arguments: ["group": group, "shown": shown, "limit": listed])
        return try rows.compactMap { row in
            let id: Int64 = row["id"], start: Int = row["start"], first: Int = row["first_line"]
            guard try filter.allows(id, db) else { return nil }
            let range = start..<max(start, row["end"])
            return ResultPlace(
                chunkID: id,
                document: DocumentReference(
                    id: row["document_id"], path: row["path"], title: row["title"], collection: row["collection"]),
                location: SourceLocation(
                    lines: first...max(first, row["last_line"]),
                    place: try PlaceStore.place(documentID: row["document_id"], range: range, db)),
                range: SourceRange(range), differs: row["differs"] ?? true)
        }
    }
}
