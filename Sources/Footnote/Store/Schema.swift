import GRDB

/// The database's tables, version by version. `docs/file-format.md` describes them.
///
/// A migration is never edited once a version that has it was released: it is followed by another.
enum Schema {
    /// `Fnot`: marks the file as Footnote's (`PRAGMA application_id`).
    static let applicationID: Int32 = 0x466E_6F74

    /// Version this code reads and writes (`PRAGMA user_version`).
    static var currentVersion: Int { migrations.count }

    /// The migration at index `n` leads from version `n` to `n + 1`.
    static let migrations: [@Sendable (Database) throws -> Void] = [createTables, addQuestionLog, addPlaces, addNearDuplicates]

    /// Oldest version that can be read as it stands. What later versions add is not needed for reading.
    static let oldestReadableVersion = 1

    static func version(_ db: Database) throws -> Int {
        try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
    }

    /// Brings the database to `currentVersion`. Call within a transaction.
    static func migrate(_ db: Database) throws {
        let version = try version(db)
        for step in version..<max(version, currentVersion) {
            try migrations[step](db)
            try db.execute(sql: "PRAGMA user_version = \(step + 1)")
        }
    }

    @Sendable private static func createTables(_ db: Database) throws {
        try db.execute(sql: "PRAGMA application_id = \(applicationID)")
        try db.execute(sql: generationTables)
        try db.execute(sql: documentTables)
        try db.execute(sql: chunkTables)
        try db.execute(sql: fileTable)
    }

    /// Until here it was not kept which part of a chunk its vector was made from, and of places only the page or slide
    /// that a chunk began on.
    @Sendable private static func addPlaces(_ db: Database) throws {
        try db.execute(
            sql: """
                ALTER TABLE chunks ADD COLUMN embedded_start INTEGER;
                ALTER TABLE chunks ADD COLUMN embedded_end INTEGER;
                CREATE TABLE places (
                  document_id INTEGER NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
                  start INTEGER NOT NULL,
                  place TEXT NOT NULL,
                  PRIMARY KEY (document_id, start)
                ) STRICT, WITHOUT ROWID;
                INSERT OR IGNORE INTO places (document_id, start, place)
                  SELECT c.document_id, c.start, CASE WHEN d.format = 'PDF' THEN 'page ' ELSE 'slide ' END || c.page
                  FROM chunks c JOIN documents d ON d.id = c.document_id WHERE c.page IS NOT NULL ORDER BY c.id;
                ALTER TABLE chunks DROP COLUMN page;
                """)
    }

    /// Passages that are there already are entered as if they were new, in the order in which they came.
    @Sendable private static func addNearDuplicates(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE near_duplicates (
                  chunk_id INTEGER PRIMARY KEY REFERENCES chunks (id) ON DELETE CASCADE,
                  group_id INTEGER NOT NULL
                ) STRICT;
                CREATE INDEX near_duplicates_group ON near_duplicates (group_id);
                CREATE TABLE near_duplicate_bands (
                  band INTEGER NOT NULL,
                  chunk_id INTEGER NOT NULL REFERENCES chunks (id) ON DELETE CASCADE,
                  PRIMARY KEY (band, chunk_id)
                ) STRICT, WITHOUT ROWID;
                CREATE INDEX near_duplicate_bands_chunk ON near_duplicate_bands (chunk_id);
                """)
        let documents = try Row.fetchAll(db, sql: "SELECT id, generation_id FROM documents ORDER BY id")
        for document in documents {
            let id: Int64 = document[0], text = try TextStore.text(documentID: id, db)
            try DuplicateStore.insert(try ChunkStore.all(documentID: id, db), text: text, generation: document[1], db)
        }
    }

    private static let generationTables = """
        CREATE TABLE meta (
          key TEXT NOT NULL PRIMARY KEY,
          value TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE models (
          id INTEGER PRIMARY KEY,
          name TEXT NOT NULL,
          digest TEXT NOT NULL,
          dimension INTEGER NOT NULL CHECK (dimension > 0),
          UNIQUE (name, digest)
        ) STRICT;
        CREATE TABLE generations (
          id INTEGER PRIMARY KEY AUTOINCREMENT,
          model_id INTEGER NOT NULL REFERENCES models (id),
          chunking TEXT NOT NULL,
          state TEXT NOT NULL CHECK (state IN ('building', 'active', 'retired')),
          created_at TEXT NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX generations_state ON generations (state) WHERE state <> 'retired';
        CREATE TABLE collections (
          id INTEGER PRIMARY KEY,
          name TEXT NOT NULL UNIQUE
        ) STRICT;
        """

    private static let documentTables = """
        CREATE TABLE documents (
          id INTEGER PRIMARY KEY AUTOINCREMENT,
          generation_id INTEGER NOT NULL REFERENCES generations (id),
          collection_id INTEGER NOT NULL REFERENCES collections (id),
          path TEXT NOT NULL,
          title TEXT,
          format TEXT NOT NULL,
          content_hash BLOB NOT NULL,
          text_bytes INTEGER NOT NULL,
          indexed_at TEXT NOT NULL,
          UNIQUE (generation_id, path)
        ) STRICT;
        CREATE INDEX documents_content_hash ON documents (generation_id, content_hash);
        CREATE INDEX documents_collection ON documents (collection_id);
        CREATE TABLE document_metadata (
          document_id INTEGER NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
          key TEXT NOT NULL,
          value TEXT NOT NULL,
          PRIMARY KEY (document_id, key)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX document_metadata_value ON document_metadata (key, value);
        CREATE TABLE texts (
          id INTEGER PRIMARY KEY,
          document_id INTEGER NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
          start INTEGER NOT NULL,
          scalar_start INTEGER NOT NULL,
          text TEXT NOT NULL,
          UNIQUE (document_id, start)
        ) STRICT;
        """

    private static let chunkTables = """
        CREATE TABLE chunks (
          id INTEGER PRIMARY KEY AUTOINCREMENT,
          document_id INTEGER NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
          ordinal INTEGER NOT NULL,
          start INTEGER NOT NULL,
          end INTEGER NOT NULL CHECK (end >= start),
          first_line INTEGER NOT NULL,
          last_line INTEGER NOT NULL,
          page INTEGER,
          heading_path TEXT NOT NULL,
          lead_in_start INTEGER,
          lead_in_end INTEGER,
          token_count INTEGER NOT NULL,
          text_hash BLOB NOT NULL,
          embedding_hash BLOB NOT NULL,
          UNIQUE (document_id, ordinal)
        ) STRICT;
        CREATE INDEX chunks_embedding_hash ON chunks (embedding_hash);
        CREATE VIRTUAL TABLE chunk_fts USING fts5 (
          title, heading, body, content = '', tokenize = 'porter unicode61 remove_diacritics 2'
        );
        CREATE VIRTUAL TABLE chunk_terms USING fts5vocab ('chunk_fts', 'row');
        """

    private static let fileTable = """
        CREATE TABLE files (
          generation_id INTEGER NOT NULL REFERENCES generations (id),
          path TEXT NOT NULL,
          status TEXT NOT NULL CHECK (status IN ('indexed', 'skipped', 'failed', 'empty')),
          reason TEXT,
          size INTEGER,
          modified_ns INTEGER,
          inode INTEGER,
          document_id INTEGER REFERENCES documents (id) ON DELETE SET NULL,
          reported_at TEXT NOT NULL,
          PRIMARY KEY (generation_id, path)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX files_document ON files (document_id);
        """
}
