import GRDB
import Ingestion

/// Reads what results show: text, place and document.
enum ResultReader {
    /// The best results with text, without repetitions.
    static func read(_ fused: [Fusion.Fused], options: SearchOptions, _ db: Database) throws -> [SearchResult] {
        var results: [SearchResult] = []
        var seen: Set<String> = []
        for candidate in fused {
            if results.count >= options.limit || candidate.scores.fused < options.minimumScore { break }
            guard let result = try result(candidate.id, scores: candidate.scores, db) else { continue }
            // The same passage in two files is shown once.
            if seen.insert(result.text).inserted { results.append(result) }
        }
        return results
    }

    /// - Returns: `nil` when the chunk has been removed meanwhile.
    static func result(_ chunkID: Int64, scores: RetrievalScores, _ db: Database) throws -> SearchResult? {
        let statement = try db.cachedStatement(
            sql: """
                SELECT c.document_id, c.start, c.end, c.first_line, c.last_line, c.page, c.heading_path, c.lead_in_start,
                  c.lead_in_end, d.path, d.title, n.name AS collection
                FROM chunks c JOIN documents d ON d.id = c.document_id JOIN collections n ON n.id = d.collection_id
                WHERE c.id = ?
                """)
        guard let row = try Row.fetchOne(statement, arguments: [chunkID]) else { return nil }
        let chunk = Chunk(row: row)
        let documentID: Int64 = row["document_id"]
        guard let text = try TextStore.text(documentID: documentID, range: chunk.range, db) else { return nil }
        let leadIn = try chunk.leadIn.flatMap { try TextStore.text(documentID: documentID, range: $0, db) }
        return SearchResult(
            chunkID: chunkID,
            document: DocumentReference(
                id: documentID, path: row["path"], title: row["title"], collection: row["collection"]),
            headingPath: chunk.headingPath, location: SourceLocation(lines: chunk.lines, page: row["page"]),
            range: SourceRange(chunk.range), text: text, leadIn: leadIn, scores: scores)
    }
}
