internal import GRDB
internal import GRDBSQLite

/// A cached statement driven through SQLite's C interface: node rows are read and written by the thousand, and
/// binding and fetching through values cost several times what SQLite itself does.
struct RowStatement {
    private let statement: OpaquePointer
    private let connection: OpaquePointer
    private let sql: String

    /// - Throws: `DatabaseError`.
    init(_ db: Database, _ sql: String) throws {
        let cached = try db.cachedStatement(sql: sql)
        guard let connection = db.sqliteConnection else {
            throw DatabaseError(resultCode: .SQLITE_MISUSE, message: "the connection is closed")
        }
        statement = cached.sqliteStatement
        self.connection = connection
        self.sql = sql
        reset()
    }

    func reset() {
        sqlite3_reset(statement)
        sqlite3_clear_bindings(statement)
    }

    func bind(_ index: Int32, _ value: Int64) { sqlite3_bind_int64(statement, index, value) }
    func bindNull(_ index: Int32) { sqlite3_bind_null(statement, index) }
    /// The bytes must stay where they are until the statement was reset.
    func bind(_ index: Int32, _ bytes: UnsafeRawBufferPointer) {
        sqlite3_bind_blob64(statement, index, bytes.baseAddress, UInt64(bytes.count), nil)
    }
    func bindZeros(_ index: Int32, count: Int) { sqlite3_bind_zeroblob64(statement, index, UInt64(count)) }

    /// True when a row came.
    func step() throws -> Bool {
        switch sqlite3_step(statement) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code:
            let message = String(cString: sqlite3_errmsg(connection))
            reset()
            throw DatabaseError(resultCode: ResultCode(rawValue: code), message: message, sql: sql)
        }
    }

    /// Runs a statement that returns no rows.
    func run() throws {
        while try step() {}
        reset()
    }

    func isNull(_ column: Int32) -> Bool { sqlite3_column_type(statement, column) == SQLITE_NULL }
    func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(statement, column) }
    func text(_ column: Int32) -> String { sqlite3_column_text(statement, column).map { String(cString: $0) } ?? "" }
    /// Valid until the next step or reset.
    func blob(_ column: Int32) -> UnsafeRawBufferPointer {
        guard sqlite3_column_type(statement, column) == SQLITE_BLOB else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        let start = sqlite3_column_blob(statement, column)
        return UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : Int(sqlite3_column_bytes(statement, column)))
    }
}
