import Foundation
import GRDB
import VectorIndex

/// A database with documents, their words and their vectors, which change together.
struct Store {
    let pool: DatabasePool
    let index: VectorIndex

    init(_ path: String) throws {
        var configuration = Configuration()
        configuration.busyMode = .timeout(10)
        configuration.maximumReaderCount = 8
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA secure_delete = ON; PRAGMA synchronous = NORMAL")
        }
        let pool = try DatabasePool(path: path, configuration: configuration)
        index = try pool.write { db in
            if let index = try VectorIndex.open(named: "main", in: db) { return index }
            try db.execute(sql: """
                CREATE TABLE progress (number INTEGER NOT NULL);
                INSERT INTO progress VALUES (0);
                CREATE TABLE documents (id INTEGER PRIMARY KEY, version INTEGER NOT NULL, text TEXT NOT NULL);
                CREATE VIRTUAL TABLE words USING fts5 (text);
                """)
            let parameters = IndexParameters(dimension: Model.dimension, neighbors: 8, constructionWidth: 60)
            return try VectorIndex.create(named: "main", parameters: parameters, in: db)
        }
        self.pool = pool
    }

    func progress(_ db: Database) throws -> Int { try Int.fetchOne(db, sql: "SELECT number FROM progress") ?? -1 }

    /// The next transaction.
    func apply(_ model: Model) throws {
        let number = model.transaction + 1
        let change = model.change(number)
        try pool.write { db in
            for id in change.removed + change.written {
                try db.execute(sql: "DELETE FROM documents WHERE id = ?", arguments: [id])
                try db.execute(sql: "DELETE FROM words WHERE rowid = ?", arguments: [id])
            }
            try index.remove(ids: change.removed, in: db)
            for id in change.written {
                let text = "document \(id) of transaction\(number)"
                try db.execute(sql: "INSERT INTO documents VALUES (?, ?, ?)", arguments: [id, number, text])
                try db.execute(sql: "INSERT INTO words (rowid, text) VALUES (?, ?)", arguments: [id, text])
            }
            try index.insert(change.written.map { ($0, model.vector($0, version: number)) }, in: db)
            try db.execute(sql: "UPDATE progress SET number = ?", arguments: [number])
        }
    }

    /// Everything that is wrong with the database, compared with the model at the transaction that it says it is at.
    func faults(seed: UInt64, atLeast acknowledged: Int) throws -> [String] {
        try pool.read { db in
            let number = try progress(db)
            guard number >= acknowledged, number <= acknowledged + 1 else {
                return ["transaction \(acknowledged) was committed, and the database is at \(number)"]
            }
            var model = Model(seed: seed)
            while model.transaction < number { model.advance() }
            var faults = try index.check(in: db).map(\.description)
            let integrity = try String.fetchAll(db, sql: "PRAGMA integrity_check")
            if integrity != ["ok"] { faults += integrity }
            let rows = try Row.fetchAll(db, sql: "SELECT id, version FROM documents")
            let found = Dictionary(rows.map { ($0["id"] as Int64, $0["version"] as Int) }, uniquingKeysWith: { $1 })
            if found != model.versions { faults.append("the documents are not those of transaction \(number)") }
            let words = try Int.fetchSet(db, sql: "SELECT rowid FROM words")
            if words != Set(model.versions.keys.map { Int($0) }) { faults.append("the words are not those of transaction \(number)") }
            if try index.count(in: db) != model.versions.count { faults.append("the vectors are not those of transaction \(number)") }
            return try faults + wrongAnswers(model, db)
        }
    }

    private func wrongAnswers(_ model: Model, _ db: Database) throws -> [String] {
        var faults: [String] = []
        var hits = 0
        var asked = 0
        for (id, version) in model.versions.sorted(by: { $0.key < $1.key }) {
            let vector = model.vector(id, version: version)
            guard let stored = try index.vector(of: id, in: db), zip(stored, vector).allSatisfy({ abs($0 - $1) < 1e-6 }) else {
                faults.append("vector \(id) is not the one of transaction \(version)")
                continue
            }
            guard id % 40 == 0 else { continue }
            let exact = model.versions.map { (id: $0.key, score: dot(vector, model.vector($0.key, version: $0.value))) }
                .sorted { ($1.score, $0.id) < ($0.score, $1.id) }.prefix(10)
            let found = try index.search(vector, k: 10, width: 100, in: db)
            hits += Set(found.map(\.id)).intersection(exact.map(\.id)).count
            asked += exact.count
        }
        if asked > 0, Double(hits) / Double(asked) < 0.97 { faults.append("recall \(Double(hits) / Double(asked))") }
        return faults
    }
}

func dot(_ a: [Float], _ b: [Float]) -> Float { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
