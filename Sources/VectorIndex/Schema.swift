internal import GRDB

/// The tables of one index. docs/file-format.md is their specification.
struct Schema: Sendable {
    /// All indexes of a database, one row each.
    static let catalog = "vector_indexes"
    /// Layout of tables and blobs; a file with another number is refused. 2: links name a parent. 3: checksums, vectors in
    /// a coarse and a fine part.
    static let format: Int64 = 3

    let ids: String
    let codes: String
    let links: String
    let vectors: String
    let free: String

    /// - Parameter number: the index's row in the catalogue.
    init(number: Int64) {
        ids = "vector_index_\(number)_ids"
        codes = "vector_index_\(number)_codes"
        links = "vector_index_\(number)_links"
        vectors = "vector_index_\(number)_vectors"
        free = "vector_index_\(number)_free"
    }

    var tables: [String] { [ids, codes, links, vectors, free] }

    static func createCatalog(in db: Database) throws {
        try db.execute(sql: """
            CREATE TABLE IF NOT EXISTS \(catalog) (
              id INTEGER PRIMARY KEY,
              name TEXT NOT NULL UNIQUE,
              format INTEGER NOT NULL,
              identity INTEGER NOT NULL,
              dimension INTEGER NOT NULL,
              metric TEXT NOT NULL,
              neighbors INTEGER NOT NULL,
              construction_width INTEGER NOT NULL,
              seed INTEGER NOT NULL,
              code TEXT NOT NULL,
              vector TEXT NOT NULL,
              generation INTEGER NOT NULL,
              token INTEGER NOT NULL,
              count INTEGER NOT NULL,
              slots INTEGER NOT NULL,
              entry INTEGER,
              top_level INTEGER NOT NULL
            ) STRICT
            """)
    }

    func createTables(in db: Database) throws {
        try db.execute(sql: """
            CREATE TABLE \(ids) (id INTEGER PRIMARY KEY, slot INTEGER NOT NULL) STRICT;
            CREATE TABLE \(codes) (slot INTEGER PRIMARY KEY, code BLOB NOT NULL) STRICT;
            CREATE TABLE \(links) (slot INTEGER PRIMARY KEY, links BLOB NOT NULL) STRICT;
            CREATE TABLE \(vectors) (slot INTEGER PRIMARY KEY, id INTEGER, vector BLOB NOT NULL) STRICT;
            CREATE TABLE \(free) (slot INTEGER PRIMARY KEY) STRICT;
            """)
    }

    func dropTables(in db: Database) throws {
        for table in tables { try db.execute(sql: "DROP TABLE IF EXISTS \(table)") }
    }
}

/// What changes of an index's row in the catalogue.
struct IndexState: Equatable {
    var version: IndexVersion
    /// Vectors held.
    var count: Int
    /// Slots ever used: every slot is below.
    var slots: Int
    /// Where searches begin: a node of the highest level, nil when the index is empty.
    var entry: Slot?
    var topLevel: Int

    static let empty = IndexState(
        version: IndexVersion(generation: 1, token: 0), count: 0, slots: 0, entry: nil, topLevel: 0)

    private static let query = """
        SELECT identity, generation, token, count, slots, entry, top_level FROM \(Schema.catalog) WHERE id = ?
        """

    /// - Throws: `VectorIndexError.noSuchIndex`, `.replaced`, `.corrupt`, `DatabaseError`.
    /// - Parameter checked: false to take no more than the version from the row, for a rebuild.
    static func read(_ index: VectorIndex, in db: Database, checked: Bool = true) throws -> IndexState {
        let row: RowStatement
        do {
            row = try RowStatement(db, query)
        } catch let error as DatabaseError where error.resultCode == .SQLITE_ERROR {
            throw VectorIndexError.noSuchIndex(index.name)
        }
        defer { row.reset() }
        row.bind(1, index.number)
        guard try row.step() else { throw VectorIndexError.noSuchIndex(index.name) }
        guard row.integer(0) == index.identity else { throw VectorIndexError.replaced(index.name) }
        let slots = row.integer(4)
        guard checked else { return IndexState(version: IndexVersion(generation: UInt64(max(row.integer(1), 1)), token: row.integer(2)), count: 0, slots: 0, entry: nil, topLevel: 0) }
        let entry = row.isNull(5) ? nil : row.integer(5)
        let (generation, count, top) = (row.integer(1), row.integer(3), row.integer(6))
        guard generation > 0, (0...Int64(slotLimit)).contains(slots), (0...slots).contains(count),
            (0...Int64(LinkLayout.highestLevel)).contains(top), (entry == nil) == (count == 0), entry.map({ (0..<slots).contains($0) }) ?? true
        else {
            throw VectorIndexError.corrupt(
                table: Schema.catalog, slot: nil,
                reason: "generation \(generation), count \(count), slots \(slots), entry \(entry.map(String.init) ?? "none"), level \(top)")
        }
        return IndexState(
            version: IndexVersion(generation: UInt64(generation), token: row.integer(2)), count: Int(count),
            slots: Int(slots), entry: entry.map { Slot($0) }, topLevel: Int(top))
    }

    func write(_ index: VectorIndex, in db: Database) throws {
        let row = try RowStatement(db, """
            UPDATE \(Schema.catalog) SET generation = ?, token = ?, count = ?, slots = ?, entry = ?, top_level = ? WHERE id = ?
            """)
        row.bind(1, Int64(version.generation))
        row.bind(2, version.token)
        row.bind(3, Int64(count))
        row.bind(4, Int64(slots))
        if let entry { row.bind(5, Int64(entry)) } else { row.bindNull(5) }
        row.bind(6, Int64(topLevel))
        row.bind(7, index.number)
        try row.run()
    }
}
