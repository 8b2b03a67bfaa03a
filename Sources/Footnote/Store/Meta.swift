import GRDB

/// The table `meta`: facts about the knowledge base as a whole.
enum Meta {
    enum Key: String {
        case createdAt = "created_at"
        /// `LexicalText.version` of every row of the lexical index.
        case lexicalText = "lexical_text"
        /// Set while the lexical index still holds words of removed chunks.
        case lexicalIndexHasRemovals = "lexical_removals"
        /// The generation that was active before, as long as one can go back to it.
        case previousGeneration = "previous_generation"
        /// `IndexingOptions.readers` of the last finished run: files that gave nothing are tried again under another.
        case loaders
    }

    static func value(_ key: Key, _ db: Database) throws -> String? {
        try String.fetchOne(
            db.cachedStatement(sql: "SELECT value FROM meta WHERE key = ?"), arguments: [key.rawValue])
    }

    static func flag(_ key: Key, _ db: Database) throws -> Bool { try value(key, db) != nil }

    /// - Parameter value: `nil` removes the key.
    static func set(_ key: Key, _ value: String?, _ db: Database) throws {
        if let value {
            try db.cachedStatement(
                sql: "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
            ).execute(arguments: [key.rawValue, value])
        } else {
            try db.cachedStatement(sql: "DELETE FROM meta WHERE key = ?").execute(arguments: [key.rawValue])
        }
    }
}
