public import Foundation

/// How an evaluation is run.
public struct QuestionEvaluationOptions: Sendable {
    /// Questions to ask, drawn at random; `nil` for all.
    public var sample: Int?
    public var seed: UInt64 = 1
    /// Share of the titles whose passages are left out, so that their questions have no answer in the knowledge base.
    public var heldOut = 0.1
    public var ask: AskOptions
    /// Where to write the features of every question and its sentences, for fitting; nothing is asked then.
    public var dump: URL?
    /// Where to write what came of every question, a line of JSON each.
    public var records: URL?
    /// Words of an answer that count.
    public var wordLimit = 60

    public init(ask: AskOptions = AskOptions()) { self.ask = ask }
}

/// Asks the questions of a set of a knowledge base made of its passages, and compares what comes back with what is
/// known: no language model judges.
public struct QuestionEvaluation: Sendable {
    public let options: QuestionEvaluationOptions
    private let passages: [PassageFolder.Passage]
    private let cases: [Case]

    enum Kind: String, Sendable, Codable {
        case answerable, outOfScope, nearMiss
    }

    struct Case: Sendable {
        var question: EvaluationQuestion
        var kind: Kind
        /// Stored path of the passage; `nil` when it was left out.
        var passage: String?

        func isPassage(_ document: DocumentReference) -> Bool { passage.map { document.path.hasSuffix("/" + $0) } ?? false }
    }

    /// - Parameter passages: files whose passages are put into the knowledge base, too, and whose questions are not asked.
    /// - Throws: `EvaluationError` for a file that cannot be read.
    public init(files: [URL], passages others: [URL] = [], options: QuestionEvaluationOptions) throws {
        let questions = try files.flatMap { try QuestionFile.read($0) }
        let more = try others.flatMap { try QuestionFile.read($0) }
        self.options = options
        var random = SeededGenerator(seed: options.seed)
        let titles = Set(questions.map(\.title)).sorted().shuffled(using: &random)
        let left = Set(titles.prefix(Int((Double(titles.count) * options.heldOut).rounded())))
        var names: [String: String] = [:]
        var passages: [PassageFolder.Passage] = []
        for question in questions.filter({ !left.contains($0.title) }) + more where names[question.context] == nil {
            let name = "passage-\(passages.count).txt"
            names[question.context] = name
            passages.append(PassageFolder.Passage(name: name, text: question.context))
        }
        let cases = questions.compactMap { question -> Case? in
            let passage = left.contains(question.title) ? nil : names[question.context]
            if passage == nil { return question.answerable ? Case(question: question, kind: .outOfScope) : nil }
            return Case(question: question, kind: question.answerable ? .answerable : .nearMiss, passage: passage)
        }
        self.passages = passages
        self.cases = options.sample.map { Array(cases.shuffled(using: &random).prefix($0)) } ?? cases
    }

    public var passageCount: Int { passages.count }
    public var questionCount: Int { cases.count }

    /// Makes the knowledge base in `folder` (what is there from an earlier run is used again) and asks every question.
    /// - Parameter progress: called with the number of questions asked.
    public func run(
        in folder: URL, base options: KnowledgeBaseOptions = KnowledgeBaseOptions(),
        progress: @Sendable (Int) -> Void = { _ in }
    ) async throws -> QuestionReport {
        let base = try await PassageFolder(folder).base(of: passages, options: options)
        var records: [QuestionRecord] = []
        if let dump = self.options.dump {
            try await write(cases, of: base, to: dump, progress: progress)
            return QuestionReport(records: [], passages: passages.count, options: self.options, model: nil)
        }
        for item in cases {
            records.append(try await ask(item, of: base))
            progress(records.count)
        }
        if let file = self.options.records { try JSONLines.write(records, to: file) }
        return QuestionReport(
            records: records, passages: passages.count, options: self.options,
            model: records.lazy.compactMap(\.model).first)
    }

    private func write(
        _ cases: [Case], of base: KnowledgeBase, to dump: URL, progress: @Sendable (Int) -> Void
    ) async throws {
        var lines = Data()
        for (index, item) in cases.enumerated() {
            lines += try await EvidenceDump(item, of: base, options: options.ask).line()
            progress(index + 1)
        }
        try lines.write(to: dump)
    }

    private func ask(_ item: Case, of base: KnowledgeBase) async throws -> QuestionRecord {
        var record = QuestionRecord(item)
        if let passage = item.passage, item.kind == .answerable {
            for mode in SearchOptions.Mode.allCases {
                var search = options.ask.search
                search.mode = mode
                let results = try await base.search(item.question.question, options: search)
                record.ranks[mode.rawValue] = results.firstIndex { $0.document.path.hasSuffix("/" + passage) }.map { $0 + 1 }
            }
        }
        let clock = ContinuousClock.now
        for try await event in base.ask(item.question.question, options: options.ask) {
            switch event {
            case .facts, .text, .sentence:
                if record.secondsToFirstWord == nil { record.secondsToFirstWord = (ContinuousClock.now - clock) / .seconds(1) }
            case .finished(let answer):
                record.seconds = (ContinuousClock.now - clock) / .seconds(1)
                try await record.score(answer, item, wordLimit: options.wordLimit, base)
            case .retrieved(let results):
                guard let passage = item.passage, item.kind == .answerable else { break }
                record.ranks["reranked"] = results.firstIndex { $0.document.path.hasSuffix("/" + passage) }.map { $0 + 1 }
            }
        }
        return record
    }
}
