internal import Foundation
internal import GRDB

/// A question that was asked before, with what was answered.
public struct LoggedQuestion: Hashable, Sendable, Codable {
    public struct Source: Hashable, Sendable, Codable {
        /// Marker in the answer's text.
        public var number: Int
        public var document: DocumentReference
        public var firstLine: Int
        public var lastLine: Int
        public var quote: String
    }

    public var id: Int64
    /// As `2025-01-31T12:00:00Z`.
    public var askedAt: String
    public var question: String
    public var outcome: AnswerOutcome
    /// Sentences with their markers; empty for a refusal.
    public var answer: String
    /// Name of the language model; `nil` for extractive answers.
    public var model: String?
    public var evidence: Double
    public var sources: [Source]
}

/// The tables `questions` and `question_sources`. Every function runs within the caller's transaction or snapshot.
enum QuestionLog {
    /// Most questions kept; the oldest make room.
    static let capacity = 10_000

    /// A knowledge base that was made before there was a log and can only be read has none.
    static func exists(_ db: Database) throws -> Bool { try db.tableExists("questions") }

    /// - Parameter read: documents whose text the answer was made from, cited or not.
    static func record(_ answer: Answer, read: Set<Int64>, _ db: Database) throws {
        // What has been removed while the question was answered must leave no trace here.
        let documents = read.union(answer.citations.map(\.document.id))
        for id in documents.sorted() where try !DocumentListing.exists(id, db) { return }
        try db.execute(
            sql: "INSERT INTO questions (asked_at, question, outcome, answer, model, evidence) VALUES (?, ?, ?, ?, ?, ?)",
            arguments: [Timestamp.now(), answer.question, answer.outcome.rawValue, answer.text, answer.model, answer.evidence])
        let id = db.lastInsertedRowID
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO question_sources (question_id, document_id, number, first_line, last_line, quote)
                VALUES (?, ?, ?, ?, ?, ?)
                """)
        for citation in answer.citations {
            try statement.execute(arguments: [
                id, citation.document.id, citation.number, citation.location.firstLine, citation.location.lastLine, citation.quote,
            ])
        }
        for document in documents.subtracting(answer.citations.map(\.document.id)).sorted() {
            try statement.execute(arguments: [id, document, nil, nil, nil, nil])
        }
        try db.execute(
            sql: "DELETE FROM questions WHERE id <= (SELECT id FROM questions ORDER BY id DESC LIMIT 1 OFFSET ?)", arguments: [capacity])
    }

    /// Newest first.
    static func latest(_ limit: Int, _ db: Database) throws -> [LoggedQuestion] {
        guard try exists(db) else { return [] }
        let rows = try Row.fetchAll(
            db,
            sql: "SELECT id, asked_at, question, outcome, answer, model, evidence FROM questions ORDER BY id DESC LIMIT ?",
            arguments: [limit])
        return try rows.map { row in
            LoggedQuestion(
                id: row["id"], askedAt: row["asked_at"], question: row["question"],
                outcome: AnswerOutcome(rawValue: row["outcome"]) ?? .noEvidence, answer: row["answer"], model: row["model"],
                evidence: row["evidence"], sources: try sources(of: row["id"], db))
        }
    }

    private static func sources(of question: Int64, _ db: Database) throws -> [LoggedQuestion.Source] {
        let statement = try db.cachedStatement(
            sql: """
                SELECT s.number, d.id, d.path, d.title, c.name, s.first_line, s.last_line, s.quote FROM question_sources s
                JOIN documents d ON d.id = s.document_id JOIN collections c ON c.id = d.collection_id
                WHERE s.question_id = ? AND s.number IS NOT NULL ORDER BY s.number
                """)
        return try Row.fetchAll(statement, arguments: [question]).map { row in
            LoggedQuestion.Source(
                number: row[0], document: DocumentReference(id: row[1], path: row[2], title: row[3], collection: row[4]),
                firstLine: row[5], lastLine: row[6], quote: row[7])
        }
    }

    /// - Returns: how many there were.
    static func clear(_ db: Database) throws -> Int {
        guard try exists(db) else { return 0 }
        try db.execute(sql: "DELETE FROM questions")
        return db.changesCount
    }
}

extension KnowledgeBase {
    /// Questions asked before, newest first. They are kept when `KnowledgeBaseOptions.logsQuestions` is set.
    ///
    /// When a document is removed or changes, the entries whose answers were made from it are removed with it.
    public func questionLog(limit: Int = 20) async throws -> [LoggedQuestion] {
        let limit = max(0, limit)
        return try await store.read { db in try QuestionLog.latest(limit, db) }
    }

    /// Forgets all questions.
    /// - Returns: how many there were.
    @discardableResult
    public func clearQuestionLog() async throws -> Int {
        let count = try await store.write { db in try QuestionLog.clear(db) }
        try await store.checkpoint()
        return count
    }

    /// How long a question waits for other writers before it goes unrecorded.
    private static var logTimeout: Duration { .milliseconds(500) }

    /// Adds an answer to the log.
    /// - Returns: why that was not possible; the answer stands all the same.
    func logged(_ answer: Answer, results: [SearchResult]) async -> String? {
        let included = Set(answer.context.includedChunks)
        let read = Set(results.filter { included.contains($0.chunkID) }.map(\.document.id))
        do {
            try await store.write(waiting: Self.logTimeout) { db in try QuestionLog.record(answer, read: read, db) }
            return nil
        } catch KnowledgeBaseError.readOnly {
            return "the question was not logged: the knowledge base can only be read"
        } catch {
            return "the question was not logged: \(error)"
        }
    }
}
