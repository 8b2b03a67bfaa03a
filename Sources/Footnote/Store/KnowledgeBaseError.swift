import Foundation
import GRDB
import VectorIndex

/// What can go wrong with a knowledge base: what, where, and what to do about it.
public enum KnowledgeBaseError: Error, Sendable, Equatable, CustomStringConvertible {
    /// There is no knowledge base at or above the path.
    case notFound(path: String)
    /// The database was made by a newer version of Footnote.
    case newerVersion(path: String, found: Int, supported: Int)
    /// The file is something else: not SQLite, or another program's database.
    case notAKnowledgeBase(path: String, reason: String)
    /// SQLite found the file damaged.
    case corrupt(path: String, detail: String)
    /// The file or its folder cannot be written.
    case readOnly(path: String)
    case diskFull(path: String)
    /// Another process kept the write lock. `holder` says which, where that is known.
    case busy(path: String, holder: String?, waitedSeconds: Int)
    /// The knowledge base was made with one embedding model and opened with another.
    case modelMismatch(stored: String, given: String)
    /// No embedding model is at hand where one is needed.
    case noEmbeddingModel(reason: String)
    case documentNotFound(reference: String)
    /// The reference fits several documents.
    case ambiguousDocument(reference: String, candidates: [String])
    /// Documents cannot be cut as asked for with this embedding model.
    case chunkingUnsupported(strategy: String, reason: String)
    /// A path given to `index` that does not exist and never was indexed.
    case noSuchFile(path: String)
    /// Any other failure of SQLite.
    case database(path: String, detail: String)

    public var description: String {
        switch self {
        case .notFound(let path):
            "no knowledge base at or above \(path); make one with `footnote index FOLDER`, or name one with --db"
        case .newerVersion(let path, let found, let supported):
            "\(path) was made by a newer version of Footnote (file format \(found), this one reads up to \(supported)); "
                + "update Footnote"
        case .notAKnowledgeBase(let path, let reason):
            "\(path) is not a knowledge base: \(reason)"
        case .corrupt(let path, let detail):
            "\(path) is damaged (\(detail)); restore a copy, or delete it and index again"
        case .readOnly(let path):
            "\(path) cannot be written; check the permissions of the file and its folder"
        case .diskFull(let path):
            "no space left for \(path); what was indexed before is safe: free some space and index again"
        case .busy(let path, let holder, let seconds):
            "\(path) is being written by \(holder ?? "another process"); waited \(seconds) s: try again when it is done"
        case .modelMismatch(let stored, let given):
            "the knowledge base was made with the embedding model \(stored) and cannot be searched with \(given); "
                + "use that model, or index again with --force to change over"
        case .noEmbeddingModel(let reason):
            "no embedding model: \(reason)"
        case .documentNotFound(let reference):
            "no document \(reference) in the knowledge base; `footnote ls` shows what is there"
        case .ambiguousDocument(let reference, let candidates):
            "\(reference) could be any of: \(candidates.joined(separator: ", ")); give more of the path"
        case .chunkingUnsupported(let strategy, let reason):
            "chunking \(strategy) is not possible: \(reason); choose another with --chunking"
        case .noSuchFile(let path):
            "\(path) does not exist"
        case .database(let path, let detail):
            "database error in \(path): \(detail)"
        }
    }
}

extension KnowledgeBaseError {
    /// Names both models; where they are called the same, their digests too.
    static func modelMismatch(stored: Generation, given: ModelIdentity) -> KnowledgeBaseError {
        func name(_ model: ModelIdentity, _ note: String) -> String {
            let digest = stored.model.name == given.name ? ["SHA-256 \(model.digest.prefix(12))…"] : []
            let notes = (digest + [note]).filter { !$0.isEmpty }.joined(separator: ", ")
            return notes.isEmpty ? model.name : "\(model.name) (\(notes))"
        }
        return .modelMismatch(stored: name(stored.model, "\(stored.dimension) dimensions"), given: name(given, ""))
    }

    /// Translates SQLite's errors; passes every other error through.
    static func translating(_ error: any Error, path: String) -> any Error {
        if let error = error as? VectorIndexError {
            return switch error {
            case .corrupt, .noSuchIndex, .replaced: Self.corrupt(path: path, detail: error.description)
            default: Self.database(path: path, detail: error.description)
            }
        }
        guard let error = error as? DatabaseError else { return error }
        let detail = error.message ?? "code \(error.extendedResultCode.rawValue)"
        return switch error.resultCode {
        case .SQLITE_NOTADB: Self.notAKnowledgeBase(path: path, reason: "it is no SQLite database")
        case .SQLITE_CORRUPT: Self.corrupt(path: path, detail: detail)
        case .SQLITE_FULL: Self.diskFull(path: path)
        case .SQLITE_READONLY, .SQLITE_PERM: Self.readOnly(path: path)
        case .SQLITE_BUSY, .SQLITE_LOCKED: Self.busy(path: path, holder: nil, waitedSeconds: 0)
        default: Self.database(path: path, detail: detail)
        }
    }
}
