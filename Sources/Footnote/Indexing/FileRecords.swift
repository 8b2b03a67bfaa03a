import Foundation
import GRDB

/// What the knowledge base remembers of a file, whether or not it became a document.
struct FileRecord: Sendable, Equatable {
    enum Status: String, Sendable { case indexed, skipped, failed, empty }

    var path: String
    var status: Status
    var reason: String?
    var stamp: RecordedStamp?
    var documentID: Int64?
    /// Collection of the document, if there is one.
    var collection: String?
    /// Chunks of the document.
    var chunks = 0
    /// SHA-256 of the content the document was made from.
    var contentHash: [UInt8]?
}

/// The table `files`.
enum FileRecords {
    static func all(generation: Int64, _ db: Database) throws -> [String: FileRecord] {
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT f.path, f.status, f.reason, f.size, f.modified_ns, f.inode, f.document_id, c.name,
                  (SELECT count(*) FROM chunks WHERE document_id = f.document_id) AS chunk_count, d.content_hash
                FROM files f LEFT JOIN documents d ON d.id = f.document_id
                LEFT JOIN collections c ON c.id = d.collection_id
                WHERE f.generation_id = ?
                """, arguments: [generation])
        var records: [String: FileRecord] = [:]
        while let row = try rows.next() {
            let record = FileRecord(row: row)
            records[record.path] = record
        }
        return records
    }

    static func save(_ record: FileRecord, generation: Int64, _ db: Database) throws {
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO files
                  (generation_id, path, status, reason, size, modified_ns, inode, document_id, reported_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (generation_id, path) DO UPDATE SET
                  status = excluded.status, reason = excluded.reason, size = excluded.size,
                  modified_ns = excluded.modified_ns, inode = excluded.inode, document_id = excluded.document_id,
                  reported_at = excluded.reported_at
                """)
        try statement.execute(arguments: [
            generation, record.path, record.status.rawValue, record.reason, record.stamp?.size,
            record.stamp?.modified, record.stamp?.inode, record.documentID, Timestamp.now(),
        ])
    }

    static func delete(path: String, generation: Int64, _ db: Database) throws {
        try db.cachedStatement(sql: "DELETE FROM files WHERE generation_id = ? AND path = ?")
            .execute(arguments: [generation, path])
    }
}

extension FileRecord {
    fileprivate init(row: Row) {
        var stamp: RecordedStamp?
        if let size = row[3] as Int64?, let modified = row[4] as Int64?, let inode = row[5] as Int64? {
            stamp = RecordedStamp(size: size, modified: modified, inode: inode)
        }
        self.init(
            path: row[0], status: Status(rawValue: row[1]) ?? .failed, reason: row[2], stamp: stamp,
            documentID: row[6], collection: row[7], chunks: row[8] ?? 0,
            contentHash: (row[9] as Data?).map(Array.init))
    }
}
