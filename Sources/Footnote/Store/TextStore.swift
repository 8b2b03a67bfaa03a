import GRDB

/// Normalised document texts, kept in pieces so that quoting from a large document reads only what is quoted.
enum TextStore {
    /// Target length of a piece in UTF-8 bytes. Pieces end on character boundaries.
    static let pieceBytes = 1 << 15

    static func insert(_ text: String, documentID: Int64, _ db: Database) throws {
        let statement = try db.cachedStatement(
            sql: "INSERT INTO texts (document_id, start, scalar_start, text) VALUES (?, ?, ?, ?)")
        var scalarStart = 0
        for piece in pieces(text) {
            try statement.execute(arguments: [documentID, piece.start, scalarStart, String(piece.text)])
            scalarStart += piece.text.unicodeScalars.count
        }
    }

    /// The whole text of a document.
    static func text(documentID: Int64, _ db: Database) throws -> String {
        let statement = try db.cachedStatement(sql: "SELECT text FROM texts WHERE document_id = ? ORDER BY start")
        return try String.fetchAll(statement, arguments: [documentID]).joined()
    }

    /// The text at a UTF-8 range; `nil` when the range does not lie within the text or cuts a character.
    static func text(documentID: Int64, range: Range<Int>, _ db: Database) throws -> String? {
        guard let window = try window(documentID: documentID, range: range, db) else { return nil }
        let local = (range.lowerBound - window.start)..<(range.upperBound - window.start)
        return window.text[SourceRange(local)].map(String.init)
    }

    /// A UTF-8 range as a range of Unicode scalars; `nil` when it does not fit the text.
    static func characterRange(documentID: Int64, range: Range<Int>, _ db: Database) throws -> Range<Int>? {
        guard let window = try window(documentID: documentID, range: range, db) else { return nil }
        let lower = range.lowerBound - window.start
        let upper = range.upperBound - window.start
        guard let before = window.text[SourceRange(0..<lower)],
            let within = window.text[SourceRange(lower..<upper)]
        else { return nil }
        let start = window.scalarStart + before.unicodeScalars.count
        return start..<(start + within.unicodeScalars.count)
    }

    /// The pieces that hold a range, joined.
    private static func window(
        documentID: Int64, range: Range<Int>, _ db: Database
    ) throws -> (start: Int, scalarStart: Int, text: String)? {
        let statement = try db.cachedStatement(
            sql: """
                SELECT start, scalar_start, text FROM texts
                WHERE document_id = :document AND start < max(:upper, 1) AND start >=
                  (SELECT max(start) FROM texts WHERE document_id = :document AND start <= :lower)
                ORDER BY start
                """)
        let rows = try Row.fetchAll(
            statement,
            arguments: ["document": documentID, "lower": range.lowerBound, "upper": range.upperBound])
        guard let first = rows.first else { return nil }
        return (first["start"], first["scalar_start"], rows.map { $0["text"] as String }.joined())
    }

    /// Cuts a text into pieces of about `pieceBytes` without cutting a character's bytes.
    static func pieces(_ text: String) -> [(start: Int, text: Substring)] {
        var result: [(start: Int, text: Substring)] = []
        let bytes = text.utf8
        var lower = bytes.startIndex
        var start = 0
        while lower < bytes.endIndex {
            var upper = bytes.index(lower, offsetBy: pieceBytes, limitedBy: bytes.endIndex) ?? bytes.endIndex
            while upper < bytes.endIndex, bytes[upper] & 0xC0 == 0x80 { upper = bytes.index(after: upper) }
            let piece = text[lower..<upper]
            result.append((start, piece))
            start += piece.utf8.count
            lower = upper
        }
        return result.isEmpty ? [(0, text[...])] : result
    }
}
