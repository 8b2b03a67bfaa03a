import Foundation
import GRDB
import Ingestion

/// Chunk rows and their lexical rows.
enum ChunkStore {
    /// - Returns: the ids of the chunks, in order.
    static func insert(_ draft: DocumentDraft, documentID: Int64, _ db: Database) throws -> [Int64] {
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO chunks
                  (document_id, ordinal, start, end, first_line, last_line, heading_path, lead_in_start, lead_in_end,
                   token_count, text_hash, embedding_hash, embedded_start, embedded_end)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        var ids: [Int64] = []
        for (ordinal, item) in draft.chunks.enumerated() {
            let chunk = item.chunk
            try statement.execute(arguments: [
                documentID, ordinal, chunk.range.lowerBound, chunk.range.upperBound, chunk.lines.lowerBound,
                chunk.lines.upperBound, HeadingPath.encode(chunk.headingPath), chunk.leadIn?.lowerBound,
                chunk.leadIn?.upperBound, item.tokenCount, Data(item.textHash), Data(item.embeddingHash),
                chunk.embedded?.lowerBound, chunk.embedded?.upperBound,
            ])
            let id = db.lastInsertedRowID
            ids.append(id)
            let row = LexicalRow(title: draft.title, chunk: chunk, text: draft.text)
            try db.cachedStatement(sql: "INSERT INTO chunk_fts (rowid, title, heading, body) VALUES (?, ?, ?, ?)")
                .execute(arguments: [id, row.title, row.heading, row.body])
        }
        return ids
    }

    /// The lexical index keeps no text of its own: a row is removed by giving it what went in.
    /// - Returns: the ids of the document's chunks.
    static func removeFromLexicalIndex(documentID: Int64, _ db: Database) throws -> [Int64] {
        let title = try String.fetchOne(
            db.cachedStatement(sql: "SELECT title FROM documents WHERE id = ?"), arguments: [documentID])
        let text = try TextStore.text(documentID: documentID, db)
        let statement = try db.cachedStatement(
            sql: "INSERT INTO chunk_fts (chunk_fts, rowid, title, heading, body) VALUES ('delete', ?, ?, ?, ?)")
        let chunks = try all(documentID: documentID, db)
        for (id, chunk) in chunks {
            let row = LexicalRow(title: title, chunk: chunk, text: text)
            try statement.execute(arguments: [id, row.title, row.heading, row.body])
        }
        return chunks.map(\.id)
    }

    /// A document's chunks in order.
    static func all(documentID: Int64, _ db: Database) throws -> [(id: Int64, chunk: Chunk)] {
        let statement = try db.cachedStatement(
            // Not all columns are there in an older database that can only be read.
            sql: "SELECT * FROM chunks WHERE document_id = ? ORDER BY ordinal")
        return try Row.fetchAll(statement, arguments: [documentID]).map { row in (row["id"], Chunk(row: row)) }
    }
}

/// What the lexical index reads of a chunk.
struct LexicalRow {
    var title: String
    /// Headings and the lead-in.
    var heading: String
    var body: String

    init(title: String?, chunk: Chunk, text: String) {
        self.title = LexicalText.segmented(title ?? "")
        let leadIn = chunk.leadIn.flatMap { text[SourceRange($0)] } ?? ""
        heading = LexicalText.segmented((chunk.headingPath + [String(leadIn)]).joined(separator: "\n"))
        body = LexicalText.segmented(text[SourceRange(chunk.range)] ?? "")
    }
}

/// Heading paths as the database holds them: a JSON array of strings, outermost first.
enum HeadingPath {
    static func encode(_ path: [String]) -> String {
        (try? JSONEncoder().encode(path)).map { String(decoding: $0, as: UTF8.self) } ?? "[]"
    }

    static func decode(_ text: String) -> [String] {
        (try? JSONDecoder().decode([String].self, from: Data(text.utf8))) ?? []
    }
}

extension Chunk {
    /// Reads the columns `start`, `end`, `first_line`, `last_line`, `heading_path`, `lead_in_start`, `lead_in_end`, and
    /// if they are there `embedded_start`, `embedded_end`.
    init(row: Row) {
        let start: Int = row["start"]
        let firstLine: Int = row["first_line"]
        func range(_ first: String, _ last: String) -> Range<Int>? {
            guard let lower = row[first] as Int?, let upper = row[last] as Int?, upper >= lower else { return nil }
            return lower..<upper
        }
        let leadIn = range("lead_in_start", "lead_in_end")
        self.init(
            range: start..<max(start, row["end"]), lines: firstLine...max(firstLine, row["last_line"]),
            headingPath: HeadingPath.decode(row["heading_path"]), leadIn: leadIn)
        embedded = range("embedded_start", "embedded_end")
    }
}
