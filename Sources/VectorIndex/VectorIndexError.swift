/// What can go wrong with a vector index; each says what and where.
package enum VectorIndexError: Error, Equatable, CustomStringConvertible {
    case badParameter(String)
    /// A vector of another length than the index was made for.
    case dimensionMismatch(index: String, expected: Int, found: Int)
    /// A vector with an element that is not a finite number, or of length 0.
    case badVector(id: Int64?, reason: String)
    /// The index is not (or no longer) in this database.
    case noSuchIndex(String)
    case alreadyExists(String)
    /// Dropped and made anew since it was opened.
    case replaced(String)
    /// Made by a newer version of this program.
    case unsupported(index: String, what: String)
    /// Changes belong into a write transaction.
    case notInTransaction(index: String)
    /// What the file holds cannot be: rebuild the index from its vectors, or restore a copy.
    case corrupt(table: String, slot: Int64?, reason: String)

    package var description: String {
        switch self {
        case .badParameter(let what): "vector index: \(what)"
        case .dimensionMismatch(let index, let expected, let found):
            "vector index '\(index)' holds vectors of \(expected) dimensions, but was given one of \(found): "
                + "index and question must use the same embedding model"
        case .badVector(let id, let reason):
            "vector\(id.map { " \($0)" } ?? "") cannot be used: \(reason)"
        case .noSuchIndex(let name): "there is no vector index '\(name)' in this database"
        case .alreadyExists(let name): "there is already a vector index '\(name)' in this database"
        case .replaced(let name): "vector index '\(name)' was dropped and made anew: open it again"
        case .unsupported(let index, let what):
            "vector index '\(index)' was made by another version of this program (\(what)): use that version, or remove the "
                + "database file and index the documents again"
        case .notInTransaction(let index): "vector index '\(index)' can only be changed inside a transaction"
        case .corrupt(let table, let slot, let reason):
            "vector index is damaged: table \(table)\(slot.map { ", slot \($0)" } ?? ""): \(reason); "
                + "repair it (`footnote doctor --repair`), or restore a copy of the database"
        }
    }
}
