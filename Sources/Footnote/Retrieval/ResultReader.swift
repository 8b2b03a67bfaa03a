import GRDB
import Ingestion

/// Reads what results show: text, place and document.
enum ResultReader {
    /// The best results with text. What says again what a better one says is named there and not shown again.
    /// - Parameter vectors: of chunks, for results that are to differ from each other.
    static func read(
        _ ranked: [Fusion.Fused], options: SearchOptions, vectors: (Int64) throws -> [Float]?, _ db: Database
    ) throws -> [SearchResult] {
        let wanted = max(0, options.limit)
        guard options.diversity > 0 else { return try distinct(ranked, limit: wanted, options, db) }
        let pool = try distinct(ranked, limit: max(wanted, min(4 * wanted, options.candidates)), options, db)
        let order = Diversity.order(
            relevance: relevance(of: pool), vectors: try pool.map { try vectors($0.chunkID) ?? [] },
            diversity: options.diversity, limit: wanted)
        return order.map { pool[$0] }
    }

    private static func distinct(
        _ ranked: [Fusion.Fused], limit: Int, _ options: SearchOptions, _ db: Database
    ) throws -> [SearchResult] {
        var distinct = DistinctResults()
        for candidate in ranked where candidate.scores.fused >= options.minimumScore {
            guard distinct.results.count < limit else { break }
            guard let result = try result(candidate.id, scores: candidate.scores, db) else { continue }
            distinct.add(result, group: try DuplicateStore.group(of: candidate.id, db))
        }
        return try withDuplicates(distinct, options, db)
    }

    /// Lists all places of near-duplicates, found or not, as far as the filter lets them be found.
    private static func withDuplicates(_ distinct: DistinctResults, _ options: SearchOptions, _ db: Database) throws -> [SearchResult] {
        guard distinct.groups.contains(where: { $0 != nil }), let generation = try GenerationStore.current(.active, db) else {
            return distinct.results
        }
        let filter = options.filter.isEmpty ? .all : try ChunkFilter.make(options.filter, generation: generation, db)
        return try zip(distinct.results, distinct.groups).map { result, group in
            guard let group else { return result }
            var result = result
            result.addPlaces(try DuplicateStore.places(of: group, shown: result.chunkID, filter: filter, db))
            return result
        }
    }

    /// The fused score, or for results in a reranker's order, which has no scale, their standing in it.
    private static func relevance(of results: [SearchResult]) -> [Double] {
        guard results.contains(where: { $0.scores.rerank != nil }) else { return results.map(\.scores.fused) }
        return results.indices.map { 1 - Double($0) / Double(results.count) }
    }

    /// A chunk as a reranker reads it: title and headings say what it is about. Empty when it has been removed meanwhile.
    static func context(_ chunkID: Int64, _ db: Database) throws -> String {
        guard let result = try result(chunkID, scores: RetrievalScores(), db) else { return "" }
        var context = result.headingPath
        if let title = result.document.title, context.first != title { context.insert(title, at: 0) }
        // A heading that opens the chunk is in its text.
        if let last = context.last, result.text.prefix(2 * last.count + 8).contains(last) { context.removeLast() }
        let parts = [context.joined(separator: " > "), result.leadIn ?? "", result.text]
        return parts.filter { !$0.isEmpty }.joined(separator: "\n")
    }

    /// - Returns: `nil` when the chunk has been removed meanwhile.
    static func result(_ chunkID: Int64, scores: RetrievalScores, _ db: Database) throws -> SearchResult? {
        let statement = try db.cachedStatement(
            sql: """
                SELECT c.document_id, c.start, c.end, c.first_line, c.last_line, c.heading_path, c.lead_in_start,
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
            headingPath: chunk.headingPath,
            location: SourceLocation(
                lines: chunk.lines, place: try PlaceStore.place(documentID: documentID, range: chunk.range, db)),
            range: SourceRange(chunk.range), text: text, leadIn: leadIn, scores: scores)
    }
}
