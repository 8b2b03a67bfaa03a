import GRDB

/// The table `places`.
enum PlaceStore {
    static func insert(_ places: DocumentPlaces, documentID: Int64, _ db: Database) throws {
        let statement = try db.cachedStatement(sql: "INSERT INTO places (document_id, start, place) VALUES (?, ?, ?)")
        for (offset, place) in places.starts { try statement.execute(arguments: [documentID, offset, place?.stored ?? ""]) }
    }

    /// All places of a document.
    static func places(documentID: Int64, _ db: Database) throws -> DocumentPlaces {
        guard try db.tableExists("places") else { return try pages(documentID: documentID, db) }
        return try read(db.cachedStatement(sql: "SELECT start, place FROM places WHERE document_id = ? ORDER BY start"), [documentID])
    }

    /// Where a range stands, without reading the places of the whole document.
    static func place(documentID: Int64, range: Range<Int>, _ db: Database) throws -> SourcePlace? {
        guard try db.tableExists("places") else { return try pages(documentID: documentID, db).place(of: range) }
        let statement = try db.cachedStatement(
            sql: """
                SELECT start, place FROM places WHERE document_id = :document AND start < max(:upper, 1) AND start >= ifnull(
                  (SELECT max(start) FROM places WHERE document_id = :document AND start <= :lower), 0)
                ORDER BY start
                """)
        return try read(statement, ["document": documentID, "lower": range.lowerBound, "upper": range.upperBound])
            .place(of: range)
    }

    /// A database of an older version that can only be read knows the page or slide that each chunk begins on.
    private static func pages(documentID: Int64, _ db: Database) throws -> DocumentPlaces {
        let statement = try db.cachedStatement(
            sql: "SELECT start, page FROM chunks WHERE document_id = ? AND page IS NOT NULL ORDER BY start")
        return DocumentPlaces(starts: try Row.fetchAll(statement, arguments: [documentID]).map { row in
            (row[0], SourcePlace(.page, first: row[1]))
        })
    }

    private static func read(_ statement: GRDB.Statement, _ arguments: StatementArguments) throws -> DocumentPlaces {
        DocumentPlaces(starts: try Row.fetchAll(statement, arguments: arguments).map { row in
            (row[0], SourcePlace(stored: row[1]))
        })
    }
}
