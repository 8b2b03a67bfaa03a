internal import GRDB

extension Schema {
    /// Tables of the question log. A trigger takes an entry away with any document its answer was made from, however that
    /// document goes: removed, replaced by a newer text, or dropped with its generation.
    @Sendable static func addQuestionLog(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE questions (
                  id INTEGER PRIMARY KEY AUTOINCREMENT,
                  asked_at TEXT NOT NULL,
                  question TEXT NOT NULL,
                  outcome TEXT NOT NULL CHECK (outcome IN ('answered', 'noEvidence')),
                  answer TEXT NOT NULL,
                  model TEXT,
                  evidence REAL NOT NULL
                ) STRICT;
                CREATE TABLE question_sources (
                  id INTEGER PRIMARY KEY,
                  question_id INTEGER NOT NULL REFERENCES questions (id) ON DELETE CASCADE,
                  document_id INTEGER NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
                  number INTEGER,
                  first_line INTEGER,
                  last_line INTEGER,
                  quote TEXT,
                  UNIQUE (question_id, number)
                ) STRICT;
                CREATE INDEX question_sources_document ON question_sources (document_id);
                CREATE TRIGGER documents_forget_questions BEFORE DELETE ON documents BEGIN
                  DELETE FROM questions WHERE id IN (SELECT question_id FROM question_sources WHERE document_id = OLD.id);
                END;
                """)
    }
}
